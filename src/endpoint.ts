/**
 * One bound address, over the native endpoint. Everything public stands on this: it turns the table and its
 * slabs into typed reports, and knows no documented names.
 *
 * Reports come in batches, from the event loop only, never inside a call of a method.
 */
import { markAsUntransferable } from "node:worker_threads";
import { counterName } from "./counters.js";
import {
  EVENT_STRIDE,
  EventField,
  EventKind,
  type NativeAddress,
  type NativeBindOptions,
  type NativeEndpoint,
  type NativeEndpointSettings,
  type NativeNegotiated,
  type NativeSecurityContext,
  native,
  SendResult,
} from "./native.js";
import { surface } from "./surface.js";

/** Why a handshake failed, a connection ended, or what went wrong. */
export interface Failure {
  /** A `Fault`. */
  fault: number;
  /** The alert received or sent; -1 if there was none. */
  alert: number;
  reason: string;
}

/** An answer that comes after its handshake is gone is ignored: false. */
export type AnswerRequest = (accept: boolean) => boolean;
export type AnswerCertificate = (accept: boolean, refusalAlert: number) => boolean;

export interface EndpointHandler {
  /** Whether `data` is to be called at all: without it, payloads are not even looked at. */
  wantsData(): boolean;
  /** Without `answer` it has been accepted already (`askRequests`). */
  connectionRequest(id: number, address: string, port: number, answer: AnswerRequest | undefined): void;
  /** `reasons` are bits of `CertificateReason`; 0: the certificate is good. */
  clientCertificate(id: number, der: Buffer, reasons: number, answer: AnswerCertificate): void;
  connected(id: number, address: string, port: number): void;
  handshakeFailed(id: number, address: string, port: number, failure: Failure): void;
  data(id: number, payload: Buffer): void;
  disconnected(id: number, failure: Failure): void;
  /** `errno` is 0 where the system was not the cause; id 0 is the socket itself. */
  error(id: number, failure: Failure, errno: number): void;
  /** `step` is a `ProgressStep`. */
  progress(id: number, step: number, number: number, detail: string): void;
  /** `more` is the number of like reports left out since the last one. */
  limitReached(counter: string, more: number, peer: string): void;
  /** Id 0: of no connection. `loss`: the user may have wanted it. */
  dropped(id: number, counter: string, loss: boolean, more: number, peer: string): void;
  helloVerifyRequest(more: number, peer: string): void;
  /** No heartbeat will be sent on this connection; at most once. */
  keepAliveInert(id: number, reason: string): void;
  /** So many records of this connection were not authentic, and its cipher suite sets no limit to them. */
  forgedRecords(id: number, count: number): void;
  /** A line of NSS's key log: a secret. */
  keyLog(line: string): void;
  /** A record that was sent or received; `start` is its header and the first bytes behind it. */
  record(id: number, sent: boolean, start: Buffer): void;
  /** After each batch. */
  batchEnd(): void;
  /** All has been reported; the endpoint is dead. */
  released(): void;
}

/** Runs the reporting of one batch, in whatever context the owner wants its reports to come. */
export type BatchScope = (report: () => void) => void;

/** Events that fit one batch: 32 KiB, as much as a slab holds. */
const tableEvents = 1024;

export class Endpoint {
  readonly #native: NativeEndpoint;
  readonly #table = new Int32Array(tableEvents * EVENT_STRIDE);
  readonly #handler: EndpointHandler;
  #closed = false;

  /** Connection ids are given from `firstId` on. */
  constructor(
    settings: NativeEndpointSettings,
    firstId: number,
    handler: EndpointHandler,
    scope: BatchScope,
  ) {
    this.#handler = handler;
    this.#native = new native.Endpoint(settings, firstId, this.#table, (count, slab) =>
      scope(() => this.#report(count, slab)),
    );
  }

  /** Throws NativeSystemError and leaves nothing behind. */
  bind(options: NativeBindOptions): void {
    this.#native.bind(options);
  }

  get closed(): boolean {
    return this.#closed;
  }

  localAddress(): NativeAddress {
    return this.#native.localAddress();
  }

  bufferSizes(): { receive: number; send: number } {
    return this.#native.bufferSizes();
  }

  setBufferSizes(receive: number, send: number): void {
    this.#native.setBufferSizes(receive, send);
  }

  setSecurityContext(context: NativeSecurityContext): void {
    this.#native.setSecurityContext(context);
  }

  /** 32 bytes that others have too; empty: one of its own. */
  setCookieSecret(secret: Uint8Array): void {
    this.#native.setCookieSecret(secret);
  }

  setAccepting(accepting: boolean): void {
    this.#native.setAccepting(accepting);
  }

  configure(settings: NativeEndpointSettings): void {
    this.#native.configure(settings);
  }

  /** A `SendResult`. */
  send(id: number, data: Uint8Array): number {
    return isId(id) && !this.#closed ? this.#native.send(id, data) : SendResult.unknownConnection;
  }

  disconnect(id: number): boolean {
    if (!isId(id) || this.#closed || !this.#native.disconnect(id)) return false;
    this.#native.endTold(id);
    return true;
  }

  pause(id: number): boolean {
    return isId(id) && !this.#closed && this.#native.pause(id);
  }

  resume(id: number): boolean {
    return isId(id) && !this.#closed && this.#native.resume(id);
  }

  connection(id: number): NativeAddress | undefined {
    return isId(id) && !this.#closed ? this.#native.connection(id) : undefined;
  }

  /** Throws NativeSystemError. */
  connectionLocalAddress(id: number): NativeAddress | undefined {
    return isId(id) && !this.#closed ? this.#native.connectionLocalAddress(id) : undefined;
  }

  /** Of a connection, or of one whose client certificate is being decided. */
  negotiated(id: number): NativeNegotiated | undefined {
    return isId(id) && !this.#closed ? this.#native.negotiated(id) : undefined;
  }

  connectionIds(): number[] {
    return this.#closed ? [] : this.#native.connectionIds();
  }

  connectionCount(): number {
    return this.#closed ? 0 : this.#native.connectionCount();
  }

  /** Connections, handshakes and requests. */
  associationCount(): number {
    return this.#closed ? 0 : this.#native.associationCount();
  }

  nextId(): number {
    return this.#native.nextId();
  }

  counters(): number[] {
    return this.#native.counters();
  }

  /** Ends everything and releases the address before it returns; the reports of it come later. */
  close(): void {
    this.#closed = true;
    this.#native.close();
  }

  #report(count: number, slab: Uint8Array | undefined): void {
    const bytes = new Slab(slab);
    for (let index = 0; index < count; index++) {
      try {
        this.#reportOne(index * EVENT_STRIDE, bytes);
      } catch (error) {
        surface(error);
      }
    }
    this.#handler.batchEnd();
    if (count === 0) this.#handler.released();
  }

  #reportOne(at: number, slab: Slab): void {
    const table = this.#table;
    const field = (index: number): number => table[at + index] as number;
    const kind = field(EventField.kind);
    const id = (field(EventField.idLow) >>> 0) + (field(EventField.idHigh) >>> 0) * 0x1_0000_0000;
    const offset = field(EventField.offset);
    const length = field(EventField.length);
    const handler = this.#handler;
    if (kind === EventKind.data) {
      if (handler.wantsData()) handler.data(id, slab.take(offset, length));
      return;
    }

    const a = field(EventField.a);
    const b = field(EventField.b);
    const c = field(EventField.c);
    const text = (): string => slab.text(offset, length);
    const failure = (reason: string): Failure => ({ fault: b, alert: c, reason });
    switch (kind) {
      case EventKind.connectionRequest:
        handler.connectionRequest(id, text(), a, b === 0 ? this.#requestAnswer(id) : undefined);
        break;
      case EventKind.clientCertificate:
        handler.clientCertificate(id, slab.take(offset, length), a, this.#certificateAnswer(id));
        break;
      case EventKind.connected:
        handler.connected(id, text(), a);
        break;
      case EventKind.handshakeFailed: {
        const [address = "", reason = ""] = text().split("\0", 2);
        handler.handshakeFailed(id, address, a, failure(reason));
        break;
      }
      case EventKind.disconnected:
        this.#native.endTold(id);
        handler.disconnected(id, failure(text()));
        break;
      case EventKind.error:
        handler.error(id, { fault: b, alert: -1, reason: text() }, c);
        break;
      case EventKind.progress:
        handler.progress(id, a, b, text());
        break;
      case EventKind.limitReached:
        handler.limitReached(counterName(a), b, text());
        break;
      case EventKind.dropped:
        handler.dropped(id, counterName(a), c !== 0, b, text());
        break;
      case EventKind.helloVerifyRequest:
        handler.helloVerifyRequest(b, text());
        break;
      case EventKind.keepAliveInert:
        handler.keepAliveInert(id, text());
        break;
      case EventKind.forgedRecords:
        handler.forgedRecords(id, b);
        break;
      case EventKind.keyLog:
        handler.keyLog(text());
        break;
      case EventKind.record:
        handler.record(id, a !== 0, slab.take(offset, length));
        break;
      default:
        throw new Error(`openssl-dtls: event of unknown kind ${kind} from the addon`);
    }
  }

  // Made here, and not where the event is read: an answer may be a minute away, and would keep the slab, with
  // all else that a closure made there has in sight.
  #requestAnswer(id: number): AnswerRequest {
    return (accept) => !this.#closed && this.#native.answerRequest(id, accept);
  }

  #certificateAnswer(id: number): AnswerCertificate {
    return (accept, alert) => !this.#closed && this.#native.answerCertificate(id, accept, alert);
  }
}

/** The bytes of one batch. C++ has forgotten them; what is taken from here is the taker's own. */
export class Slab {
  readonly #bytes: Buffer;
  #shared = false;

  constructor(bytes: Uint8Array = new Uint8Array(0)) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  text(offset: number, length: number): string {
    return this.#bytes.toString("utf8", offset, offset + length);
  }

  /**
   * A view, or a copy where the view is less than an eighth of the slab, so that one small message that is
   * kept does not keep the whole slab. A slab that has been seen outside cannot be transferred to another
   * thread: that would detach its neighbours' views.
   */
  take(offset: number, length: number): Buffer {
    const view = this.#bytes.subarray(offset, offset + length);
    if (length * 8 < this.#bytes.length) return Buffer.from(view);
    if (!this.#shared && length > 0) {
      markAsUntransferable(this.#bytes.buffer);
      this.#shared = true;
    }
    return view;
  }
}

function isId(id: unknown): id is number {
  return Number.isSafeInteger(id) && (id as number) > 0;
}
