import type { Identity } from "../certificate/selection.js";
import { isProblem } from "../certificate/store.js";
import { DTLSError } from "../errors.js";
import { type NativeSecurityContext, native } from "../native.js";

/** What handshakes start with, beside the server's own certificate. */
export interface HandshakeOptions {
  requestClientCertificate: boolean;
  resumption: boolean;
}

/** What handshakes start with, and what it was built from. */
export interface Security {
  context: NativeSecurityContext;
  identity: Identity;
  options: HandshakeOptions;
}

/** Throws 404 for a certificate and key that cannot serve, 402 where no cipher suite or group is left. */
export function buildSecurity(identity: Identity, options: HandshakeOptions): Security {
  try {
    const settings = { ...identity, ...options, cipherList: "", groups: "" };
    return { context: new native.SecurityContext(settings), identity, options };
  } catch (cause) {
    if (!isProblem(cause)) throw cause;
    const code = cause.problem === "unsupported" ? 402 : 404;
    throw new DTLSError(code, cause.message, { reason: cause.message, cause });
  }
}
