import { Certificate, selectionOf } from "../certificate/certificate.js";
import type { Counters } from "../counters.js";
import { badArgument } from "../errors.js";
import { makeReadOnly } from "../read-only.js";
import { toBoolean, toBytes, toInteger } from "../values.js";
import { type ConnectionArray, Connections, connectionArray } from "./connections.js";
import { eventNames } from "./events.js";
import { Listeners } from "./listeners.js";
import { DTLSServerCertificate } from "./server-certificate.js";
import { ServerCore } from "./server-core.js";

let countersOf: (server: DTLSServer) => Counters;

/**
 * A DTLS 1.2 server (RFC 6347) on one UDP port.
 *
 * ```ts
 * const server = new DTLSServer();
 * server.SSLCert = new Certificate("server.pfx", CertStoreTypes.cstPFXFile, "password", "*");
 * server.LocalPort = 4433;
 * server.OnDataIn = (e) => server.SendBytes(e.ConnectionId, e.DatagramB);
 * server.StartListening();
 * ```
 *
 * Names, defaults and meaning are those of the documented component. Setters and methods throw DTLSError and
 * then have changed nothing. A direct instance takes no other properties: a misspelt one throws a TypeError.
 */
export class DTLSServer extends DTLSServerCertificate {
  readonly #core: ServerCore;
  readonly #connections: Connections;
  readonly #connectionIds: ConnectionArray<number>;
  readonly #localHosts: ConnectionArray<string>;
  readonly #localPorts: ConnectionArray<number>;
  readonly #remoteHosts: ConnectionArray<string>;
  readonly #remotePorts: ConnectionArray<number>;

  constructor() {
    const listeners = new Listeners(eventNames);
    super(listeners);
    this.#core = new ServerCore(this, listeners);
    this.#connections = new Connections(this.#core);
    this.#connectionIds = connectionArray(this.#connections, (connection) => connection.ConnectionId);
    this.#localHosts = connectionArray(this.#connections, (connection) => connection.LocalHost);
    this.#localPorts = connectionArray(this.#connections, (connection) => connection.LocalPort);
    this.#remoteHosts = connectionArray(this.#connections, (connection) => connection.RemoteHost);
    this.#remotePorts = connectionArray(this.#connections, (connection) => connection.RemotePort);
    if (new.target === DTLSServer) Object.preventExtensions(this);
  }

  // --- connections

  /** Open, fully handshaken connections. Read-only. */
  get ConnectionCount(): number {
    return this.#core.connectionCount();
  }

  /** Live view of the open connections, by ConnectionId. Read-only. */
  get Connections(): Connections {
    return this.#connections;
  }

  /** By ConnectionId, as the four below; an id of no open connection throws 126. Read-only. */
  get ConnectionConnectionId(): ConnectionArray<number> {
    return this.#connectionIds;
  }

  /** IP address that the peer reached this server at, by ConnectionId. Read-only. */
  get ConnectionLocalHost(): ConnectionArray<string> {
    return this.#localHosts;
  }

  /** UDP port that the peer reached this server at, by ConnectionId: that of LocalPort. Read-only. */
  get ConnectionLocalPort(): ConnectionArray<number> {
    return this.#localPorts;
  }

  /** IP address of the peer, by ConnectionId; IPv4 in its own form on an IPv6 socket, too. Read-only. */
  get ConnectionRemoteHost(): ConnectionArray<string> {
    return this.#remoteHosts;
  }

  /** UDP port of the peer, by ConnectionId. Read-only. */
  get ConnectionRemotePort(): ConnectionArray<number> {
    return this.#remotePorts;
  }

  /**
   * Seconds after which a connection is closed with code 0 if there was no activity; applies at once to all of
   * them. 0..1000000000; default: 0, never. Anything else throws 10022.
   *
   * Activity is application data, either way, and any authentic heartbeat received: with KeepAlive and a
   * KeepAliveTime below this, a client that answers is not idle. The HeartbeatRequests sent to it are none.
   */
  get DefaultIdleTimeout(): number {
    return this.#core.idleTimeout();
  }
  set DefaultIdleTimeout(seconds: number) {
    this.#core.setIdleTimeout(toInteger("DefaultIdleTimeout", seconds, 0, 1_000_000_000));
  }

  /**
   * Heartbeats (RFC 6520) on established connections: a client that is silent for Config's KeepAliveTime is
   * sent a HeartbeatRequest, again every KeepAliveInterval until it answers; those of clients are answered if
   * KeepAliveMode allows them. Default: false, which neither sends nor answers any.
   *
   * False applies at once to all connections. True offers the extension in handshakes that start afterwards; a
   * connection whose client or cipher suite cannot have heartbeats goes on without, and one Log line says why.
   * Unless KeepAliveMaxRetries is set, an answer that fails to come ends nothing. Throws 10022 for what is no
   * Boolean.
   */
  get KeepAlive(): boolean {
    return this.#core.keepAlive();
  }
  set KeepAlive(enabled: boolean) {
    this.#core.setKeepAlive(toBoolean("KeepAlive", enabled));
  }

  // --- the address

  /** From StartListening to StopListening or Shutdown. Read-only. */
  get Listening(): boolean {
    return this.#core.isListening();
  }

  /**
   * Interface to bind: an IP address, or a host name, which StartListening resolves. Default: "", all of
   * them. Reads the bound IP address as long as the socket is open, the value set at all other times.
   * Throws 107 while listening or with connections open, 10022 for what is no text.
   */
  get LocalHost(): string {
    return this.#core.config.get("LocalHost");
  }
  set LocalHost(host: string) {
    this.#core.config.set("LocalHost", host);
  }

  /**
   * UDP port to bind, 0..65535. Default: 0, the system picks one. Reads the bound port as long as the socket
   * is open, the value set at all other times. Throws 106 while listening or with connections open, 10022 for
   * anything else.
   */
  get LocalPort(): number {
    return this.#core.config.get("LocalPort");
  }
  set LocalPort(port: number) {
    this.#core.config.set("LocalPort", port);
  }

  // --- certificates

  /**
   * Whether clients must present a certificate, for handshakes that start afterwards. Default: false.
   *
   * It is verified against the authorities that the system trusts and those of Config's SSLClientCACerts; then
   * SSLClientAuthentication decides, and without a listener the verification does. A client that resumes its
   * session is verified, and decided on, anew. Throws 10022 for what is no Boolean.
   */
  get SSLAuthenticateClients(): boolean {
    return this.#core.authenticateClients();
  }
  set SSLAuthenticateClients(required: boolean) {
    this.#core.setAuthenticateClients(toBoolean("SSLAuthenticateClients", required));
  }

  /**
   * The server's certificate. Assigning copies; its members are the SSLCert* properties without the prefix.
   *
   * While listening, a certificate with its key serves the handshakes that start afterwards; one that cannot
   * serve throws 404, or 402 if no cipher suite works with its key, and changes nothing, here and in the SSLCert*
   * properties. Throws 10022 for what is no Certificate.
   */
  get SSLCert(): Certificate {
    return this.#core.certificate;
  }
  set SSLCert(certificate: Certificate) {
    if (!(certificate instanceof Certificate)) throw badArgument("SSLCert must be a Certificate");
    this.#core.assignCertificate(selectionOf(certificate));
  }

  // --- methods

  /**
   * `Config("NAME=VALUE")` sets, `Config("NAME")` reads; both return the value now in effect. Throws 402 for
   * an unknown name, 10022 for a bad value, 10045 for a read-only setting; the old value then stays. All
   * settings: docs/settings.md.
   */
  Config(configurationString: string): string {
    return this.#core.config.execute(configurationString);
  }

  /** Closes with close_notify; Disconnected follows, with code 0. Throws 126 for an unknown id. */
  Disconnect(connectionId: number): void {
    this.#core.disconnect(connectionId);
  }

  /** Resolves after the next events, or after 100 ms without any. Events fire without it, too. */
  DoEvents(): Promise<void> {
    return this.#core.doEvents();
  }

  /**
   * No DataIn for this connection from now on. What arrives is kept, up to InBufferSize bytes (64 KiB if that is
   * 0; a datagram counts 64 bytes more than it has), and dropped past that, or when the connection ends. Throws
   * 126 for an unknown id.
   */
  PauseData(connectionId: number): void {
    this.#core.pause(connectionId);
  }

  /** Ends PauseData: what was kept comes first, in order. Throws 126 for an unknown id. */
  ProcessData(connectionId: number): void {
    this.#core.resume(connectionId);
  }

  /**
   * All properties and settings to their defaults, counters to 0. What listens is shut down first, and its
   * address is free when this returns. Listeners stay; connection ids go on.
   */
  Reset(): void {
    this.#core.reset();
  }

  /**
   * One datagram, which may be empty. Throws 126 for an unknown id, 10057 before the handshake is complete,
   * 10040 for more than 16384 bytes (or what the client can take), 10055 when the outgoing queue is full, 403
   * if it cannot be encrypted, which ends the connection, 10022 for what is no bytes. What the socket refuses
   * afterwards is an Error event.
   */
  SendBytes(connectionId: number, data: Uint8Array | ArrayBuffer | DataView): void {
    this.#core.send(connectionId, toBytes("Data", data));
  }

  /**
   * One datagram of text, in Config's CodePage (UTF-8); "?" for what that lacks. Throws as SendBytes does, 10022
   * for what is no text.
   */
  SendText(connectionId: number, text: string): void {
    if (typeof text !== "string") throw badArgument("Text must be a string");
    this.#core.send(connectionId, this.#core.codec().encode(text));
  }

  /**
   * StopListening, then Disconnect for every connection; handshakes in progress fail with 10053. The address
   * is free when this returns; the promise resolves when all events have fired. Never rejects.
   *
   * The end of the process or worker closes connections likewise, without events. An "exit" listener of the
   * process that was added after this package was loaded comes too late: what it sends is lost.
   */
  Shutdown(): Promise<void> {
    return this.#core.shutdown();
  }

  /**
   * Binds and listens before it returns. Throws 104 if it does already, 404 without a certificate that has
   * its private key, 402 for settings that leave nothing in common with anyone and for a kind of key that no
   * cipher suite works with, and the system's errors of the bind (10048 for a port in use); then nothing is bound.
   *
   * After StopListening it goes on with the same socket as long as a connection keeps that open. Settings that
   * count at a bind and were changed meanwhile wait for the next one; a Log line, Info, names them.
   */
  StartListening(): void {
    this.#core.startListening();
  }

  /**
   * New clients get no answer from now on. Connections live on, handshakes in progress may finish; with the
   * last of them the socket closes.
   */
  StopListening(): void {
    this.#core.stopListening();
  }

  static {
    countersOf = (server) => server.#core.counters();
  }
}

makeReadOnly(DTLSServer.prototype, [
  "ConnectionCount",
  "Connections",
  "ConnectionConnectionId",
  "ConnectionLocalHost",
  "ConnectionLocalPort",
  "ConnectionRemoteHost",
  "ConnectionRemotePort",
  "Listening",
]);

/** What a server has counted since it was made, or since its last Reset. */
export function counters(server: DTLSServer): Counters {
  if (!(server instanceof DTLSServer)) throw badArgument("counters takes a DTLSServer");
  return countersOf(server);
}
