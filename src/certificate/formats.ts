/** The reference's ways of writing what stands in certificates. */

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** "23-Jan-2000 15:00:00", in the system's time zone; "" for no time. */
export function localTime(secondsSince1970: number | undefined): string {
  if (secondsSince1970 === undefined) return "";
  const date = new Date(secondsSince1970 * 1000);
  const two = (number: number): string => String(number).padStart(2, "0");
  const day = [two(date.getDate()), months[date.getMonth()], String(date.getFullYear()).padStart(4, "0")];
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two);
  return `${day.join("-")} ${time.join(":")}`;
}

/** "bc:2a:72:af"; "" for no bytes. */
export function colonHex(bytes: Buffer | undefined): string {
  return bytes?.toString("hex").replace(/(..)(?!$)/g, "$1:") ?? "";
}

/** "BC2A72AF"; "" for no bytes. */
export function upperHex(bytes: Buffer | undefined): string {
  return bytes?.toString("hex").toUpperCase() ?? "";
}

/** Without spaces. A value with a comma or a quote is quoted, quotes doubled, so that none passes for two. */
export function commaList(values: readonly string[] | undefined): string {
  const quoted = (value: string): string => (/[,"]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  return values?.map(quoted).join(",") ?? "";
}

/** Bits of the first byte of KeyUsage (RFC 5280 4.2.1.3), with the reference's words. */
const usages: readonly [number, string][] = [
  [0x80, "Digital Signature"],
  [0x40, "Non-Repudiation"],
  [0x20, "Key Encipherment"],
  [0x10, "Data Encipherment"],
  [0x08, "Key Agreement"],
  [0x04, "Certificate Signing"],
  [0x02, "CRL Signing"],
  [0x01, "Encipher Only"],
];

/** "Digital Signature,Key Encipherment". */
export function usageText(flags: number): string {
  return usages
    .filter(([bit]) => (flags & bit) !== 0)
    .map(([, text]) => text)
    .join(",");
}

const publicKeyAlgorithms: Readonly<Record<string, string>> = {
  "1.2.840.113549.1.1.1": "RSA",
  "1.2.840.10040.4.1": "DSA",
  "1.2.840.10045.2.1": "EC",
};

const signatureAlgorithms: Readonly<Record<string, string>> = {
  "1.2.840.113549.1.1.2": "RSA_MD2RSA",
  "1.2.840.113549.1.1.4": "RSA_MD5RSA",
  "1.2.840.113549.1.1.5": "RSA_SHA1RSA",
  "1.2.840.113549.1.1.14": "RSA_SHA224RSA",
  "1.2.840.113549.1.1.11": "RSA_SHA256RSA",
  "1.2.840.113549.1.1.12": "RSA_SHA384RSA",
  "1.2.840.113549.1.1.13": "RSA_SHA512RSA",
  "1.2.840.10045.4.1": "ECDSA_SHA1",
  "1.2.840.10045.4.3.1": "ECDSA_SHA224",
  "1.2.840.10045.4.3.2": "ECDSA_SHA256",
  "1.2.840.10045.4.3.3": "ECDSA_SHA384",
  "1.2.840.10045.4.3.4": "ECDSA_SHA512",
  "1.2.840.10040.4.3": "DSA_SHA1",
  "2.16.840.1.101.3.4.3.1": "DSA_SHA224",
  "2.16.840.1.101.3.4.3.2": "DSA_SHA256",
  "2.16.840.1.101.3.4.3.3": "DSA_SHA384",
  "2.16.840.1.101.3.4.3.4": "DSA_SHA512",
};

/** "RSA", "DSA", "EC", else the object identifier. */
export function publicKeyAlgorithm(oid: string): string {
  return publicKeyAlgorithms[oid] ?? oid;
}

/** "RSA_SHA256RSA", "ECDSA_SHA256", else the object identifier. */
export function signatureAlgorithm(oid: string): string {
  return signatureAlgorithms[oid] ?? oid;
}
