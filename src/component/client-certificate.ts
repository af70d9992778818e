/** What a client's certificate is worth. No authority is trusted, so the listener must decide: fail-safe. */
import { isProblem } from "../certificate/store.js";
import { type NativeCertificateDescription, native } from "../native.js";

/** RFC 5246 7.2.2. */
const badCertificate = 42;
const unknownCa = 48;

export interface ClientCertificateCheck {
  subject: string;
  issuer: string;
  /** "OK", or the problems found, joined by "; ". */
  status: string;
  /** Sent to the client if it is refused. */
  refusalAlert: number;
}

export function checkClientCertificate(der: Uint8Array): ClientCertificateCheck {
  let description: NativeCertificateDescription;
  try {
    description = native.describeCertificate(der);
  } catch (cause) {
    // A peer made this: it is refused, and nothing else happens.
    if (!isProblem(cause)) throw cause;
    const status = `Certificate cannot be read: ${cause.message}`;
    return { subject: "", issuer: "", status, refusalAlert: badCertificate };
  }
  const { subject, issuer, selfSigned } = description;
  return selfSigned
    ? { subject, issuer, status: "Certificate is self-signed", refusalAlert: badCertificate }
    : {
        subject,
        issuer,
        status: "Certificate was issued by an untrusted authority",
        refusalAlert: unknownCa,
      };
}
