/**
 * The seam: all that TypeScript knows of the addon. Its other side is `binding/node/`.
 *
 * The lists of what crosses as a number are X-macros in `binding/core` (events.h, fault.h, endpoint.h,
 * client_verification.h, key_store.h, counters.h). The addon exports their names as `seam`; names and order are compared with the
 * tables below when it is loaded, so that an old binary under new JavaScript says so at once. What the fields
 * of an event and of the settings mean is not compared: a package's binary and its JavaScript come together.
 */

import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Event kinds, in the order of DTLS_EVENT_KINDS; see there for what `a`, `b`, `c` and the bytes mean. */
export const EventKind = {
  connectionRequest: 1,
  clientCertificate: 2,
  connected: 3,
  handshakeFailed: 4,
  data: 5,
  disconnected: 6,
  error: 7,
  progress: 8,
  limitReached: 9,
  dropped: 10,
  keepAliveInert: 11,
  forgedRecords: 12,
  helloVerifyRequest: 13,
  keyLog: 14,
  record: 15,
} as const;

/** In the order of DTLS_PROGRESS_STEPS. */
export const ProgressStep = {
  handshakeStarted: 0,
  receivedClientHello: 1,
  sentServerHello: 2,
  sentCertificate: 3,
  sentServerKeyExchange: 4,
  sentCertificateRequest: 5,
  sentServerHelloDone: 6,
  receivedCertificate: 7,
  receivedClientKeyExchange: 8,
  receivedCertificateVerify: 9,
  receivedFinished: 10,
  sentFinished: 11,
  handshakeComplete: 12,
  sentAlert: 13,
  receivedAlert: 14,
  flightRetransmitted: 15,
  sentHeartbeatRequest: 16,
  receivedHeartbeatResponse: 17,
  answeredHeartbeatRequest: 18,
  refusedRenegotiation: 19,
  sessionResumed: 20,
  timerExpired: 21,
} as const;

/** In the order of DTLS_FAULTS. */
export const Fault = {
  none: 0,
  idle: 1,
  replaced: 2,
  timedOut: 3,
  aborted: 4,
  closedInHandshake: 5,
  malformed: 6,
  unexpectedMessage: 7,
  unsupported: 8,
  handshakeFailed: 9,
  certificateRefused: 10,
  fatalAlert: 11,
  sendFailed: 12,
  internal: 13,
  noHeartbeatResponse: 14,
  keysUsedUp: 15,
  tooManyForgeries: 16,
  noOwnSocket: 17,
} as const;

/** In the order of DTLS_SEND_RESULTS; `blocked` is the rim's: the outgoing queue is full. */
export const SendResult = {
  sent: 0,
  unknownConnection: 1,
  notEstablished: 2,
  tooLong: 3,
  failed: 4,
  blocked: 5,
} as const;

/** What speaks against a client's certificate: bits, 1 << n, in the order of DTLS_CERTIFICATE_REASONS. */
export const CertificateReason = {
  notYetValid: 0,
  expired: 1,
  untrustedIssuer: 2,
  selfSigned: 3,
  incompleteChain: 4,
  invalidSignature: 5,
  wrongUsage: 6,
  revoked: 7,
  unknownRevocation: 8,
  forbiddenAlgorithm: 9,
} as const;

/**
 * How the socket is served: libuv's UDP handle, or recvmmsg and sendmmsg on a descriptor; `auto` picks. In the
 * order of the enumeration in udp_socket.h.
 */
export const SocketPath = { auto: 0, uv: 1, linux: 2 } as const;

/** Formats of `openStore`, in the order of DTLS_STORE_FORMATS. */
export const StoreFormat = { detect: 0, pfx: 1, pem: 2, certificate: 3, pkcs7: 4 } as const;

/** In the order of DTLS_COUNTERS; src/counters.ts says what each means. */
export const counterNames = [
  "datagramsReceived",
  "bytesReceived",
  "datagramsSent",
  "bytesSent",
  "helloVerifyRequests",
  "connectionRequests",
  "connectionRequestsRefused",
  "handshakesStarted",
  "handshakesCompleted",
  "handshakesFailed",
  "handshakesTimedOut",
  "handshakesReplaced",
  "handshakesResumed",
  "restarts",
  "flightsRetransmitted",
  "finalFlightsResent",
  "renegotiationsRefused",
  "applicationRecordsReceived",
  "applicationBytesReceived",
  "applicationRecordsSent",
  "applicationBytesSent",
  "heartbeatRequestsReceived",
  "heartbeatRequestsSent",
  "heartbeatResponsesReceived",
  "heartbeatResponsesSent",
  "connectionsClosed",
  "connectionsIdle",
  "keepAliveEnded",
  "sendsBlocked",
  "sendsFailed",
  "dropEmpty",
  "dropOversized",
  "dropUnknownPeer",
  "dropMalformedHello",
  "dropHelloFragment",
  "dropNotAccepting",
  "dropMaxConnections",
  "dropMaxHandshakes",
  "dropMaxHandshakesPerHost",
  "dropMaxConnectionsPerHost",
  "dropBadCookie",
  "dropDuplicateHello",
  "dropMalformedRecord",
  "dropWrongEpoch",
  "dropUnauthenticated",
  "dropSpoofable",
  "dropUnexpectedHandshake",
  "dropHeldOverflow",
  "dropHeartbeat",
  "dropPaused",
  "alertsIgnored",
] as const;

/** Int32 fields of one event in the ring: kind, id (low, high), a, b, c, offset, length. */
export const EVENT_STRIDE = 8;

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

/** What native calls throw for the system's errors: `code` is Node's name ("EADDRINUSE"). */
export interface NativeSystemError extends Error {
  code: string;
  errno: number;
  syscall: string;
}

/** What `SecurityContext` and `openStore` throw. */
export interface NativeProblem extends Error {
  problem: "certificate" | "unsupported" | "unreadable" | "wrongPassword";
}

/** The option that bind has refused with ENOTSUP, in a message like "connect ENOTSUP connect_peers". */
export function lackingOption({ code, message }: NativeSystemError): string | undefined {
  const name = code === "ENOTSUP" ? / ENOTSUP (\w+)$/.exec(message)?.[1] : undefined;
  return name && camel(name);
}

declare const securityContext: unique symbol;

/** An SSL_CTX; handshakes that started with it keep it. The addon takes nothing else for one. */
export interface NativeSecurityContext {
  readonly [securityContext]: true;
}

declare const trustStore: unique symbol;

/** Authorities that clients' certificates may lead to. The addon takes nothing else for one. */
export interface NativeTrustStore {
  readonly [trustStore]: true;
  /** Certificates in it. */
  readonly size: number;
}

export interface NativeSecuritySettings {
  /** DER: leaf, then its chain. */
  certificates: Uint8Array[];
  /** PKCS#8 DER. */
  privateKey: Uint8Array;
  requestClientCertificate: boolean;
  /** Undefined: nobody is trusted. Those that were added to another store are named to clients. */
  clientTrust: NativeTrustStore | undefined;
  /** Bits of CertificateReason that do not count. */
  ignoredReasons: number;
  dtls12: boolean;
  /** Takes OpenSSL's security level 0, for all that the context does. */
  dtls10: boolean;
  /** IANA names between colons, or OpenSSL's syntax; "" is the addon's own choice. */
  cipherList: string;
  /** Least bits of a bulk cipher's key. */
  minimumStrength: number;
  /** OpenSSL's syntax; "" is none, which leaves out ECDHE. */
  groups: string;
  /** OpenSSL's syntax, "ECDSA+SHA256:RSA+SHA256:ed25519", RSASSA-PSS being RSA too; "" allows all. */
  signatureAlgorithms: string;
  /** RFC 5746; without it clients with OpenSSL 3 go away. */
  renegotiationInfo: boolean;
  /** Session tickets, and a bounded cache for clients without them. */
  resumption: boolean;
  /** 80 bytes that others have too, whose sessions are resumed then; empty: drawn for this context. */
  ticketSecret: Uint8Array;
  /** Whether `keyLog` events tell the master secrets. */
  keyLog: boolean;
}

/**
 * Called once per batch with `count` events in the ring and their bytes in a slab made for this batch (at
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
   * system, by a socket made for it: several times the cost of any other call. Throws NativeSystemError.
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

export interface NativeStoreEntry {
  /** Of the certificate, as in NativeCertificateDescription; "" for a bare key. */
  subject: string;
  /** DER; empty for a bare key. */
  certificate: Uint8Array;
  /** PKCS#8 DER; empty for a bare certificate. */
  privateKey: Uint8Array;
  chain: Uint8Array[];
}

export interface NativePublicKeyDescription {
  /** Dotted OID. */
  algorithm: string;
  /** Of the modulus, of DSA's p, or of the curve; 0 if OpenSSL does not know the key. */
  bits: number;
  /** SubjectPublicKeyInfo in DER. */
  der: Uint8Array;
}

export interface NativeKeyDescription extends NativePublicKeyDescription {
  /** The public key as SSH writes it (RFC 4253 6.6); empty for one that SSH does not have. */
  ssh: Uint8Array;
}

/** What is missing or damaged is empty. */
export interface NativeCertificateDescription {
  /** Most specific first: "CN=www.example.com, O=Example, C=US". */
  subject: string;
  issuer: string;
  selfSigned: boolean;
  /** 1 to 3. */
  version: number;
  /** Upper-case hex, two digits a byte; "-" in front of a negative one. */
  serialNumber: string;
  /** Seconds since 1970; undefined for what is no time. */
  notBefore: number | undefined;
  notAfter: number | undefined;
  /** Dotted OID. */
  signatureAlgorithm: string;
  publicKey: NativePublicKeyDescription;
  /** The first byte of the extension: 0x80 digitalSignature to 0x01 encipherOnly. */
  keyUsage: number;
  /** Dotted OIDs. */
  extendedKeyUsage: string[];
  /** DNS names, IP and e-mail addresses, URIs, in their order. */
  alternativeNames: string[];
}

/** The addon's names of what crosses as a number, in the order of the numbers. An older binary may lack some. */
export interface NativeSeam {
  readonly eventKinds?: readonly string[];
  readonly progressSteps?: readonly string[];
  readonly faults?: readonly string[];
  readonly sendResults?: readonly string[];
  readonly certificateReasons?: readonly string[];
  readonly storeFormats?: readonly string[];
  readonly socketPaths?: readonly string[];
  readonly counters?: readonly string[];
  readonly eventStride?: number;
}

export interface NativeAddon {
  readonly seam: NativeSeam;
  /** Of the OpenSSL this addon runs: "OpenSSL 3.0.17 1 Jul 2025". */
  opensslVersion(): string;
  /** Of the OpenSSL headers this addon was compiled with. */
  opensslHeadersVersion(): string;
  Endpoint: new (
    settings: NativeEndpointSettings,
    firstId: number,
    ring: Int32Array,
    dispatch: NativeDispatch,
  ) => NativeEndpoint;
  SecurityContext: new (settings: NativeSecuritySettings) => NativeSecurityContext;
  /**
   * From bundles of PEM blocks; what cannot be read in them is passed over. Equal bundles are parsed once in
   * the process. With `base` they stand beside those of another store.
   */
  TrustStore: new (
    bundles: Uint8Array[],
    base?: NativeTrustStore,
  ) => NativeTrustStore;
  /** Those of a text in DER, and how many of its certificate blocks hold none. */
  readPemCertificates(text: Uint8Array): { certificates: Uint8Array[]; unreadable: number };
  /**
   * Throws NativeProblem. `format` is a StoreFormat. `more` are certificates in DER that count as if they stood
   * in the store.
   */
  openStore(bytes: Uint8Array, password: string, format: number, more?: Uint8Array[]): NativeStoreEntry[];
  /** Whether stores and keys under RC2 or single DES can be opened: OpenSSL's legacy provider is there. */
  legacyAlgorithms(): boolean;
  /** Throws NativeProblem for what is no DER certificate. */
  describeCertificate(der: Uint8Array): NativeCertificateDescription;
  /** Throws NativeProblem for what is no private key in PKCS#8 DER. */
  describeKey(privateKey: Uint8Array): NativeKeyDescription;
  alertName(description: number): string;
}

export const native: NativeAddon = load();

function load(): NativeAddon {
  const require = createRequire(import.meta.url);
  const root = join(dirname(fileURLToPath(import.meta.url)), "..");
  let addon: NativeAddon;
  try {
    const explicit = process.env["OPENSSL_DTLS_ADDON"];
    addon = explicit
      ? (require(explicit) as NativeAddon)
      : ((require("node-gyp-build") as (directory: string) => NativeAddon)(root) as NativeAddon);
  } catch (cause) {
    throw new Error(
      `openssl-dtls has no binary for ${process.platform}-${process.arch} that loads here. ` +
        `Build it from source with: npx cmake-js compile -d node_modules/openssl-dtls ` +
        `(needs a C++17 compiler, CMake and the OpenSSL headers; libssl-dev on Debian).`,
      { cause },
    );
  }
  checkSeam(addon.seam);
  return addon;
}

/** "drop_empty", as the core has it, is "dropEmpty" here. */
export function camel(name: string): string {
  return name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** Throws unless every table above has exactly the addon's names, in its order. */
export function checkSeam(seam: NativeSeam): void {
  const agrees = (table: Readonly<Record<string, number>>, names: readonly string[] = [], first = 0) =>
    Object.keys(table).length === names.length &&
    names.every((name, index) => table[camel(name)] === index + first);
  const counters = Object.fromEntries(counterNames.map((name, index) => [name, index]));
  if (
    !agrees(EventKind, seam.eventKinds, 1) ||
    !agrees(ProgressStep, seam.progressSteps) ||
    !agrees(Fault, seam.faults) ||
    !agrees(SendResult, seam.sendResults) ||
    !agrees(CertificateReason, seam.certificateReasons) ||
    !agrees(StoreFormat, seam.storeFormats) ||
    !agrees(SocketPath, seam.socketPaths) ||
    !agrees(counters, seam.counters) ||
    seam.eventStride !== EVENT_STRIDE
  ) {
    throw new Error(
      "openssl-dtls: the addon's binary and its JavaScript are of different versions. " +
        "Reinstall the package, or rebuild the addon with: npx cmake-js compile",
    );
  }
}
