import type { Identity } from "../certificate/selection.js";
import { isProblem } from "../certificate/store.js";
import { DTLSError } from "../errors.js";
import { type NativeSecurityContext, native } from "../native.js";

/** What handshakes start with, and what it was built from. */
export interface Security {
  context: NativeSecurityContext;
  identity: Identity;
}

/** Throws 404 for a certificate and key that cannot serve, 402 where no cipher suite or group is left. */
export function buildSecurity(identity: Identity, requestClientCertificate: boolean): Security {
  try {
    const settings = { ...identity, requestClientCertificate, cipherList: "", groups: "", resumption: false };
    return { context: new native.SecurityContext(settings), identity };
  } catch (cause) {
    if (!isProblem(cause)) throw cause;
    const code = cause.problem === "unsupported" ? 402 : 404;
    throw new DTLSError(code, cause.message, { reason: cause.message, cause });
  }
}
