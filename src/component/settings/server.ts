import { integer, type SettingGroup } from "./setting.js";

/** The reference's "DTLSServer Config Settings". */
export const serverSettings = {
  KeepAliveInterval: integer({
    default: 2,
    min: 1,
    max: 1_000_000_000,
    effect: "now",
    meaning:
      "Seconds from a HeartbeatRequest that is not answered to its repetition, with the same payload, until it " +
      "is. Only if KeepAlive is on.",
  }),
  KeepAliveMode: integer({
    default: 1,
    min: 1,
    max: 2,
    effect: "handshakes",
    meaning:
      "What this server's hello says of heartbeats (RFC 6520): 1 peer_allowed_to_send, clients may send " +
      "HeartbeatRequests and get answers; 2 peer_not_allowed_to_send, theirs are dropped without a word. This " +
      "server sends its own either way, except to clients that say 2 themselves or do not offer heartbeats. " +
      "Only if KeepAlive is on.",
  }),
  KeepAliveTime: integer({
    default: 60,
    min: 1,
    max: 1_000_000_000,
    effect: "now",
    meaning:
      "Seconds without an authentic record from the client after which it is sent a HeartbeatRequest. Only if " +
      "KeepAlive is on.",
  }),
  LogLevel: integer({
    default: 1,
    min: 0,
    max: 3,
    effect: "now",
    meaning:
      "Ceiling for the Log event. 0 None. 1 Info: the start and end of listening, requests, connections and why " +
      "they ended, limits reached, and all errors. 2 Verbose, besides: each step of a handshake, in the words of " +
      "SSLStatus, HelloVerifyRequests and flights sent again; the size of each datagram; datagrams lost because they " +
      "were too long or the connection paused; heartbeats. 3 Debug, besides: the header of each record, from the " +
      "hello with the cookie on (LogSSLPackets adds its bytes); whatever else was dropped, and why; timers that " +
      "expired; settings, or parts of them, that have no effect here. Lines that clients can cause without end are " +
      "limited at every level, and a line counts those left out: a second has 10 about handshakes and 100 about " +
      "connections at Info, 20 about handshakes at Verbose, 100 about records and 100 about timers.",
  }),
  MaxConnections: integer({
    default: 1000,
    min: 1,
    max: 1_000_000,
    effect: "now",
    locked: { while: "listening", code: 108 },
    meaning:
      "Most peers with a connection or a handshake past the cookie. At the limit new ClientHellos are " +
      "dropped without an answer.",
  }),
} satisfies SettingGroup;
