/** DER as PEM (RFC 7468), in lines of 64 characters; "" for none. */
export function toPem(label: "CERTIFICATE" | "PRIVATE KEY" | "PUBLIC KEY", der: Uint8Array): string {
  const base64 = Buffer.from(der.buffer, der.byteOffset, der.byteLength).toString("base64");
  if (base64 === "") return "";
  return `-----BEGIN ${label}-----\n${base64.replace(/(.{64})(?!$)/g, "$1\n")}\n-----END ${label}-----\n`;
}
