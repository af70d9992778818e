import type { Identity } from "../certificate/selection.js";
import { isProblem } from "../certificate/store.js";
import { DTLSError } from "../errors.js";
import { type NativeSecurityContext, native } from "../native.js";

/** Throws 404 for a certificate and key that cannot serve, 402 where no cipher suite or group is left. */
export function buildSecurityContext(
  { certificates, privateKey }: Identity,
  requestClientCertificate: boolean,
): NativeSecurityContext {
  try {
    return new native.SecurityContext({
      certificates,
      privateKey,
      requestClientCertificate,
      cipherList: "",
      groups: "",
    });
  } catch (cause) {
    if (!isProblem(cause)) throw cause;
    const code = cause.problem === "unsupported" ? 402 : 404;
    throw new DTLSError(code, cause.message, { reason: cause.message, cause });
  }
}
