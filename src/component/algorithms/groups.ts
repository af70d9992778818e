/** The groups of ephemeral key exchange that people can name (RFC 8422 5.1.1). */
import { badArgument } from "../../errors.js";
import { namesIn } from "./names.js";

/** OpenSSL's names; the last two are of our own. */
const groups: Readonly<Record<string, string>> = {
  ecdhe_secp256r1: "P-256",
  ecdhe_secp384r1: "P-384",
  ecdhe_secp521r1: "P-521",
  x25519: "X25519",
  x448: "X448",
};

export const defaultGroups = "ecdhe_secp256r1,ecdhe_secp384r1,ecdhe_secp521r1";

/** Names between commas, in the order of preference; throws 10022 for one that is not listed. */
export function checkGroups(text: string): void {
  for (const name of groupsIn(text)) {
    if (!Object.hasOwn(groups, name)) {
      const names = Object.keys(groups).join(", ");
      throw badArgument(`TLS12SupportedGroups: ${JSON.stringify(name)} is none of ${names}`);
    }
  }
}

/** For the addon. */
export function groupList(text: string): string {
  return [...new Set(groupsIn(text))].map((name) => groups[name]).join(":");
}

function groupsIn(text: string): string[] {
  return namesIn(text.toLowerCase(), ",");
}
