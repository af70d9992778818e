/** What a client's certificate is worth, in the words of the documentation. */
import { CertificateReason } from "../native.js";

/** RFC 5246 7.2.2. */
const alerts = {
  badCertificate: 42,
  unsupportedCertificate: 43,
  certificateRevoked: 44,
  certificateExpired: 45,
  unknownCa: 48,
} as const;

type Reason = keyof typeof CertificateReason;

/** In the order of Status; people search for these. */
const texts: Readonly<Record<Reason, string>> = {
  notYetValid: "Certificate is not yet valid",
  expired: "Certificate has expired",
  untrustedIssuer: "Certificate was issued by an untrusted authority",
  selfSigned: "Certificate is self-signed",
  incompleteChain: "Certificate chain is incomplete",
  invalidSignature: "Certificate signature is invalid",
  wrongUsage: "Certificate usage does not permit client authentication",
  revoked: "Certificate has been revoked",
  unknownRevocation: "Certificate revocation status is unknown",
  forbiddenAlgorithm: "Certificate key or signature algorithm is not allowed",
};

/** The first that holds says what is worst: what is forged, before what is merely out of date. */
const alertOf: readonly (readonly [Reason, number])[] = [
  ["invalidSignature", alerts.badCertificate],
  ["revoked", alerts.certificateRevoked],
  ["expired", alerts.certificateExpired],
  ["notYetValid", alerts.certificateExpired],
  ["untrustedIssuer", alerts.unknownCa],
  ["selfSigned", alerts.unknownCa],
  ["incompleteChain", alerts.unknownCa],
  ["wrongUsage", alerts.unsupportedCertificate],
  ["forbiddenAlgorithm", alerts.unsupportedCertificate],
];

/** Which reasons each bit of SSLSecurityFlags takes away; the reference's others are of no consequence here. */
const ignoredBy: readonly (readonly [number, readonly Reason[]])[] = [
  [0x1, ["notYetValid", "expired"]],
  [0x10, ["untrustedIssuer", "selfSigned", "incompleteChain"]],
  [0x20, ["wrongUsage"]],
  [0x100, ["unknownRevocation"]],
  [0x400, ["unknownRevocation"]],
  [0x800, ["unknownRevocation"]],
];

/** What stands in the log of flags that are of no consequence. */
export function ignoredFlags(flags: number): string | undefined {
  const effective = ignoredBy.reduce((sum, [flag]) => sum | flag, 0);
  const ignored = (flags & ~effective) >>> 0;
  return ignored === 0 ? undefined : `the flags 0x${ignored.toString(16)} have no effect here`;
}

export interface Verdict {
  /** "OK", or the problems found, joined by "; ". */
  status: string;
  /** Sent to the client if it is refused. */
  refusalAlert: number;
}

/** `reasons` are bits of CertificateReason. */
export function verdictOn(reasons: number): Verdict {
  const holds = (reason: Reason): boolean => (reasons & bitOf(reason)) !== 0;
  const [, refusalAlert = alerts.badCertificate] = alertOf.find(([reason]) => holds(reason)) ?? [];
  const problems = (Object.keys(texts) as Reason[]).filter(holds).map((reason) => texts[reason]);
  return { status: problems.join("; ") || "OK", refusalAlert };
}

/** Bits of CertificateReason that do not count with these SSLSecurityFlags. */
export function ignoredReasons(securityFlags: number): number {
  let bits = 0;
  for (const [flag, reasons] of ignoredBy) {
    if ((securityFlags & flag) !== 0) for (const reason of reasons) bits |= bitOf(reason);
  }
  return bits;
}

function bitOf(reason: Reason): number {
  return 1 << CertificateReason[reason];
}
