/** The chain that is sent with the server's certificate. */
import { native } from "../native.js";

/**
 * Each certificate once, in DER, its issuer behind it as far as that is there (RFC 5246 7.4.2); then what is
 * left, in the order given. The first stays first.
 */
export function orderedChain(certificates: readonly Uint8Array[]): Uint8Array[] {
  const all = distinct(certificates);
  const first = [0, ...native.chainAbove(all)];
  return [...first.flatMap((index) => all[index] ?? []), ...all.filter((_, index) => !first.includes(index))];
}

function distinct(certificates: readonly Uint8Array[]): Uint8Array[] {
  const seen = new Map(certificates.map((der) => [Buffer.from(der).toString("base64"), der]));
  return [...seen.values()];
}
