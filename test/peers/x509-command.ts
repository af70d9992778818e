/** What `openssl x509` prints of a certificate, rewritten into the formats of the reference. */
import type { CertificateFolder } from "./certificate-folder.js";

/** The properties by their names without SSLCert. */
export function printedProperties(folder: CertificateFolder, file: string): Record<string, string | number> {
  const x509 = (digest: string, ...options: string[]): string =>
    folder.openssl("x509", "-in", file, "-fingerprint", `-${digest}`, ...options).toString();
  const printed = x509(
    "sha256",
    ...["-text", "-serial", "-dates", "-dateopt", "iso_8601", "-subject", "-issuer"],
    ...["-nameopt", "RFC2253,oid,utf8,-esc_msb,-dump_unknown"],
    ...["-ext", "keyUsage,extendedKeyUsage,subjectAltName", "-pubkey"],
  );
  const sha256 = lineValue(printed, /.* Fingerprint/);
  const md5 = lineValue(x509("md5", "-noout"), /.* Fingerprint/);
  const sha1 = lineValue(x509("sha1", "-noout"), /.* Fingerprint/);
  const flags = usageFlags(printed);
  return {
    EffectiveDate: localTime(lineValue(printed, /notBefore/), ownTimeZone),
    ExpirationDate: localTime(lineValue(printed, /notAfter/), ownTimeZone),
    Encoded: pem(printed, "CERTIFICATE"),
    ExtendedKeyUsage: listed(printed, "Extended Key Usage")
      .map((purpose) => purposes[purpose] ?? purpose)
      .join(","),
    Fingerprint: md5.toLowerCase(),
    FingerprintSHA1: sha1.toLowerCase(),
    FingerprintSHA256: sha256.toLowerCase(),
    Issuer: distinguishedName(lineValue(printed, /issuer/)),
    PublicKey: pem(printed, "PUBLIC KEY"),
    PublicKeyAlgorithm: known(keyAlgorithms, /Public Key Algorithm: (.*)/.exec(printed)?.[1]),
    PublicKeyLength: Number(/Public-Key: \((\d+) bit\)/.exec(printed)?.[1] ?? curveBits(printed)),
    SerialNumber: lineValue(printed, /serial/),
    SignatureAlgorithm: known(signatureAlgorithms, /Signature Algorithm: (.*)/.exec(printed)?.[1]),
    Subject: distinguishedName(lineValue(printed, /subject/)),
    SubjectAltNames: listed(printed, "Subject Alternative Name").flatMap(alternativeName).join(","),
    ThumbprintMD5: md5.replaceAll(":", ""),
    ThumbprintSHA1: sha1.replaceAll(":", ""),
    ThumbprintSHA256: sha256.replaceAll(":", ""),
    Usage: usages
      .filter(([, , flag]) => flags & flag)
      .map(([, word]) => word)
      .join(","),
    UsageFlags: flags,
    Version: `V${/Version: (\d)/.exec(printed)?.[1]}`,
  };
}

/** An ISO 8601 time of UTC as "23-Jan-2000 15:00:00" in the time zone named. */
export function localTime(iso: string, timeZone: string): string {
  const format = new Intl.DateTimeFormat("en-US", {
    ...{ timeZone, hourCycle: "h23", year: "numeric", month: "short", day: "2-digit" },
    ...{ hour: "2-digit", minute: "2-digit", second: "2-digit" },
  });
  const parts = Object.fromEntries(
    format.formatToParts(new Date(iso.replace(" ", "T"))).map((part) => [part.type, part.value]),
  );
  const { day, month, year, hour, minute, second } = parts;
  return `${day}-${month}-${year} ${hour}:${minute}:${second}`;
}

const ownTimeZone = new Intl.DateTimeFormat().resolvedOptions().timeZone;

function pem(printed: string, label: string): string {
  const block = new RegExp(`-----BEGIN ${label}-----\n[^-]*-----END ${label}-----\n`);
  return block.exec(printed)?.[0] ?? "openssl prints no such block";
}

/** Of the line "name=value". */
function lineValue(printed: string, name: RegExp): string {
  return new RegExp(`^${name.source}=(.*)$`, "m").exec(printed)?.[1] ?? "openssl prints no such line";
}

function known(names: Readonly<Record<string, string>>, name = ""): string {
  const found = names[name.trim()];
  if (found === undefined)
    throw new Error(`openssl prints the algorithm ${name}, which this test does not know`);
  return found;
}

const keyAlgorithms: Readonly<Record<string, string>> = {
  rsaEncryption: "RSA",
  rsassaPss: "1.2.840.113549.1.1.10",
  "id-ecPublicKey": "EC",
  dsaEncryption: "DSA",
  ED25519: "1.3.101.112",
  ED448: "1.3.101.113",
};

const signatureAlgorithms: Readonly<Record<string, string>> = {
  sha256WithRSAEncryption: "RSA_SHA256RSA",
  sha512WithRSAEncryption: "RSA_SHA512RSA",
  rsassaPss: "1.2.840.113549.1.1.10",
  "ecdsa-with-SHA256": "ECDSA_SHA256",
  "ecdsa-with-SHA384": "ECDSA_SHA384",
  dsa_with_SHA256: "DSA_SHA256",
  ED25519: "1.3.101.112",
  ED448: "1.3.101.113",
};

/** openssl prints no size where the curve has only one: RFC 8032 has keys of 32 and 57 bytes. */
function curveBits(printed: string): number {
  return /Public Key Algorithm: ED25519/.test(printed) ? 256 : 456;
}

const purposes: Readonly<Record<string, string>> = {
  "TLS Web Server Authentication": "1.3.6.1.5.5.7.3.1",
  "TLS Web Client Authentication": "1.3.6.1.5.5.7.3.2",
};

/** openssl's words, the reference's, and its flags. */
const usages: readonly [string, string, number][] = [
  ["Digital Signature", "Digital Signature", 0x80],
  ["Non Repudiation", "Non-Repudiation", 0x40],
  ["Key Encipherment", "Key Encipherment", 0x20],
  ["Data Encipherment", "Data Encipherment", 0x10],
  ["Key Agreement", "Key Agreement", 0x08],
  ["Certificate Sign", "Certificate Signing", 0x04],
  ["CRL Sign", "CRL Signing", 0x02],
  ["Encipher Only", "Encipher Only", 0x01],
];

function usageFlags(extensions: string): number {
  const words = listed(extensions, "Key Usage");
  return usages.reduce((flags, [word, , flag]) => (words.includes(word) ? flags | flag : flags), 0);
}

/** The items of the extension of this very name. */
function listed(extensions: string, name: string): string[] {
  const line = new RegExp(`^X509v3 ${name}: .*\\n {4}(.*)$`, "m").exec(extensions)?.[1];
  return line?.split(", ") ?? [];
}

/** "DNS:a.example" without its kind; IPv6 as RFC 5952 writes it. None for the kinds that have no text here. */
function alternativeName(text: string): string[] {
  const [, kind, name = ""] = /^([^:]*):(.*)$/.exec(text) ?? [];
  if (kind === "DNS" || kind === "email" || kind === "URI") return [name];
  if (kind !== "IP Address") return [];
  return [name.includes(":") ? new URL(`http://[${name}]`).hostname.slice(1, -1) : name];
}

const fields: Readonly<Record<string, string>> = {
  "2.5.4.3": "CN",
  "2.5.4.10": "O",
  "2.5.4.11": "OU",
  "2.5.4.7": "L",
  "2.5.4.8": "S",
  "2.5.4.6": "C",
  "1.2.840.113549.1.9.1": "E",
};

/** RFC 2253, most specific first, to the reference's text. */
function distinguishedName(rfc2253: string): string {
  return split(rfc2253, ",")
    .map((rdn) =>
      // openssl turns the attributes of one RDN around, too.
      split(rdn, "+").reverse().map(attribute).join(" + "),
    )
    .join(", ");
}

function attribute(text: string): string {
  const equals = text.indexOf("=");
  const type = text.slice(0, equals);
  const name = unescaped(text.slice(equals + 1));
  const quoted = /[,"]|^ | $| \+ /.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
  return `${fields[type] ?? type}=${quoted}`;
}

/** At separators that no backslash precedes. */
function split(text: string, separator: "," | "+"): string[] {
  if (text === "") return [];
  const parts = [""];
  for (const [piece] of text.matchAll(/\\.|[^\\]/gsu)) {
    if (piece === separator) parts.push("");
    else parts[parts.length - 1] += piece;
  }
  return parts;
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/gsu, "$1");
}
