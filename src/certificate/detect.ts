/** Tells what a store holds from its first bytes, for cstAuto and for errors that name the format. */
import { type CertStoreType, CertStoreTypes } from "./store-types.js";

/** What a file in DER says of itself, behind the tag and length of its outer SEQUENCE. */
const derBeginnings: readonly [CertStoreType, readonly number[]][] = [
  // PFX: INTEGER 3 (RFC 7292).
  [CertStoreTypes.cstPFXBlob, [0x02, 0x01, 0x03]],
  // ContentInfo: OBJECT IDENTIFIER signedData, 1.2.840.113549.1.7.2 (RFC 2315).
  [CertStoreTypes.cstP7BBlob, [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02]],
  // PrivateKeyInfo and RSAPrivateKey: INTEGER 0; ECPrivateKey and PKCS#8 version 2: INTEGER 1.
  [CertStoreTypes.cstPEMKeyBlob, [0x02, 0x01, 0x00]],
  [CertStoreTypes.cstPEMKeyBlob, [0x02, 0x01, 0x01]],
  // Certificate and EncryptedPrivateKeyInfo: SEQUENCE, told apart below.
];

/** JKS and JCEKS begin with four bytes of their own. */
const jksMagics = [0xfeedfeed, 0xcececece];

const pbes2 = Buffer.from([0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05]);
const pbe12 = Buffer.from([0x06, 0x0a, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c]);

/** The blob type that fits, whether or not it can be opened here; undefined if none does. */
export function detectStoreType(bytes: Uint8Array): CertStoreType | undefined {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (data.length >= 4 && jksMagics.includes(data.readUInt32BE(0))) return CertStoreTypes.cstJKSBlob;
  if (data[0] === 0x30) return detectDer(data);
  return detectText(data);
}

function detectDer(data: Buffer): CertStoreType | undefined {
  const body = derBody(data);
  const begins = (from: Buffer, beginning: Uint8Array | readonly number[]): boolean =>
    from.subarray(0, beginning.length).equals(Uint8Array.from(beginning));
  const known = derBeginnings.find(([, beginning]) => begins(body, beginning));
  if (known) return known[0];
  if (body[0] !== 0x30) return undefined;
  const inner = derBody(body);
  if (begins(inner, pbes2) || begins(inner, pbe12)) return CertStoreTypes.cstPEMKeyBlob;
  // An EncryptedObjectStoreData, one SEQUENCE deeper than an EncryptedPrivateKeyInfo.
  if (inner[0] === 0x30 && begins(derBody(inner), pbes2)) return CertStoreTypes.cstBCFKSBlob;
  return CertStoreTypes.cstPublicKeyBlob;
}

/** Behind tag and length; BER's indefinite length, which PFX files may have, included. */
function derBody(data: Buffer): Buffer {
  const length = data[1] ?? 0;
  return data.subarray(length <= 0x80 ? 2 : 2 + (length & 0x7f));
}

function detectText(data: Buffer): CertStoreType | undefined {
  const text = data
    .toString("latin1")
    .replace(/^\xef\xbb\xbf/, "")
    .trimStart();
  if (text.startsWith("PuTTY-User-Key-File-")) return CertStoreTypes.cstPPKBlob;
  if (text.startsWith("---- BEGIN SSH2")) return CertStoreTypes.cstSSHPublicKeyBlob;
  if (/^(ssh-|ecdsa-|sk-)/.test(text)) return CertStoreTypes.cstSSHPublicKeyBlob;
  if (text.startsWith("{")) return CertStoreTypes.cstJWKBlob;
  if (text.startsWith("<")) return CertStoreTypes.cstXMLBlob;
  // PEM may have text before it ("Bag Attributes", say).
  if (/-----BEGIN (PKCS7|PKCS #7 SIGNED DATA|CMS)-----/.test(text)) return CertStoreTypes.cstP7BBlob;
  if (/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.test(text)) return CertStoreTypes.cstPEMKeyBlob;
  if (/-----BEGIN (TRUSTED |X509 )?CERTIFICATE-----/.test(text)) return CertStoreTypes.cstPublicKeyBlob;
  return undefined;
}
