/** The listeners' side of DTLSServer: `on` and its like, and a property OnX for each event. */
import type { DTLSServerEventMap, DTLSServerEventName } from "./events.js";
import type { Listener, Listeners } from "./listeners.js";

/** Called with the event, and the server as `this`. A promise that it returns is taken care of. */
export type DTLSServerListener<Name extends DTLSServerEventName> = Listener<DTLSServerEventMap[Name]>;

/** Null: no handler. */
export type Handler<Name extends DTLSServerEventName> = DTLSServerListener<Name> | null;

/**
 * Listeners are called from the event loop, one event after the other, never inside the call that causes an
 * event: the handler in OnX first, then those of `on`, in the order they were added. One that throws keeps
 * nobody else from being called; its exception surfaces as uncaughtException. One may be async: for
 * ConnectionRequest and SSLClientAuthentication the decision waits for it, a rejection refuses; for all
 * events a rejection is reported as Error event 10022.
 */
export abstract class DTLSServerEvents {
  readonly #listeners: Listeners;

  constructor(listeners: Listeners) {
    this.#listeners = listeners;
  }

  /**
   * Adds a listener; one that is added twice is called twice. Throws 10022 for an event that there is not,
   * and for what is no function, here and in the three below.
   */
  on<Name extends DTLSServerEventName>(event: Name, listener: DTLSServerListener<Name>): this {
    this.#listeners.add(event, listener, false);
    return this;
  }

  /** As `on`, for the next event only. */
  once<Name extends DTLSServerEventName>(event: Name, listener: DTLSServerListener<Name>): this {
    this.#listeners.add(event, listener, true);
    return this;
  }

  /** Takes a listener away, the one added last if there are several like it. None: nothing happens. */
  off<Name extends DTLSServerEventName>(event: Name, listener: DTLSServerListener<Name>): this {
    this.#listeners.remove(event, listener);
    return this;
  }

  /** The same as `off`. */
  removeListener<Name extends DTLSServerEventName>(event: Name, listener: DTLSServerListener<Name>): this {
    return this.off(event, listener);
  }

  /**
   * Called when a handshake has finished or failed. Null, the default: nobody. Throws 10022 for what is
   * neither function nor null.
   */
  get OnConnected(): Handler<"Connected"> {
    return this.#handler("Connected");
  }
  set OnConnected(handler: Handler<"Connected">) {
    this.#listeners.setHandler("Connected", handler);
  }

  /**
   * Called when a client wants to connect; decides whether it may. Null, the default: nobody. Throws 10022
   * for what is neither function nor null.
   */
  get OnConnectionRequest(): Handler<"ConnectionRequest"> {
    return this.#handler("ConnectionRequest");
  }
  set OnConnectionRequest(handler: Handler<"ConnectionRequest">) {
    this.#listeners.setHandler("ConnectionRequest", handler);
  }

  /**
   * Called for each datagram. Null, the default: nobody. Throws 10022 for what is neither function nor null.
   */
  get OnDataIn(): Handler<"DataIn"> {
    return this.#handler("DataIn");
  }
  set OnDataIn(handler: Handler<"DataIn">) {
    this.#listeners.setHandler("DataIn", handler);
  }

  /**
   * Called when a connection has ended. Null, the default: nobody. Throws 10022 for what is neither function
   * nor null.
   */
  get OnDisconnected(): Handler<"Disconnected"> {
    return this.#handler("Disconnected");
  }
  set OnDisconnected(handler: Handler<"Disconnected">) {
    this.#listeners.setHandler("Disconnected", handler);
  }

  /**
   * Called for what went wrong where no call could throw. Null, the default: nobody. Throws 10022 for what is
   * neither function nor null.
   */
  get OnError(): Handler<"Error"> {
    return this.#handler("Error");
  }
  set OnError(handler: Handler<"Error">) {
    this.#listeners.setHandler("Error", handler);
  }

  /**
   * Called for each line of the log up to Config's LogLevel. Null, the default: nobody. Throws 10022 for what
   * is neither function nor null.
   */
  get OnLog(): Handler<"Log"> {
    return this.#handler("Log");
  }
  set OnLog(handler: Handler<"Log">) {
    this.#listeners.setHandler("Log", handler);
  }

  /**
   * Called when a client has shown its certificate; decides whether that will do. Null, the default: nobody.
   * Throws 10022 for what is neither function nor null.
   */
  get OnSSLClientAuthentication(): Handler<"SSLClientAuthentication"> {
    return this.#handler("SSLClientAuthentication");
  }
  set OnSSLClientAuthentication(handler: Handler<"SSLClientAuthentication">) {
    this.#listeners.setHandler("SSLClientAuthentication", handler);
  }

  /**
   * Called for each step of a handshake. Null, the default: nobody. Throws 10022 for what is neither function
   * nor null.
   */
  get OnSSLStatus(): Handler<"SSLStatus"> {
    return this.#handler("SSLStatus");
  }
  set OnSSLStatus(handler: Handler<"SSLStatus">) {
    this.#listeners.setHandler("SSLStatus", handler);
  }

  /** The list is untyped inside: only the setters above put anything into it. */
  #handler<Name extends DTLSServerEventName>(event: Name): Handler<Name> {
    return this.#listeners.handler(event) as Handler<Name>;
  }
}
