/** The listeners' side of DTLSServer: `on` and its like, and a property OnX for each event. */
import type { DTLSServerEventMap, DTLSServerEventName } from "./events.js";
import type { Listener, Listeners } from "./listeners.js";

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

  /** Throws 10022 for an event that there is not. */
  on<Name extends DTLSServerEventName>(event: Name, listener: DTLSServerListener<Name>): this {
    this.#listeners.add(event, listener, false);
    return this;
  }

  once<Name extends DTLSServerEventName>(event: Name, listener: DTLSServerListener<Name>): this {
    this.#listeners.add(event, listener, true);
    return this;
  }

  off<Name extends DTLSServerEventName>(event: Name, listener: DTLSServerListener<Name>): this {
    this.#listeners.remove(event, listener);
    return this;
  }

  removeListener<Name extends DTLSServerEventName>(event: Name, listener: DTLSServerListener<Name>): this {
    return this.off(event, listener);
  }

  get OnConnected(): Handler<"Connected"> {
    return this.#handler("Connected");
  }
  set OnConnected(handler: Handler<"Connected">) {
    this.#listeners.setHandler("Connected", handler);
  }

  get OnConnectionRequest(): Handler<"ConnectionRequest"> {
    return this.#handler("ConnectionRequest");
  }
  set OnConnectionRequest(handler: Handler<"ConnectionRequest">) {
    this.#listeners.setHandler("ConnectionRequest", handler);
  }

  get OnDataIn(): Handler<"DataIn"> {
    return this.#handler("DataIn");
  }
  set OnDataIn(handler: Handler<"DataIn">) {
    this.#listeners.setHandler("DataIn", handler);
  }

  get OnDisconnected(): Handler<"Disconnected"> {
    return this.#handler("Disconnected");
  }
  set OnDisconnected(handler: Handler<"Disconnected">) {
    this.#listeners.setHandler("Disconnected", handler);
  }

  get OnError(): Handler<"Error"> {
    return this.#handler("Error");
  }
  set OnError(handler: Handler<"Error">) {
    this.#listeners.setHandler("Error", handler);
  }

  get OnLog(): Handler<"Log"> {
    return this.#handler("Log");
  }
  set OnLog(handler: Handler<"Log">) {
    this.#listeners.setHandler("Log", handler);
  }

  get OnSSLClientAuthentication(): Handler<"SSLClientAuthentication"> {
    return this.#handler("SSLClientAuthentication");
  }
  set OnSSLClientAuthentication(handler: Handler<"SSLClientAuthentication">) {
    this.#listeners.setHandler("SSLClientAuthentication", handler);
  }

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
