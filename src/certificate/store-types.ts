/**
 * The documented kinds of certificate stores, with their documented numbers. Those marked "Opens" can be
 * opened in this version; the others answer 402. Names in File take a file's name as their store, names in
 * Blob the data itself: bytes, a binary string, or Base64.
 */
export const CertStoreTypes = Object.freeze({
  /** The user's own store. */
  cstUser: 0,
  /** The machine's store. */
  cstMachine: 1,
  /** PKCS#12, as in .pfx and .p12. Opens. */
  cstPFXFile: 2,
  /** PKCS#12 as data. Opens. */
  cstPFXBlob: 3,
  /** Java key store. */
  cstJKSFile: 4,
  /** Java key store as data. */
  cstJKSBlob: 5,
  /** Private key in PEM, with certificates or without. Opens. */
  cstPEMKeyFile: 6,
  /** Private key and certificates in PEM as data. Opens. */
  cstPEMKeyBlob: 7,
  /** Certificate without a key, PEM or DER. Opens. */
  cstPublicKeyFile: 8,
  /** Certificate without a key as data. Opens. */
  cstPublicKeyBlob: 9,
  /** SSH public key as data. */
  cstSSHPublicKeyBlob: 10,
  /** PKCS#7 certificates without a key, as in .p7b and .p7c, PEM or DER. Opens. */
  cstP7BFile: 11,
  /** PKCS#7 certificates as data. Opens. */
  cstP7BBlob: 12,
  /** SSH public key. */
  cstSSHPublicKeyFile: 13,
  /** PuTTY private key. */
  cstPPKFile: 14,
  /** PuTTY private key as data. */
  cstPPKBlob: 15,
  /** Key, or certificate and key, in XML. */
  cstXMLFile: 16,
  /** The same as data. */
  cstXMLBlob: 17,
  /** JSON Web Key. */
  cstJWKFile: 18,
  /** JSON Web Key as data. */
  cstJWKBlob: 19,
  /** Key on a security device. */
  cstSecurityKey: 20,
  /** Bouncy Castle FIPS key store. */
  cstBCFKSFile: 21,
  /** Bouncy Castle FIPS key store as data. */
  cstBCFKSBlob: 22,
  /** Key on a PKCS#11 token. */
  cstPKCS11: 23,
  /** Any of the above, file or data, told by what is in it. Opens what the others open. */
  cstAuto: 99,
} as const);

/** "cstPFXFile" and its like. */
export type CertStoreTypeName = keyof typeof CertStoreTypes;
/** One of the numbers of CertStoreTypes. */
export type CertStoreType = (typeof CertStoreTypes)[CertStoreTypeName];

const names = new Map<number, CertStoreTypeName>(
  (Object.keys(CertStoreTypes) as CertStoreTypeName[]).map((name) => [CertStoreTypes[name], name]),
);

export function isCertStoreType(value: number): value is CertStoreType {
  return names.has(value);
}

/** Whether the store is the data itself, and not the name of a file or of something else. */
export function isBlob(type: CertStoreType): boolean {
  return storeTypeName(type).endsWith("Blob");
}

export function storeTypeName(type: CertStoreType): CertStoreTypeName {
  return names.get(type) as CertStoreTypeName;
}
