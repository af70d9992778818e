/** The flat certificate properties of DTLSServer: each is the member of SSLCert that has its name. */
import type { Certificate } from "../certificate/certificate.js";
import type { CertStoreType } from "../certificate/store-types.js";
import { makeReadOnly } from "../read-only.js";
import { DTLSServerEvents } from "./server-events.js";

export abstract class DTLSServerCertificate extends DTLSServerEvents {
  abstract get SSLCert(): Certificate;
  abstract set SSLCert(certificate: Certificate);

  /**
   * File name or data of the store, by SSLCertStoreType; data given as bytes reads as Base64. Default: "MY"; "":
   * there is none to search. Setting clears the selection; what serves the handshakes of a server that listens
   * stays, until SSLCertSubject or SSLCertEncoded has selected another. Throws 10022 for what is neither text
   * nor bytes.
   */
  get SSLCertStore(): string {
    return this.SSLCert.Store;
  }
  set SSLCertStore(store: string | Uint8Array) {
    this.SSLCert.Store = store;
  }

  /**
   * The data of the store, as bytes; if SSLCertStoreType is of a file, its name. Setting does, and throws, as
   * SSLCertStore. Reading throws 10022 if SSLCertStore is a text that can be no data.
   */
  get SSLCertStoreB(): Buffer {
    return this.SSLCert.StoreB;
  }
  set SSLCertStoreB(store: string | Uint8Array) {
    this.SSLCert.StoreB = store;
  }

  /**
   * Default: "". Counts when the store is opened; a wrong one is 271 then. Throws 10022 for what is no text.
   */
  get SSLCertStorePassword(): string {
    return this.SSLCert.StorePassword;
  }
  set SSLCertStorePassword(password: string) {
    this.SSLCert.StorePassword = password;
  }

  /**
   * One of CertStoreTypes. Default: cstUser. Setting clears the selection, as SSLCertStore does. Throws 10022
   * for anything else.
   */
  get SSLCertStoreType(): CertStoreType {
    return this.SSLCert.StoreType;
  }
  set SSLCertStoreType(type: CertStoreType) {
    this.SSLCert.StoreType = type;
  }

  /**
   * Set last: opens the store and selects the certificate with exactly this subject, else one whose subject
   * contains it, "*" any; letter case and spaces after commas do not count. Then reads the full subject; "" if
   * there was none, or SSLCertStore is "". Default: "". Throws 271 for a store that cannot be opened, 402 for a
   * type that cannot be opened here, 10022 for what is no text.
   *
   * In the SSLCert of a server that listens, also 404 for a certificate that cannot serve, without its private
   * key say, and 402 for a key that no cipher suite works with; what serves the handshakes stays then.
   */
  get SSLCertSubject(): string {
    return this.SSLCert.Subject;
  }
  set SSLCertSubject(subject: string) {
    this.SSLCert.Subject = subject;
  }

  /**
   * The certificate selected, in PEM. Setting one (PEM, DER, or Base64 of DER) looks in the store for its
   * private key; if it is found, SSLCertSubject is the certificate's, else "". Its chain is taken from the store
   * and from the further certificates of the PEM. With "" in SSLCertStore nothing is searched, and the
   * certificate is there to be read. Default: "". Throws 404 for what is no certificate, 10022 for what is
   * neither text nor bytes, and all that SSLCertSubject does.
   */
  get SSLCertEncoded(): string {
    return this.SSLCert.Encoded;
  }
  set SSLCertEncoded(certificate: string | Uint8Array) {
    this.SSLCert.Encoded = certificate;
  }

  /** The certificate selected, in DER; empty if none is. Setting does, and throws, as SSLCertEncoded. */
  get SSLCertEncodedB(): Buffer {
    return this.SSLCert.EncodedB;
  }
  set SSLCertEncodedB(certificate: string | Uint8Array) {
    this.SSLCert.EncodedB = certificate;
  }

  // --- what the certificate selected says; "" and 0 where there is none

  /** Start of its validity in the system's time zone, English month: "23-Jan-2000 15:00:00". Read-only. */
  get SSLCertEffectiveDate(): string {
    return this.SSLCert.EffectiveDate;
  }

  /** End of its validity, written as SSLCertEffectiveDate. Read-only. */
  get SSLCertExpirationDate(): string {
    return this.SSLCert.ExpirationDate;
  }

  /**
   * extKeyUsage (RFC 5280 4.2.1.12): object identifiers, joined by commas: "1.3.6.1.5.5.7.3.1". Read-only.
   */
  get SSLCertExtendedKeyUsage(): string {
    return this.SSLCert.ExtendedKeyUsage;
  }

  /**
   * MD5 of the certificate in DER: "bc:2a:72:af:...". Of a private key without a certificate, of its public key
   * as SSH writes it, which is what ssh-keygen shows; "" for a kind of key that SSH does not have. Read-only.
   */
  get SSLCertFingerprint(): string {
    return this.SSLCert.Fingerprint;
  }

  /** SHA-1, as SSLCertFingerprint. Read-only. */
  get SSLCertFingerprintSHA1(): string {
    return this.SSLCert.FingerprintSHA1;
  }

  /** SHA-256, as SSLCertFingerprint. Read-only. */
  get SSLCertFingerprintSHA256(): string {
    return this.SSLCert.FingerprintSHA256;
  }

  /** Who issued the certificate, written as SSLCertSubject. Read-only. */
  get SSLCertIssuer(): string {
    return this.SSLCert.Issuer;
  }

  /** The private key in PEM: PKCS#8, not encrypted. Read-only. */
  get SSLCertPrivateKey(): string {
    return this.SSLCert.PrivateKey;
  }

  /** Whether the private key is there, so that a server can use the certificate. Read-only. */
  get SSLCertPrivateKeyAvailable(): boolean {
    return this.SSLCert.PrivateKeyAvailable;
  }

  /** Always "": key containers are of Windows. Read-only. */
  get SSLCertPrivateKeyContainer(): string {
    return this.SSLCert.PrivateKeyContainer;
  }

  /** The public key in PEM: SubjectPublicKeyInfo (RFC 5280 4.1.2.7). Read-only. */
  get SSLCertPublicKey(): string {
    return this.SSLCert.PublicKey;
  }

  /** "RSA", "DSA", "EC", else the object identifier: "1.3.101.112" for Ed25519. Read-only. */
  get SSLCertPublicKeyAlgorithm(): string {
    return this.SSLCert.PublicKeyAlgorithm;
  }

  /** Bits of the modulus (RSA), of the prime p (DSA), of the curve (EC, Ed25519). Read-only. */
  get SSLCertPublicKeyLength(): number {
    return this.SSLCert.PublicKeyLength;
  }

  /**
   * Upper-case hex, two digits a byte; a negative one, which RFC 5280 forbids, has "-" in front. Read-only.
   */
  get SSLCertSerialNumber(): string {
    return this.SSLCert.SerialNumber;
  }

  /** "RSA_SHA256RSA", "ECDSA_SHA384", "DSA_SHA256" and the like, else the object identifier. Read-only. */
  get SSLCertSignatureAlgorithm(): string {
    return this.SSLCert.SignatureAlgorithm;
  }

  /**
   * DNS names, IP addresses, e-mail addresses and URIs of subjectAltName (RFC 5280 4.2.1.6), in their order,
   * joined by commas; one with a comma or a quote is quoted. Names of other kinds are left out. Read-only.
   */
  get SSLCertSubjectAltNames(): string {
    return this.SSLCert.SubjectAltNames;
  }

  /**
   * MD5 of the certificate in DER, in upper-case hex without separators; "" for a key without a certificate.
   * Read-only.
   */
  get SSLCertThumbprintMD5(): string {
    return this.SSLCert.ThumbprintMD5;
  }

  /** SHA-1, as SSLCertThumbprintMD5. Read-only. */
  get SSLCertThumbprintSHA1(): string {
    return this.SSLCert.ThumbprintSHA1;
  }

  /** SHA-256, as SSLCertThumbprintMD5. Read-only. */
  get SSLCertThumbprintSHA256(): string {
    return this.SSLCert.ThumbprintSHA256;
  }

  /**
   * SSLCertUsageFlags in words, joined by commas, of: Digital Signature, Non-Repudiation, Key Encipherment, Data
   * Encipherment, Key Agreement, Certificate Signing, CRL Signing, Encipher Only. Read-only.
   */
  get SSLCertUsage(): string {
    return this.SSLCert.Usage;
  }

  /**
   * The first byte of keyUsage (RFC 5280 4.2.1.3), 0x80 to 0x01 in the order of SSLCertUsage; 0 without it.
   * Read-only.
   */
  get SSLCertUsageFlags(): number {
    return this.SSLCert.UsageFlags;
  }

  /** "V1", "V2" or "V3". Read-only. */
  get SSLCertVersion(): string {
    return this.SSLCert.Version;
  }
}

makeReadOnly(DTLSServerCertificate.prototype, [
  "SSLCertEffectiveDate",
  "SSLCertExpirationDate",
  "SSLCertExtendedKeyUsage",
  "SSLCertFingerprint",
  "SSLCertFingerprintSHA1",
  "SSLCertFingerprintSHA256",
  "SSLCertIssuer",
  "SSLCertPrivateKey",
  "SSLCertPrivateKeyAvailable",
  "SSLCertPrivateKeyContainer",
  "SSLCertPublicKey",
  "SSLCertPublicKeyAlgorithm",
  "SSLCertPublicKeyLength",
  "SSLCertSerialNumber",
  "SSLCertSignatureAlgorithm",
  "SSLCertSubjectAltNames",
  "SSLCertThumbprintMD5",
  "SSLCertThumbprintSHA1",
  "SSLCertThumbprintSHA256",
  "SSLCertUsage",
  "SSLCertUsageFlags",
  "SSLCertVersion",
]);
