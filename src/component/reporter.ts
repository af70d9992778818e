/** What each report of an endpoint becomes: documented events, SSLStatus messages and log lines. */
import type { AnswerCertificate, AnswerRequest, EndpointHandler, Failure } from "../endpoint.js";
import { describe, type ErrorCode } from "../errors.js";
import { Fault, native } from "../native.js";
import { verdictOn } from "./client-certificate.js";
import type { TextCodec } from "./code-pages.js";
import type { Emitter } from "./emitter.js";
import {
  ConnectedEvent,
  ConnectionRequestEvent,
  DataInEvent,
  DisconnectedEvent,
  ErrorEvent,
  SSLClientAuthenticationEvent,
  SSLStatusEvent,
} from "./events.js";
import { KeyLog } from "./key-log.js";
import type { Log } from "./log.js";
import {
  droppedText,
  forgedText,
  helloVerifyRequestText,
  hostAndPort,
  inertText,
  limitText,
  numbered,
  oneLine,
} from "./log-texts.js";
import { outcomeOf } from "./outcome.js";
import { packetText, recordText } from "./packet-texts.js";
import { connectionText, retransmissionText, statusText, timerText } from "./status-texts.js";

/** What the reporter asks of, and tells, the server it reports for. */
export interface ReporterOwner {
  readonly emitter: Emitter;
  readonly log: Log;
  /** Seconds, as set by DefaultIdleTimeout. */
  idleTimeout(): number;
  /** As set by CodePage. */
  codec(): TextCodec;
  /** A datagram of this connection is being delivered. */
  delivering(id: number): void;
  /** As set by SSLKeyLogFile. */
  keyLogFile(): string;
  /** As set by LogSSLPackets. */
  logsPackets(): boolean;
  /** A batch is over, or a decision was made: the last connection may have gone. */
  releaseIfDrained(): void;
}

export class Reporter implements EndpointHandler {
  readonly #emitter: Emitter;
  readonly #log: Log;
  readonly #owner: ReporterOwner;
  readonly #released: () => void;
  readonly #keyLog: KeyLog;
  /** Connections that Disconnect has ended and whose end has not been reported yet. */
  readonly #disconnecting = new Set<number>();
  #shutDown = false;

  /** `released` is called when the endpoint has nothing more to report. */
  constructor(owner: ReporterOwner, released: () => void) {
    this.#emitter = owner.emitter;
    this.#log = owner.log;
    this.#owner = owner;
    this.#released = released;
    this.#keyLog = new KeyLog(
      () => owner.keyLogFile(),
      ({ code, message }) => this.reportError(0, code, message),
    );
  }

  /** Disconnect was called: the log tells who closed. */
  disconnecting(id: number): void {
    this.#disconnecting.add(id);
  }

  isDisconnecting(id: number): boolean {
    return this.#disconnecting.has(id);
  }

  /** The endpoint is being closed with all its connections: likewise. */
  shuttingDown(): void {
    this.#shutDown = true;
  }

  wantsData(): boolean {
    return this.#emitter.hasListener("DataIn") || this.#log.takes("Verbose");
  }

  connectionRequest(id: number, address: string, port: number, answer: AnswerRequest | undefined): void {
    this.#log.handshakeLine("Info", id, () => `Connection ${id} requested by ${hostAndPort(address, port)}.`);
    if (!answer) return;
    if (!this.#emitter.hasListener("ConnectionRequest")) {
      answer(true);
      return;
    }
    const event = new ConnectionRequestEvent(address, port);
    this.#emitter.decide("ConnectionRequest", event, (accept) => {
      if (answer(accept) && !accept) {
        this.#log.handshakeLine("Info", id, () => `Connection ${id} rejected by application.`);
      }
      this.#owner.releaseIfDrained();
    });
  }

  clientCertificate(id: number, der: Buffer, reasons: number, answer: AnswerCertificate): void {
    const { status, refusalAlert } = verdictOn(reasons);
    this.#status(id, () => `Client certificate status: ${status}.`);
    const event = new SSLClientAuthenticationEvent(id, der, () => native.certificateNames(der), status);
    this.#emitter.decide("SSLClientAuthentication", event, (accept) => answer(accept, refusalAlert));
  }

  connected(id: number, address: string, port: number): void {
    this.#log.connectionLine("Info", id, () => `Connection ${id} established.`);
    this.#emitter.emit("Connected", new ConnectedEvent(id, address, port, 0, describe(0)));
  }

  handshakeFailed(id: number, address: string, port: number, failure: Failure): void {
    this.#disconnecting.delete(id);
    const { code, description } = outcomeOf(failure);
    this.#status(id, () => `Handshake failed: ${description}`);
    this.#log.handshakeLine("Error", id, () => `Connection ${id} failed: ${numbered(code, description)}`);
    this.#emitter.emit("Connected", new ConnectedEvent(id, address, port, code, description));
  }

  /** Who has ended a connection is not told what else had come in. */
  data(id: number, payload: Buffer): void {
    if (this.#shutDown || this.#disconnecting.has(id)) return;
    this.#owner.delivering(id);
    this.#log.line("Verbose", id, () => `Received ${payload.length} bytes.`);
    this.#emitter.emit("DataIn", new DataInEvent(id, payload, this.#owner.codec()));
  }

  disconnected(id: number, failure: Failure): void {
    const { code, description } = outcomeOf(failure);
    const local = this.#disconnecting.delete(id);
    this.#log.connectionLine(code === 0 ? "Info" : "Error", id, () => {
      return `Connection ${id} closed: ${this.#closeReason(failure, local, numbered(code, description))}.`;
    });
    this.#emitter.emit("Disconnected", new DisconnectedEvent(id, code, description));
  }

  error(id: number, failure: Failure, errno: number): void {
    const { code, description } = outcomeOf(failure, errno);
    this.reportError(id, code, description);
  }

  /** The Error event and its line in the log. */
  reportError(id: number, code: ErrorCode, description: string): void {
    this.#log.line("Error", id, () => `Error: ${numbered(code, description)}`);
    this.#emitter.emit("Error", new ErrorEvent(id, code, description));
  }

  progress(id: number, step: number, number: number, detail: string): void {
    const text = statusText(step, number, oneLine(detail));
    if (text !== undefined) {
      this.#status(id, () => text);
      return;
    }
    const retransmission = retransmissionText(step, number);
    if (retransmission !== undefined) this.#log.handshakeLine("Verbose", id, () => retransmission);
    const timer = timerText(step, detail);
    if (timer !== undefined) this.#log.timerLine(id, () => timer);
    const line = connectionText(step, number);
    if (line !== undefined) this.#log.line("Verbose", id, () => line);
  }

  limitReached(counter: string, more: number, peer: string): void {
    this.#log.line("Info", 0, () => limitText(counter, more, peer));
  }

  dropped(id: number, counter: string, loss: boolean, more: number, peer: string): void {
    this.#log.line(loss ? "Verbose" : "Debug", id, () => droppedText(counter, more, peer));
  }

  helloVerifyRequest(more: number, peer: string): void {
    this.#log.line("Verbose", 0, () => helloVerifyRequestText(more, peer));
  }

  keepAliveInert(id: number, reason: string): void {
    this.#log.handshakeLine("Info", id, () => inertText(id, reason));
  }

  forgedRecords(id: number, count: number): void {
    this.#log.forgeryLine(id, () => forgedText(id, count));
  }

  keyLog(line: string): void {
    this.#keyLog.append(line);
  }

  record(id: number, sent: boolean, start: Buffer): void {
    const packets = this.#owner.logsPackets();
    this.#log.packetLine(id, () => (packets ? packetText(sent, start) : recordText(sent, start)));
    if (packets && this.#emitter.hasListener("SSLStatus")) {
      this.#emitter.emit("SSLStatus", new SSLStatusEvent(id, packetText(sent, start)));
    }
  }

  batchEnd(): void {
    this.#owner.releaseIfDrained();
  }

  released(): void {
    this.#log.flush();
    this.#released();
  }

  #status(id: number, text: () => string): void {
    this.#log.handshakeLine("Verbose", id, text);
    if (this.#emitter.hasListener("SSLStatus")) {
      this.#emitter.emit("SSLStatus", new SSLStatusEvent(id, text()));
    }
  }

  #closeReason(failure: Failure, local: boolean, error: string): string {
    if (failure.fault === Fault.idle) return `idle for ${this.#owner.idleTimeout()} seconds`;
    if (failure.fault !== Fault.none) return `error ${error.replace(/\.$/, "")}`;
    if (local) return "closed locally";
    return this.#shutDown ? "shutdown" : "closed by peer";
  }
}
