/** What a DTLSServer does behind its documented names: its state, and the lives of its endpoints. */
import { ownedCertificate, select, selectionOf } from "../certificate/certificate.js";
import { identityOf, nothingSelected, type Selection } from "../certificate/selection.js";
import { type Counters, CounterTotals } from "../counters.js";
import { DTLSError, describe, systemError } from "../errors.js";
import {
  type NativeAddress,
  type NativeEndpointSettings,
  type NativeNegotiated,
  SendResult,
} from "../native.js";
import { surface } from "../surface.js";
import { BoundEndpoint } from "./bound-endpoint.js";
import { codecOf, type TextCodec } from "./code-pages.js";
import { type ConnectionSource, unknownConnection } from "./connections.js";
import { Destination } from "./destination.js";
import { Emitter, type EventTarget } from "./emitter.js";
import { bindOptions, bufferSizes, endpointSettings } from "./endpoint-settings.js";
import { type DTLSServerEventName, ErrorEvent } from "./events.js";
import { type HandshakeOptions, handshakeOptions } from "./handshake-options.js";
import type { Listeners } from "./listeners.js";
import { Log } from "./log.js";
import { hostAndPort, keptSocketText } from "./log-texts.js";
import { sendError } from "./outcome.js";
import type { ReporterOwner } from "./reporter.js";
import { buildSecurity } from "./security.js";
import { Config, type ConfigOwner } from "./settings/config.js";
import type { Effect } from "./settings/setting.js";
import { type SettingValues, type WritableName, waitingForBind } from "./settings/table.js";

/** How long DoEvents waits when nothing happens. */
const doEventsMilliseconds = 100;

/** Linux reports twice what was asked for: it counts its own bookkeeping (socket(7)). */
const bufferSizeUnit = process.platform === "linux" ? 2 : 1;

/** Events that a client causes before it has a connection. */
const handshakeEvents: ReadonlySet<DTLSServerEventName> = new Set([
  "ConnectionRequest",
  "SSLClientAuthentication",
  "SSLStatus",
  "Connected",
]);

export class ServerCore implements ConfigOwner, ConnectionSource, ReporterOwner {
  readonly config = new Config(this);
  readonly certificate = ownedCertificate((next) => this.#approve(next));
  readonly emitter: Emitter;
  readonly log: Log;
  readonly #totals = new CounterTotals();
  readonly #destination = new Destination();
  #codec = codecOf(this.config.values.CodePage);
  #authenticateClients = false;
  #idleTimeout = 0;
  #keepAlive = false;

  #listening = false;
  #bound: BoundEndpoint | undefined;
  /** The settings at the last bind. */
  #boundWith: Readonly<SettingValues> = this.config.values;
  /** Of endpoints whose last events are still to come. */
  readonly #releasing = new Set<Promise<void>>();
  /** Ids go on from endpoint to endpoint. */
  #nextId = 1;

  constructor(target: EventTarget, listeners: Listeners) {
    this.emitter = new Emitter(target, listeners, (name, event, reason) =>
      this.#listenerFailed(name, event, reason),
    );
    this.log = new Log(this.emitter, () => this.config.values.LogLevel);
    listeners.onChange = () => this.#configure();
  }

  // --- listening

  startListening(): void {
    if (this.#listening) throw new DTLSError(104);
    const identity = identityOf(selectionOf(this.certificate));
    if (!identity) {
      throw new DTLSError(404, "select a certificate with its private key before StartListening");
    }
    // Before the bind: what cannot serve must not bind either.
    const security = buildSecurity(identity, this.#handshakeOptions());
    this.#bound ??= this.#bind();
    const { endpoint, address } = this.#bound;
    this.#bound.serve(security);
    this.#bound.shareCookies(this.config.values.CookieSecret);
    this.#configure();
    endpoint.setAccepting(true);
    this.#listening = true;
    this.log.line("Info", 0, () => `Listening on ${hostAndPort(address.address, address.port)}.`);
    const waiting = waitingForBind(this.#boundWith, this.config.values);
    if (waiting.length > 0) this.log.line("Info", 0, () => keptSocketText(waiting));
  }

  stopListening(): void {
    if (!this.#listening) return;
    this.#stopAccepting();
    this.releaseIfDrained();
  }

  /** The address is released before this returns; the promise waits for the events of it. */
  async shutdown(): Promise<void> {
    this.#release();
    while (this.#releasing.size > 0) await Promise.all(this.#releasing);
    await this.emitter.queueDelivered();
  }

  reset(): void {
    this.#release();
    this.#authenticateClients = false;
    this.#idleTimeout = 0;
    this.#keepAlive = false;
    select(this.certificate, nothingSelected);
    this.config.reset();
    this.#codec = codecOf(this.config.values.CodePage);
    this.#destination.begin(false);
    this.#totals.clear();
  }

  doEvents(): Promise<void> {
    return this.emitter.nextBatch(doEventsMilliseconds);
  }

  isListening(): boolean {
    return this.#listening;
  }

  isBound(): boolean {
    return this.#bound !== undefined;
  }

  // --- properties that are no settings

  authenticateClients(): boolean {
    return this.#authenticateClients;
  }

  setAuthenticateClients(required: boolean): void {
    this.#bound?.serveWith(handshakeOptions(this.config.values, required));
    this.#authenticateClients = required;
  }

  idleTimeout(): number {
    return this.#idleTimeout;
  }

  setIdleTimeout(seconds: number): void {
    this.#idleTimeout = seconds;
    this.#configure();
  }

  keyLogFile(): string {
    return this.config.values.SSLKeyLogFile;
  }

  logsPackets(): boolean {
    return this.config.values.LogSSLPackets;
  }

  keepAlive(): boolean {
    return this.#keepAlive;
  }

  setKeepAlive(enabled: boolean): void {
    this.#keepAlive = enabled;
    this.#configure();
  }

  /** Takes over all of another certificate, or throws and changes nothing. */
  assignCertificate(next: Selection): void {
    if (this.#listening && !next.entry) {
      throw new DTLSError(404, "nothing is selected in the certificate assigned; the one in use stays");
    }
    this.#approve(next);
    select(this.certificate, next);
  }

  counters(): Counters {
    return this.#totals.with(this.#bound?.endpoint.counters() ?? []);
  }

  // --- connections

  remoteAddress(id: number): NativeAddress | undefined {
    return this.#bound?.endpoint.connection(id);
  }

  localAddress(id: number): NativeAddress | undefined {
    try {
      return this.#bound?.endpoint.connectionLocalAddress(id);
    } catch (cause) {
      throw systemError(cause, `looking up the local address of connection ${id}`);
    }
  }

  connectionIds(): number[] {
    return this.#bound?.endpoint.connectionIds() ?? [];
  }

  connectionCount(): number {
    return this.#bound?.endpoint.connectionCount() ?? 0;
  }

  disconnect(id: number): void {
    const bound = this.#boundOf(id);
    if (!bound?.endpoint.disconnect(id)) throw unknownConnection(id);
    bound.reporter.disconnecting(id);
  }

  pause(id: number): void {
    if (!this.#boundOf(id)?.endpoint.pause(id)) throw unknownConnection(id);
  }

  resume(id: number): void {
    if (!this.#boundOf(id)?.endpoint.resume(id)) throw unknownConnection(id);
  }

  codec(): TextCodec {
    return this.#codec;
  }

  send(id: number, data: Uint8Array): void {
    const result = this.#boundOf(id)?.endpoint.send(id, data) ?? SendResult.unknownConnection;
    if (result !== SendResult.sent) throw sendError(result, id, data.length);
    this.log.line("Verbose", id, () => `Sent ${data.length} bytes.`);
  }

  /**
   * The endpoint, for a call about a connection that is not known to have ended: Disconnect was not called,
   * and Disconnected has not fired. The peer may well have gone; a listener of its last data cannot know.
   */
  #boundOf(id: number): BoundEndpoint | undefined {
    return this.#bound?.reporter.isDisconnecting(id) ? undefined : this.#bound;
  }

  // --- for Config

  inEffect(name: WritableName): boolean | number | string | undefined {
    if (!this.#bound) return undefined;
    const { address, endpoint } = this.#bound;
    switch (name) {
      case "LocalHost":
        return address.address;
      case "LocalPort":
        return address.port;
      case "InBufferSize":
        return endpoint.bufferSizes().receive / bufferSizeUnit;
      case "OutBufferSize":
        return endpoint.bufferSizes().send / bufferSizeUnit;
      case "UseIPv6":
        return this.#bound.ipv6;
      default:
        return undefined;
    }
  }

  destinationAddress(): string {
    return this.#destination.address;
  }

  destinationAddressOf(id: number): string | undefined {
    const local = this.localAddress(id);
    if (!local) return undefined;
    return this.#destination.isCaptured ? local.address : "";
  }

  apply(effect: Effect): void {
    if (effect === "buffers") {
      const { receive, send } = bufferSizes(this.config.values);
      this.#bound?.endpoint.setBufferSizes(receive, send);
    }
    if (effect === "handshakes") {
      this.#bound?.serveWith(this.#handshakeOptions());
      this.#bound?.shareCookies(this.config.values.CookieSecret);
    }
    if (effect === "text") this.#codec = codecOf(this.config.values.CodePage);
    else if (effect !== "start" && effect !== "none") this.#configure();
  }

  /** Until a connection's end has been told. */
  negotiated(id: number): NativeNegotiated | undefined {
    return this.#boundOf(id)?.endpoint.negotiated(id);
  }

  note(message: string): void {
    this.log.line("Debug", 0, () => message);
  }

  // --- for the endpoint

  delivering(id: number): void {
    this.#destination.delivering(id, () => this.localAddress(id)?.address);
  }

  /** The socket goes with the last connection, once nobody new is let in. */
  releaseIfDrained(): void {
    if (!this.#listening && this.#bound?.endpoint.associationCount() === 0) this.#release();
  }

  #bind(): BoundEndpoint {
    const options = bindOptions(this.config.values);
    const bound = new BoundEndpoint(this.#endpointSettings(), this.#nextId, options, this);
    this.#destination.begin(options.captureDestination);
    this.#boundWith = { ...this.config.values };
    return bound;
  }

  #stopAccepting(): void {
    this.#listening = false;
    this.#bound?.endpoint.setAccepting(false);
    this.log.line("Info", 0, () => "Stopped listening.");
  }

  #release(): void {
    if (this.#listening) this.#stopAccepting();
    const bound = this.#bound;
    if (!bound) return;
    this.#bound = undefined;
    bound.release();
    this.#nextId = bound.endpoint.nextId();
    this.#totals.add(bound.endpoint.counters());
    const released = bound.released.then(() => {
      this.#releasing.delete(released);
    });
    this.#releasing.add(released);
  }

  #configure(): void {
    this.#bound?.configure(this.#endpointSettings());
  }

  #handshakeOptions(): HandshakeOptions {
    return handshakeOptions(this.config.values, this.#authenticateClients);
  }

  #endpointSettings(): NativeEndpointSettings {
    return endpointSettings(this.config.values, {
      idleTimeout: this.#idleTimeout,
      keepAlive: this.#keepAlive,
      askRequests: this.emitter.mayHaveListener("ConnectionRequest"),
      reportRequests: this.log.takes("Info"),
      reportProgress: this.emitter.hasListener("SSLStatus") || this.log.takes("Verbose"),
      reportLosses: this.log.takes("Verbose"),
      reportDrops: this.log.takes("Debug"),
      reportRecords: this.log.takes("Debug") || (this.logsPackets() && this.emitter.hasListener("SSLStatus")),
    });
  }

  /** While listening, a selection that is complete serves from now on, and one that cannot is refused. */
  #approve(next: Selection): void {
    if (!this.#listening || !next.entry) return;
    if (next.entry === selectionOf(this.certificate).entry) return;
    const identity = identityOf(next);
    if (!identity) {
      throw new DTLSError(404, "the certificate has no private key in its store; the one in use stays");
    }
    this.#bound?.serve(buildSecurity(identity, this.#handshakeOptions()));
  }

  /** An Error or Log listener that fails is not told of by another Error event, which it would get itself. */
  #listenerFailed(name: DTLSServerEventName, event: object, reason: unknown): void {
    if (name === "Error" || name === "Log") {
      surface(reason);
      return;
    }
    const id = "ConnectionId" in event ? Number(event.ConnectionId) : 0;
    const text = reason instanceof Error ? reason.message : String(reason);
    const description = describe(10022, `listener failed (${name}): ${text}`);
    const message = (): string => `Error: ${description}`;
    if (handshakeEvents.has(name)) this.log.handshakeLine("Error", id, message);
    else this.log.line("Error", id, message);
    this.emitter.emit("Error", new ErrorEvent(id, 10022, description));
  }
}
