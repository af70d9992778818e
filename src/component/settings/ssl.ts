import { type BooleanSetting, group } from "./setting.js";

/** The reference's "SSL Config Settings". */
export const sslSettings = group({
  ReuseSSLSession: {
    type: "boolean",
    default: false,
    effect: "handshakes",
    meaning:
      "Whether clients may resume a session, which saves both sides the certificates and most of the work: " +
      "with session tickets (RFC 5077), or from a bounded cache for clients without them. A session is " +
      "resumed only by the server that made it, and not after ReuseSSLSession was turned off, the " +
      "certificate or SSLAuthenticateClients was changed, or StartListening was called again.",
  } as BooleanSetting,
});
