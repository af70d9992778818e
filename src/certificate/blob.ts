/** Blobs come as bytes, as binary strings, as PEM or as Base64. */
import { badArgument } from "../errors.js";

export function blobBytes(name: string, store: string | Uint8Array): Uint8Array {
  if (typeof store !== "string") return store;
  if (looksLikeBase64(store)) return Buffer.from(store, "base64");
  // A binary string has one byte a character. Text with other characters is PEM with a comment at best.
  if (/^[\0-\xff]*$/.test(store)) return Buffer.from(store, "latin1");
  if (store.includes("-----BEGIN ")) return Buffer.from(store, "utf8");
  throw badArgument(`${name} must be bytes, a binary string, PEM or Base64`);
}

/** DER begins with a 0x30, "0", followed by a length that is no Base64 character for anything of use. */
function looksLikeBase64(text: string): boolean {
  const packed = text.replace(/\s+/g, "");
  return packed.length >= 16 && packed.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(packed);
}
