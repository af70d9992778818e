/** One bound address: `binding/node/endpoint_object.h`. */
import type { NativeSecurityContext } from "./security.js";

/** Times in milliseconds, sizes in bytes. As EndpointSettings in endpoint_settings.h. */
export interface NativeEndpointSettings {
  maxConnections: number;
  maxHandshakes: number;
  maxHandshakesPerHost: number;
  maxConnectionsPerHost: number;
  maxPacketSize: number;
  handshakeMtu: number;
  handshakeTimeout: number;
  idleTimeout: number;
  /** 0 off, 1 peer_allowed_to_send, 2 peer_not_allowed_to_send (RFC 6520). */
  heartbeatMode: number;
  /** From 1 on, as keepAliveInterval. */
  keepAliveTime: number;
  keepAliveInterval: number;
  /** 0: without end. */
  keepAliveMaxRetries: number;
  pauseBound: number;
  /** Whether requests wait for answerRequest; without, all are accepted at once. */
  askRequests: boolean;
  /** Report those that were accepted at once. */
  reportRequests: boolean;
  reportProgress: boolean;
  /** `dropped` events: of dropOversized and dropPaused, and of all else. */
  reportLosses: boolean;
  reportDrops: boolean;
  reportRecords: boolean;
}

export interface NativeBindOptions {
  /** An IP literal or a host name, resolved synchronously; "" binds all interfaces of the family. */
  host: string;
  port: number;
  ipv6: boolean;
  /** SO_RCVBUF and SO_SNDBUF; 0 leaves the system's. A size the system refuses is no error. */
  receiveBuffer: number;
  sendBuffer: number;
  /**
   * SO_REUSEPORT. Here and below: what the system or the path lacks is refused by bind, with ENOTSUP and the
   * option's name (`lackingOption`).
   */
  sharePort: boolean;
  dontFragment: boolean;
  /** The DS field, DSCP << 2 (RFC 2474); 0 leaves the system's. */
  trafficClass: number;
  /** Each connection gets a socket of its own, connected to its peer. Not with sharePort. */
  connectPeers: boolean;
  /** connectionLocalAddress tells exactly, also where answers would find their way without. */
  captureDestination: boolean;
  /** A SocketPath. */
  path: number;
}

export interface NativeAddress {
  address: string;
  port: number;
}

/**
 * Called once per batch with `count` events in the table and their bytes in a slab made for this batch (at
 * most 32 KiB unless one record needs more); `undefined` when no event has bytes. Never called inside a
 * call into the addon. What it throws surfaces as an uncaught exception. A count of 0 is the last call: the
 * endpoint was closed and all events of it have been handed over.
 */
export type NativeDispatch = (count: number, slab: Uint8Array | undefined) => void;

/** One bound address. Connection ids are safe integers from `firstId` on. */
export interface NativeEndpoint {
  /** Binds, or throws NativeSystemError and leaves nothing behind. A second call throws. */
  bind(options: NativeBindOptions): void;
  /** Throws NativeSystemError when not bound. */
  localAddress(): NativeAddress;
  bufferSizes(): { receive: number; send: number };
  setBufferSizes(receive: number, send: number): void;
  setSecurityContext(context: NativeSecurityContext): void;
  /** 32 bytes that others have too, who answer each other's clients then; empty: one of its own. */
  setCookieSecret(secret: Uint8Array): void;
  setAccepting(accepting: boolean): void;
  configure(settings: NativeEndpointSettings): void;
  answerRequest(id: number, accept: boolean): boolean;
  answerCertificate(id: number, accept: boolean, refusalAlert: number): boolean;
  /**
   * A SendResult. Sends before it returns only what fills the batch.
   *
   * Here and in the three below: for a connection that has ended, before endTold, nothing happens and the
   * answer is good.
   */
  send(id: number, data: Uint8Array): number;
  disconnect(id: number): boolean;
  pause(id: number): boolean;
  resume(id: number): boolean;
  /**
   * The end of a connection has become known to those who use it. Until then it counts as a connection here
   * and in the calls below, for they may still be hearing of its last data.
   */
  endTold(id: number): void;
  /** The peer of an established connection. */
  connection(id: number): NativeAddress | undefined;
  /**
   * Where the peer of an established connection reaches us. Bound to a wildcard on libuv's path this asks the
   * system, by a socket made for each call. Throws NativeSystemError.
   */
  connectionLocalAddress(id: number): NativeAddress | undefined;
  /** What the handshake has agreed on; while a client certificate is being decided, too. */
  negotiated(id: number): NativeNegotiated | undefined;
  connectionIds(): number[];
  connectionCount(): number;
  /** With requests and handshakes in progress. */
  associationCount(): number;
  nextId(): number;
  /** In the order of `counterNames`. */
  counters(): number[];
  /**
   * Disconnects all, sends what is to be sent and releases the address before it returns. The events of it
   * come later through dispatch; after them the endpoint is dead and keeps nothing alive. Idempotent.
   */
  close(): void;
}

export interface NativeNegotiated {
  /** "DTLS1.2". */
  version: string;
  /** Its IANA name. */
  cipherSuite: string;
  /** Bits of the bulk cipher's key. */
  strength: number;
  /** Of the curve, the prime or the RSA modulus; 0 if unknown. */
  keyExchangeBits: number;
}
