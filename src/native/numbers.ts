/**
 * What crosses the seam as a number. The lists are X-macros in `binding/core` (events.h, fault.h, endpoint.h,
 * client_verification.h, key_store.h, counters.h) and an enumeration in `binding/net/udp_socket.h`.
 */

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
  oversized: 18,
  networkError: 19,
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
  "icmpErrors",
  "kernelDrops",
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

/** Int32 fields of one event in the table: kind, id (low, high), a, b, c, offset, length. */
export const EVENT_STRIDE = 8;
