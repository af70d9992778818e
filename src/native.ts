/**
 * The seam: all that TypeScript knows of the addon. Its other side is `binding/node/`. What it says is declared in
 * `src/native/`, one concept a file; here it is loaded, and handed out.
 *
 * The addon exports the names of what crosses as a number, `seam`; they and their order are compared with those of
 * `native/numbers.ts` and `native/event-fields.ts` when it is loaded.
 */

import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type {
  NativeCertificateDescription,
  NativeKeyDescription,
  NativeStoreEntry,
} from "./native/certificates.js";
import type { NativeDispatch, NativeEndpoint, NativeEndpointSettings } from "./native/endpoint.js";
import { checkSeam, type NativeSeam } from "./native/seam.js";
import type { NativeSecurityContext, NativeSecuritySettings, NativeTrustStore } from "./native/security.js";

export * from "./native/certificates.js";
export * from "./native/endpoint.js";
export * from "./native/errors.js";
export * from "./native/event-fields.js";
export * from "./native/numbers.js";
export * from "./native/seam.js";
export * from "./native/security.js";

export interface NativeAddon {
  readonly seam: NativeSeam;
  /** Of the OpenSSL this addon runs: "OpenSSL 3.0.17 1 Jul 2025". */
  opensslVersion(): string;
  /** Of the OpenSSL headers this addon was compiled with. */
  opensslHeadersVersion(): string;
  Endpoint: new (
    settings: NativeEndpointSettings,
    firstId: number,
    table: Int32Array,
    dispatch: NativeDispatch,
  ) => NativeEndpoint;
  SecurityContext: new (settings: NativeSecuritySettings) => NativeSecurityContext;
  /**
   * From bundles of PEM blocks; what cannot be read in them is passed over. Equal bundles are parsed once in
   * the process. With `base` they stand beside those of another store.
   */
  TrustStore: new (
    bundles: Uint8Array[],
    base?: NativeTrustStore,
  ) => NativeTrustStore;
  /** Those of a text in DER, and how many of its certificate blocks hold none. */
  readPemCertificates(text: Uint8Array): { certificates: Uint8Array[]; unreadable: number };
  /**
   * Throws NativeProblem. `format` is a StoreFormat. `more` are certificates in DER that count as if they stood
   * in the store.
   */
  openStore(bytes: Uint8Array, password: string, format: number, more?: Uint8Array[]): NativeStoreEntry[];
  /** Whether stores and keys under RC2 or single DES can be opened: OpenSSL's legacy provider is there. */
  legacyAlgorithms(): boolean;
  /** Throws NativeProblem for what is no DER certificate. */
  describeCertificate(der: Uint8Array): NativeCertificateDescription;
  /** Two of its members, without the work for the others. */
  certificateNames(der: Uint8Array): Pick<NativeCertificateDescription, "subject" | "issuer">;
  /**
   * Of certificates in DER: the indices of those above the first, from its issuer upwards. Throws NativeProblem
   * for what is no certificate.
   */
  chainAbove(certificates: Uint8Array[]): number[];
  /** Throws NativeProblem for what is no private key in PKCS#8 DER. */
  describeKey(privateKey: Uint8Array): NativeKeyDescription;
  alertName(description: number): string;
}

export const native: NativeAddon = load();

function load(): NativeAddon {
  const require = createRequire(import.meta.url);
  const root = join(dirname(fileURLToPath(import.meta.url)), "..");
  let addon: NativeAddon;
  try {
    const explicit = process.env["OPENSSL_DTLS_ADDON"];
    addon = explicit
      ? (require(explicit) as NativeAddon)
      : ((require("node-gyp-build") as (directory: string) => NativeAddon)(root) as NativeAddon);
  } catch (cause) {
    throw new Error(
      `openssl-dtls has no binary for ${process.platform}-${process.arch} that loads here. ` +
        `Build it from source with: npx cmake-js compile -d node_modules/openssl-dtls ` +
        `(needs a C++17 compiler, CMake and the OpenSSL headers; libssl-dev on Debian).`,
      { cause },
    );
  }
  checkSeam(addon.seam);
  return addon;
}
