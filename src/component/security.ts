import type { Identity } from "../certificate/selection.js";
import { isProblem } from "../certificate/store.js";
import { DTLSError } from "../errors.js";
import { type NativeSecurityContext, type NativeSecuritySettings, native } from "../native.js";
import { orderedChain } from "./certificate-chain.js";
import { certificatesIn } from "./certificate-texts.js";
import type { HandshakeOptions } from "./handshake-options.js";
import { secretBytes } from "./secret-texts.js";
import { trustWith } from "./trusted-roots.js";

/** What handshakes start with, and what it was built from. */
export interface Security {
  context: NativeSecurityContext;
  identity: Identity;
  options: HandshakeOptions;
}

const namesOfSettings =
  "SSLEnabledProtocols, SSLEnabledCipherSuites, SSLCipherStrength, TLS12SupportedGroups and " +
  "TLS12SignatureAlgorithms";

/** Throws 404 for a certificate and key that cannot serve, 402 where no cipher suite or group is left. */
export function buildSecurity(identity: Identity, options: HandshakeOptions): Security {
  try {
    const { chain, clientAuthorities, ticketSecret, ...plain } = options;
    const settings: NativeSecuritySettings = {
      ...plain,
      certificates: orderedChain([...identity.certificates, ...certificatesIn(chain)]),
      privateKey: identity.privateKey,
      clientTrust: options.requestClientCertificate ? trustWith(clientAuthorities) : undefined,
      ticketSecret: secretBytes(ticketSecret),
    };
    return { context: new native.SecurityContext(settings), identity, options };
  } catch (cause) {
    if (!isProblem(cause)) throw cause;
    const reason = cause.message;
    if (cause.problem !== "unsupported") throw new DTLSError(404, reason, { reason, cause });
    throw new DTLSError(402, `${reason}; see the settings ${namesOfSettings}`, { reason, cause });
  }
}
