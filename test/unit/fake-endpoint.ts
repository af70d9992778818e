/** The addon's side of the seam, played by the test: what a server asks of its endpoint, and what that tells. */
import { onTestFinished } from "vitest";
import {
  EVENT_STRIDE,
  type NativeAddress,
  type NativeBindOptions,
  type NativeDispatch,
  type NativeEndpoint,
  type NativeEndpointSettings,
  type NativeSecurityContext,
  type NativeSecuritySettings,
  native,
  SendResult,
} from "../../src/native.js";

/** As in DTLS_EVENT_KINDS. */
export interface FakeEvent {
  kind: number;
  id?: number;
  a?: number;
  b?: number;
  c?: number;
  bytes?: string | Uint8Array;
}

export class FakeEndpoint implements NativeEndpoint {
  /** In effect now, and how often they were given anew. */
  settings: NativeEndpointSettings;
  configured = 0;
  /** One after the other. */
  readonly security: NativeSecuritySettings[] = [];
  readonly answers: { id: number; accept: boolean }[] = [];
  #bound: NativeBindOptions | undefined;
  readonly #firstId: number;
  readonly #table: Int32Array;
  readonly #dispatch: NativeDispatch;

  constructor(
    settings: NativeEndpointSettings,
    firstId: number,
    table: Int32Array,
    dispatch: NativeDispatch,
  ) {
    this.settings = settings;
    this.#firstId = firstId;
    this.#table = table;
    this.#dispatch = dispatch;
  }

  /** One batch; its slab is the caller's to watch. */
  report(...events: FakeEvent[]): WeakRef<ArrayBuffer> | undefined {
    const parts = events.map(({ bytes = "" }) => Buffer.from(bytes as string));
    let offset = 0;
    events.forEach(({ kind, id = 0, a = 0, b = 0, c = 0 }, index) => {
      const length = parts[index]?.length ?? 0;
      this.#table.set([kind, id, 0, a, b, c, offset, length], index * EVENT_STRIDE);
      offset += length;
    });
    if (offset === 0) {
      this.#dispatch(events.length, undefined);
      return undefined;
    }
    // Of its own: a small Buffer lies in a pool that Node keeps.
    const slab = new Uint8Array(offset);
    slab.set(Buffer.concat(parts));
    this.#dispatch(events.length, slab);
    return new WeakRef(slab.buffer);
  }

  bind(options: NativeBindOptions): void {
    this.#bound = options;
  }
  localAddress(): NativeAddress {
    return { address: this.#bound?.host || "0.0.0.0", port: this.#bound?.port || 4433 };
  }
  bufferSizes = () => ({ receive: 0, send: 0 });
  setBufferSizes(): void {}
  setSecurityContext(context: NativeSecurityContext): void {
    const settings = contexts.get(context);
    if (!settings) throw new Error("a security context that nobody has made");
    this.security.push(settings);
  }
  setCookieSecret(): void {}
  setAccepting(): void {}
  configure(settings: NativeEndpointSettings): void {
    this.settings = settings;
    this.configured++;
  }
  answerRequest(id: number, accept: boolean): boolean {
    this.answers.push({ id, accept });
    return true;
  }
  answerCertificate = () => true;
  send = () => SendResult.sent;
  disconnect = () => true;
  pause = () => true;
  resume = () => true;
  endTold(): void {}
  connection = () => undefined;
  connectionLocalAddress = () => undefined;
  negotiated = () => undefined;
  connectionIds = () => [];
  connectionCount = () => 0;
  associationCount = () => 1;
  nextId(): number {
    return this.#firstId;
  }
  counters = () => [];
  close(): void {
    setImmediate(() => this.#dispatch(0, undefined));
  }
}

const contexts = new WeakMap<object, NativeSecuritySettings>();

/** For the rest of the test; the list grows with each endpoint that a server makes. */
export function fakeEndpoints(): FakeEndpoint[] {
  const made: FakeEndpoint[] = [];
  const { Endpoint, SecurityContext } = native;
  native.Endpoint = class extends FakeEndpoint {
    constructor(...args: ConstructorParameters<typeof FakeEndpoint>) {
      super(...args);
      made.push(this);
    }
  };
  native.SecurityContext = class extends SecurityContext {
    constructor(settings: NativeSecuritySettings) {
      super(settings);
      contexts.set(this, settings);
    }
  };
  onTestFinished(() => {
    Object.assign(native, { Endpoint, SecurityContext });
  });
  return made;
}
