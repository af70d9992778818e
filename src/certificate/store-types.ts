/** The documented kinds of certificate stores, with their documented numbers. */
export const CertStoreTypes = Object.freeze({
  cstUser: 0,
  cstMachine: 1,
  cstPFXFile: 2,
  cstPFXBlob: 3,
  cstJKSFile: 4,
  cstJKSBlob: 5,
  cstPEMKeyFile: 6,
  cstPEMKeyBlob: 7,
  cstPublicKeyFile: 8,
  cstPublicKeyBlob: 9,
  cstSSHPublicKeyBlob: 10,
  cstP7BFile: 11,
  cstP7BBlob: 12,
  cstSSHPublicKeyFile: 13,
  cstPPKFile: 14,
  cstPPKBlob: 15,
  cstXMLFile: 16,
  cstXMLBlob: 17,
  cstJWKFile: 18,
  cstJWKBlob: 19,
  cstSecurityKey: 20,
  cstBCFKSFile: 21,
  cstBCFKSBlob: 22,
  cstPKCS11: 23,
  /** Detected from the data. */
  cstAuto: 99,
} as const);

export type CertStoreTypeName = keyof typeof CertStoreTypes;
export type CertStoreType = (typeof CertStoreTypes)[CertStoreTypeName];

const names = new Map<number, CertStoreTypeName>(
  (Object.keys(CertStoreTypes) as CertStoreTypeName[]).map((name) => [CertStoreTypes[name], name]),
);

export function isCertStoreType(value: number): value is CertStoreType {
  return names.has(value);
}

export function storeTypeName(type: CertStoreType): CertStoreTypeName {
  return names.get(type) as CertStoreTypeName;
}
