/** DTLSServer under the JS edition's spellings. */
import { counters as countersOf, DTLSServer } from "../component/dtls-server.js";
import type { DTLSServerEventName } from "../component/events.js";
import type { Counters } from "../counters.js";
import { badArgument } from "../errors.js";
import { Certificate, originalCertificate } from "./certificate.js";
import { Connections } from "./connections.js";
import { SpelledListeners } from "./events.js";
import { spelledClass } from "./facade.js";
import { type objectNames, serverMembers } from "./members.js";
import type { EventListener } from "./spellings.js";

let serverOf: (server: dtlsserver) => DTLSServer;

const SpelledServer = spelledClass<Omit<DTLSServer, (typeof objectNames)[number]>>(serverMembers);

/**
 * A DTLS 1.2 server (RFC 6347) on one UDP port: the package's DTLSServer, under the names of the JS edition.
 *
 * ```ts
 * const server = new dtlsserver();
 * server.setSSLCert(new Certificate(CertStoreTypes.cstPFXFile, "server.pfx", "password", "*"));
 * server.setLocalPort(4433);
 * server.on("DataIn", (e) => server.sendBytes(e.connectionId, e.datagramB));
 * await server.startListening();
 * ```
 *
 * Getters and setters throw DTLSError. Methods do their work at once, and return a promise that rejects with it;
 * with a callback as last argument they tell that instead, and the promise never rejects. A direct instance takes
 * no properties: assigning one (`server.LocalPort = 4433`) throws a TypeError.
 */
export class dtlsserver extends SpelledServer {
  readonly #server: DTLSServer;
  readonly #certificate: Certificate;
  readonly #connections: Connections;
  readonly #listeners = new SpelledListeners(this);

  constructor() {
    const server = new DTLSServer();
    super(server);
    this.#server = server;
    this.#certificate = new Certificate(server.SSLCert);
    this.#connections = new Connections(server.Connections);
    if (new.target === dtlsserver) Object.preventExtensions(this);
  }

  /** Live view of the open connections: `get` and `item` take a ConnectionId. */
  getConnections(): Connections {
    return this.#connections;
  }

  /** The server's certificate; its members are the getSSLCertX and setSSLCertX without "SSLCert". */
  getSSLCert(): Certificate {
    return this.#certificate;
  }

  /**
   * Copies. While listening, a certificate with its key serves the handshakes that start afterwards; one that
   * cannot serve throws 404, or 402 if no cipher suite works with its key, and changes nothing.
   */
  setSSLCert(certificate: Certificate): void {
    const original = originalCertificate(certificate);
    if (!original) throw badArgument("SSLCert must be a Certificate");
    this.#server.SSLCert = original;
  }

  /**
   * Adds a listener; one that is added twice is called twice. Throws 10022 for an event that there is not,
   * and for what is no function, here and in the three below.
   */
  on<Name extends DTLSServerEventName>(event: Name, listener: EventListener<Name>): this {
    this.#server.on(event, this.#listeners.of(listener));
    return this;
  }

  /** As `on`, for the next event only. */
  once<Name extends DTLSServerEventName>(event: Name, listener: EventListener<Name>): this {
    this.#server.once(event, this.#listeners.of(listener));
    return this;
  }

  /** Takes a listener away, the one added last if there are several like it. None: nothing happens. */
  off<Name extends DTLSServerEventName>(event: Name, listener: EventListener<Name>): this {
    this.#server.off(event, this.#listeners.of(listener));
    return this;
  }

  /** The same as `off`. */
  removeListener<Name extends DTLSServerEventName>(event: Name, listener: EventListener<Name>): this {
    return this.off(event, listener);
  }

  static {
    serverOf = (server) => server.#server;
  }
}

/** What a server has counted since it was made, or since its last reset. */
export function counters(server: dtlsserver): Counters {
  if (!(server instanceof dtlsserver)) throw badArgument("counters takes a dtlsserver");
  return countersOf(serverOf(server));
}
