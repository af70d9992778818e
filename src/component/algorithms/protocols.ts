/** The protocol versions that people can name, by the bit pairs of the reference (TLS's, server and client). */
import { DTLSError } from "../../errors.js";

const dtls12 = 0xc00;
/** DTLS 1.0 is TLS 1.1's. */
const dtls10 = 0x300;
const dtls13 = 0x3000;

export interface Protocols {
  dtls12: boolean;
  dtls10: boolean;
}

export function protocolsOf(bits: number): Protocols {
  return { dtls12: (bits & dtls12) !== 0, dtls10: (bits & dtls10) !== 0 };
}

/** Throws 402 for what no OpenSSL of ours has. */
export function checkProtocols(bits: number): void {
  if ((bits & dtls13) !== 0) {
    throw new DTLSError(402, "SSLEnabledProtocols: this OpenSSL has no DTLS 1.3 (12288); 3072 is DTLS 1.2");
  }
}

/** What stands in the log of bits that are of no consequence. */
export function ignoredProtocols(bits: number): string | undefined {
  const ignored = (bits & ~(dtls12 | dtls10 | dtls13)) >>> 0;
  return ignored === 0 ? undefined : `no DTLS version has the bits 0x${ignored.toString(16)}`;
}
