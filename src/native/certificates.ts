/** Certificates, keys and stores as plain data: `binding/node/store_functions.h`. */

export interface NativeStoreEntry {
  /** Of the certificate, as in NativeCertificateDescription; "" for a bare key. */
  subject: string;
  /** DER; empty for a bare key. */
  certificate: Uint8Array;
  /** PKCS#8 DER; empty for a bare certificate. */
  privateKey: Uint8Array;
  chain: Uint8Array[];
}

export interface NativePublicKeyDescription {
  /** Dotted OID. */
  algorithm: string;
  /** Of the modulus, of DSA's p, or of the curve; 0 if OpenSSL does not know the key. */
  bits: number;
  /** SubjectPublicKeyInfo in DER. */
  der: Uint8Array;
}

export interface NativeKeyDescription extends NativePublicKeyDescription {
  /** The public key as SSH writes it (RFC 4253 6.6); empty for one that SSH does not have. */
  ssh: Uint8Array;
}

/** What is missing or damaged is empty. */
export interface NativeCertificateDescription {
  /** Most specific first: "CN=www.example.com, O=Example, C=US". */
  subject: string;
  issuer: string;
  selfSigned: boolean;
  /** 1 to 3. */
  version: number;
  /** Upper-case hex, two digits a byte; "-" in front of a negative one. */
  serialNumber: string;
  /** Seconds since 1970; undefined for what is no time. */
  notBefore: number | undefined;
  notAfter: number | undefined;
  /** Dotted OID. */
  signatureAlgorithm: string;
  publicKey: NativePublicKeyDescription;
  /** The first byte of the extension: 0x80 digitalSignature to 0x01 encipherOnly. */
  keyUsage: number;
  /** Dotted OIDs. */
  extendedKeyUsage: string[];
  /** DNS names, IP and e-mail addresses, URIs, in their order. */
  alternativeNames: string[];
}
