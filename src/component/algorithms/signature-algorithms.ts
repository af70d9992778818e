/** The signature algorithms that people can name: "sha256-ecdsa" and the like. */
import { badArgument } from "../../errors.js";
import { namesIn } from "./names.js";

const hashes = ["sha512", "sha384", "sha256", "sha224", "sha1"];
const keys = ["ecdsa", "rsa", "dsa"];

/** OpenSSL's names; EdDSA, which has no hash to choose, is of our own. */
const algorithms: ReadonlyMap<string, string> = new Map([
  ...hashes.flatMap((hash) =>
    keys.map((key): [string, string] => [`${hash}-${key}`, `${key.toUpperCase()}+${hash.toUpperCase()}`]),
  ),
  ["ed25519", "ed25519"],
  ["ed448", "ed448"],
]);

/** The reference's: all that have a hash. */
export const defaultSignatureAlgorithms = hashes
  .flatMap((hash) => keys.map((key) => `${hash}-${key}`))
  .join(",");

/** Names between commas, in the order of preference; throws 10022 for one that is not listed. */
export function checkSignatureAlgorithms(text: string): void {
  for (const name of algorithmsIn(text)) {
    if (!algorithms.has(name)) {
      throw badArgument(
        `TLS12SignatureAlgorithms: ${JSON.stringify(name)} is none of ${[...algorithms.keys()].join(", ")}`,
      );
    }
  }
}

/** For the addon; "" allows all. */
export function signatureAlgorithmList(text: string): string {
  return [...new Set(algorithmsIn(text))].map((name) => algorithms.get(name)).join(":");
}

/** A name has two parts, and spaces between those do not count either. */
function algorithmsIn(text: string): string[] {
  return namesIn(text.replace(/\s/g, "").toLowerCase(), ",");
}
