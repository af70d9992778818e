/** What a client's certificate is worth. No authority is trusted, so the listener must decide: fail-safe. */
import { native } from "../native.js";

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
  const { subject, issuer, selfSigned } = native.describeCertificate(der);
  return selfSigned
    ? { subject, issuer, status: "Certificate is self-signed", refusalAlert: badCertificate }
    : {
        subject,
        issuer,
        status: "Certificate was issued by an untrusted authority",
        refusalAlert: unknownCa,
      };
}
