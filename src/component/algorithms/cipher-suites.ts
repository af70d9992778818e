/** The cipher suites that people can name, by their names in IANA's registry. */
import { badArgument } from "../../errors.js";
import { namesIn } from "./names.js";

/** The reference's list, in its order. Those without a remark below can run. */
const documented = [
  "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
  "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
  "TLS_ECDH_ECDSA_WITH_AES_256_GCM_SHA384",
  "TLS_RSA_WITH_AES_256_GCM_SHA384",
  "TLS_RSA_WITH_AES_128_GCM_SHA256",
  "TLS_ECDH_ECDSA_WITH_AES_128_GCM_SHA256",
  "TLS_DHE_DSS_WITH_AES_256_GCM_SHA384",
  "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384",
  "TLS_ECDH_RSA_WITH_AES_256_GCM_SHA384",
  "TLS_ECDH_RSA_WITH_AES_128_GCM_SHA256",
  "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
  "TLS_DHE_DSS_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384",
  "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
  "TLS_ECDH_ECDSA_WITH_AES_256_CBC_SHA384",
  "TLS_DHE_DSS_WITH_AES_256_CBC_SHA256",
  "TLS_RSA_WITH_AES_256_CBC_SHA256",
  "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384",
  "TLS_ECDH_RSA_WITH_AES_256_CBC_SHA384",
  "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256",
  "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256",
  "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
  "TLS_RSA_WITH_AES_128_CBC_SHA256",
  "TLS_ECDH_ECDSA_WITH_AES_128_CBC_SHA256",
  "TLS_ECDH_RSA_WITH_AES_128_CBC_SHA256",
  "TLS_DHE_DSS_WITH_AES_128_CBC_SHA256",
  "TLS_RSA_WITH_AES_256_CBC_SHA",
  "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
  "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
  "TLS_ECDH_ECDSA_WITH_AES_256_CBC_SHA",
  "TLS_DHE_RSA_WITH_AES_256_CBC_SHA",
  "TLS_ECDH_RSA_WITH_AES_256_CBC_SHA",
  "TLS_DHE_DSS_WITH_AES_256_CBC_SHA",
  "TLS_RSA_WITH_AES_128_CBC_SHA",
  "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
  "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
  "TLS_ECDH_ECDSA_WITH_AES_128_CBC_SHA",
  "TLS_ECDH_RSA_WITH_AES_128_CBC_SHA",
  "TLS_DHE_RSA_WITH_AES_128_CBC_SHA",
  "TLS_DHE_DSS_WITH_AES_128_CBC_SHA",
  "TLS_ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA",
  "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA",
  "TLS_ECDH_ECDSA_WITH_3DES_EDE_CBC_SHA",
  "TLS_ECDH_RSA_WITH_3DES_EDE_CBC_SHA",
  "TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA",
  "TLS_DHE_DSS_WITH_3DES_EDE_CBC_SHA",
  "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
  "TLS_RSA_WITH_DES_CBC_SHA",
  "TLS_DHE_RSA_WITH_DES_CBC_SHA",
  "TLS_DHE_DSS_WITH_DES_CBC_SHA",
  "TLS_RSA_WITH_RC4_128_MD5",
  "TLS_RSA_WITH_RC4_128_SHA",
] as const;

/** Of our own: what "*" has besides, and every modern client offers. */
const ours = [
  "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
  "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
  "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
] as const;

export const cipherSuiteNames: readonly string[] = [...documented, ...ours];

/** Static ECDH went from OpenSSL with 1.1.0; 3DES, DES and RC4 are not built: Sweet32, RFC 6347 4.1.2.2. */
const unusable = /^TLS_ECDH_(RSA|ECDSA)_|_3DES_|_DES_CBC_|_RC4_/;

/** Whether some server can run it here. */
export function isUsable(name: string): boolean {
  return !unusable.test(name);
}

const known = new Set(cipherSuiteNames);

/** "*" or names between semicolons, in the order of preference; throws 10022 for a name that is not listed. */
export function checkCipherSuites(text: string): void {
  for (const name of suitesIn(text)) {
    if (!known.has(name)) {
      throw badArgument(
        `SSLEnabledCipherSuites: there is no cipher suite named ${JSON.stringify(name)} here`,
      );
    }
  }
}

/** What stands in the log of suites that are of no consequence. */
export function ignoredCipherSuites(text: string): string | undefined {
  const ignored = [...new Set(suitesIn(text))].filter((name) => !isUsable(name));
  return ignored.length === 0 ? undefined : `never used here are ${ignored.join(", ")}`;
}

/** For the addon; "" is its own choice. */
export function cipherList(text: string): string {
  return suitesIn(text).join(":");
}

function suitesIn(text: string): string[] {
  return text.trim() === "*" ? [] : namesIn(text.toUpperCase(), ";");
}
