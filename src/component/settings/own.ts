import { checkSecret } from "../secret-texts.js";
import { integer, type SettingGroup, text } from "./setting.js";

/** Settings of our own; the reference has no names for these. */
export const ownSettings = {
  CookieSecret: text({
    holds: "32 bytes in hexadecimal",
    default: "",
    effect: "handshakes",
    check: (text) => checkSecret("CookieSecret", text, 32),
    meaning:
      "Secret of the cookies that prove a client's address, shared by workers and machines of one service: each " +
      "then answers whom another has sent a HelloVerifyRequest. The keys rotate every 120 s by the wall clock, " +
      "which must agree within that. Empty: a random one, of this server alone.",
  }),
  HandshakeMTU: integer({
    default: 1200,
    min: 256,
    max: 65507,
    effect: "now",
    meaning: "Largest UDP payload of handshake flights, in bytes.",
  }),
  HandshakeTimeout: integer({
    default: 60,
    min: 1,
    max: 600,
    effect: "now",
    meaning: "Deadline of a handshake in seconds, the time for decisions of listeners included.",
  }),
  KeepAliveMaxRetries: integer({
    default: 0,
    min: 0,
    max: 0x7fff_ffff,
    effect: "now",
    meaning:
      "HeartbeatRequests in a row, KeepAliveInterval apart, that a client may leave unanswered: then the " +
      "connection ends with 10060. 0 = any number, as the reference has it. Only if KeepAlive is on.",
  }),
  MaxConnectionsPerHost: integer({
    default: 0,
    min: 0,
    max: 1_000_000,
    effect: "now",
    meaning:
      "Most connections and handshakes past the cookie of one remote host, an IPv4 address or an IPv6 /64; " +
      "0 = no limit.",
  }),
  MaxHandshakes: integer({
    default: 1000,
    min: 1,
    max: 1_000_000,
    effect: "now",
    meaning: "Most handshakes in progress past the cookie, of all peers.",
  }),
  MaxHandshakesPerHost: integer({
    default: 32,
    min: 1,
    max: 1_000_000,
    effect: "now",
    meaning:
      "Most handshakes in progress past the cookie, of one remote host, an IPv4 address or an IPv6 /64.",
  }),
  SocketPath: text({
    default: "auto",
    words: ["auto", "uv", "linux"],
    effect: "start",
    meaning:
      "How the socket is served: linux reads and writes whole batches on a descriptor of its own, and answers from " +
      "the address that a client has reached; uv is libuv's UDP handle, for every system; auto is linux where " +
      "there is Linux, else uv.",
  }),
  TicketKeys: text({
    holds: "80 bytes in hexadecimal",
    default: "",
    effect: "handshakes",
    check: (text) => checkSecret("TicketKeys", text, 80),
    meaning:
      "Secret of the session tickets, shared by workers and machines of one service, which then resume each " +
      "other's sessions. The keys rotate every ten hours by the wall clock, which must agree within that. " +
      "Empty: a random one, of this server alone. Only if ReuseSSLSession is on.",
  }),
} satisfies SettingGroup;
