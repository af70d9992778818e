/** The authorities that the system trusts, for the certificates of clients. */
import { readFileSync } from "node:fs";
import tls from "node:tls";
import { type NativeTrustStore, native } from "../native.js";
import { pemBytes } from "./certificate-texts.js";

/** Where distributions keep them in one file: Debian, Fedora, openSUSE, RHEL, Alpine. */
const bundleFiles = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/** From Node 22.15 on. */
type CertificateLists = { getCACertificates?: (list: "system" | "extra") => string[] };

let systemTrust: NativeTrustStore | undefined;

/** The system's, read once, and those of SSLClientCACerts beside them, whose names clients are told. */
export function trustWith(clientAuthorities: string): NativeTrustStore {
  systemTrust ??= new native.TrustStore([...systemRoots(), ...extraRoots()]);
  return clientAuthorities.trim() === ""
    ? systemTrust
    : new native.TrustStore([pemBytes(clientAuthorities)], systemTrust);
}

function systemRoots(): Buffer[] {
  const roots = (tls as CertificateLists).getCACertificates?.("system") ?? [];
  if (roots.length > 0) return [asBundle(roots)];
  for (const file of bundleFiles) {
    const bundle = readable(file);
    if (bundle) return [bundle];
  }
  return [asBundle(tls.rootCertificates)];
}

/** NODE_EXTRA_CA_CERTS. */
function extraRoots(): Buffer[] {
  const { getCACertificates } = tls as CertificateLists;
  if (getCACertificates) return [asBundle(getCACertificates("extra"))];
  const file = process.env["NODE_EXTRA_CA_CERTS"];
  // Node itself warns of one that cannot be read, and goes on without.
  const bundle = file ? readable(file) : undefined;
  return bundle ? [bundle] : [];
}

/** Undefined for what is not there, no file, or closed to this process: there is another source, or none. */
function readable(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

function asBundle(certificates: readonly string[]): Buffer {
  return Buffer.from(certificates.join("\n"), "latin1");
}
