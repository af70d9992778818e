/** The chain that is sent with the server's certificate. */
import { native } from "../native.js";

/**
 * Each certificate once, in DER, its issuer behind it as far as that is there (RFC 5246 7.4.2); then what is
 * left, in the order given. The first stays first.
 */
export function orderedChain(certificates: readonly Uint8Array[]): Uint8Array[] {
  const [leaf, ...others] = distinct(certificates);
  if (leaf === undefined) return [];
  const chain = [leaf];
  let rest = others.map((der) => ({ der, ...native.certificateNames(der) }));
  let { issuer } = native.certificateNames(leaf);
  for (;;) {
    const next = rest.find(({ subject }) => subject === issuer);
    if (!next) break;
    chain.push(next.der);
    rest = rest.filter((other) => other !== next);
    issuer = next.issuer;
  }
  return [...chain, ...rest.map(({ der }) => der)];
}

function distinct(certificates: readonly Uint8Array[]): Uint8Array[] {
  const seen = new Map(certificates.map((der) => [Buffer.from(der).toString("base64"), der]));
  return [...seen.values()];
}
