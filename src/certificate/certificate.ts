import { badArgument, DTLSError } from "../errors.js";
import type { NativeCertificateDescription, NativePublicKeyDescription } from "../native.js";
import { makeReadOnly } from "../read-only.js";
import { toInteger, toText, toTextOrBytes } from "../values.js";
import {
  certificateDescription,
  type Digest,
  fingerprint,
  publicKeyDescription,
  thumbprint,
} from "./description.js";
import {
  colonHex,
  commaList,
  localTime,
  publicKeyAlgorithm,
  signatureAlgorithm,
  upperHex,
  usageText,
} from "./formats.js";
import { toPem } from "./pem.js";
import {
  nothingSelected,
  type Selection,
  withEncoded,
  withStore,
  withStorePassword,
  withStoreType,
  withSubject,
} from "./selection.js";
import { storeBytes } from "./store.js";
import { type CertStoreType, CertStoreTypes, isCertStoreType } from "./store-types.js";

/** May throw, and then nothing has changed. */
export type Approve = (next: Selection) => void;

/** This and the next two are for the server only; the package does not export them. */
export let selectionOf: (certificate: Certificate) => Selection;
/** Without asking for approval. */
export let select: (certificate: Certificate, selection: Selection) => void;
/** A certificate whose owner is asked before each change. */
export let ownedCertificate: (approve: Approve) => Certificate;

/**
 * A certificate with its private key, and the store that it is taken from.
 *
 * ```ts
 * new Certificate("server.pfx")                                                // any kind, any subject
 * new Certificate(CertStoreTypes.cstPFXFile, "server.pfx", "password", "*")
 * new Certificate("server.pfx", CertStoreTypes.cstPFXFile, "password", "CN=www.example.com")
 * ```
 *
 * The members are those of the server's `SSLCert*` properties, without the prefix. Store, StoreType and
 * StorePassword say where to look; Subject or Encoded, set last, selects; the others tell of what is selected.
 * A misspelt one throws a TypeError.
 */
export class Certificate {
  #selection = nothingSelected;
  #approve: Approve | undefined;

  /** Nothing selected: the defaults of the properties. */
  constructor();
  /** The type is detected from the file or data; subject "*". */
  constructor(store: string | Uint8Array);
  /**
   * Password default: "". Subject default: "*", any; "" means the same. Throws 271 if the store cannot be
   * opened, 272 if it holds no such subject or was given as "", 402 for a type that cannot be opened here, 10022
   * for anything else.
   */
  constructor(type: CertStoreType, store: string | Uint8Array, password?: string, subject?: string);
  constructor(store: string | Uint8Array, type: CertStoreType, password?: string, subject?: string);
  constructor(...given: readonly unknown[]) {
    if (new.target === Certificate) Object.preventExtensions(this);
    if (given.length === 0) return;
    const [first, second, password = "", subject = "*"] = given;
    const [type, store] =
      typeof first === "number" ? [first, second] : [second ?? CertStoreTypes.cstAuto, first];
    let selection = withStoreType(nothingSelected, toStoreType("The store type", type));
    selection = withStore(selection, toStore("The store", store));
    selection = withStorePassword(selection, toText("The store's password", password));
    const wanted = toText("The subject", subject).trim() || "*";
    this.#selection = withSubject(selection, wanted);
    if (!this.#selection.entry) {
      if (this.#selection.store.length === 0) {
        throw new DTLSError(272, "the store given is empty: it takes the name of a file, or data");
      }
      const what =
        wanted === "*" ? "certificate" : `certificate whose subject contains ${JSON.stringify(wanted)}`;
      throw new DTLSError(272, `the store holds no ${what}`);
    }
  }

  /**
   * File name or data of the store, by StoreType; data given as bytes reads as Base64. Default: "MY"; "": there
   * is none to search. Setting clears the selection; what serves the handshakes of a server that listens stays,
   * until Subject or Encoded has selected another. Throws 10022 for what is neither text nor bytes.
   */
  get Store(): string {
    const { store } = this.#selection;
    return typeof store === "string" ? store : Buffer.from(store).toString("base64");
  }
  set Store(store: string | Uint8Array) {
    this.#change(withStore(this.#selection, toStore("SSLCertStore", store)));
  }

  /**
   * The data of the store, as bytes; if StoreType is of a file, its name. Setting does, and throws, as Store.
   * Reading throws 10022 if Store is a text that can be no data.
   */
  get StoreB(): Buffer {
    return Buffer.from(storeBytes(this.#selection.storeType, this.#selection.store));
  }
  set StoreB(store: string | Uint8Array) {
    this.#change(withStore(this.#selection, toStore("SSLCertStoreB", store)));
  }

  /**
   * One of CertStoreTypes. Default: cstUser. Setting clears the selection, as Store does. Throws 10022 for
   * anything else.
   */
  get StoreType(): CertStoreType {
    return this.#selection.storeType;
  }
  set StoreType(type: CertStoreType) {
    this.#change(withStoreType(this.#selection, toStoreType("SSLCertStoreType", type)));
  }

  /**
   * Default: "". Counts when the store is opened; a wrong one is 271 then. Throws 10022 for what is no text.
   */
  get StorePassword(): string {
    return this.#selection.storePassword;
  }
  set StorePassword(password: string) {
    this.#change(withStorePassword(this.#selection, toText("SSLCertStorePassword", password)));
  }

  /**
   * Set last: opens the store and selects the certificate with exactly this subject, else one whose subject
   * contains it, "*" any; letter case and spaces after commas do not count. Then reads the full subject; "" if
   * there was none, or Store is "". Default: "". Throws 271 for a store that cannot be opened, 402 for a type
   * that cannot be opened here, 10022 for what is no text.
   *
   * In the SSLCert of a server that listens, also 404 for a certificate that cannot serve, without its private
   * key say, and 402 for a key that no cipher suite works with; what serves the handshakes stays then.
   */
  get Subject(): string {
    return this.#selection.subject;
  }
  set Subject(subject: string) {
    this.#change(withSubject(this.#selection, toText("SSLCertSubject", subject)));
  }

  /**
   * The certificate selected, in PEM. Setting one (PEM, DER, or Base64 of DER) looks in the store for its
   * private key; if it is found, Subject is the certificate's, else "". Its chain is taken from the store and
   * from the further certificates of the PEM. With "" in Store nothing is searched, and the certificate is there
   * to be read. Default: "". Throws 404 for what is no certificate, 10022 for what is neither text nor bytes,
   * and all that Subject does.
   */
  get Encoded(): string {
    return toPem("CERTIFICATE", this.EncodedB);
  }
  set Encoded(certificate: string | Uint8Array) {
    this.#change(withEncoded(this.#selection, toTextOrBytes("SSLCertEncoded", certificate)));
  }

  /** The certificate selected, in DER; empty if none is. Setting does, and throws, as Encoded. */
  get EncodedB(): Buffer {
    return Buffer.from(this.#selection.entry?.certificate ?? []);
  }
  set EncodedB(certificate: string | Uint8Array) {
    this.#change(withEncoded(this.#selection, toTextOrBytes("SSLCertEncodedB", certificate)));
  }

  // --- what the certificate says; "" and 0 where there is none

  /** Start of its validity in the system's time zone, English month: "23-Jan-2000 15:00:00". Read-only. */
  get EffectiveDate(): string {
    return localTime(this.#described?.notBefore);
  }

  /** End of its validity, written as EffectiveDate. Read-only. */
  get ExpirationDate(): string {
    return localTime(this.#described?.notAfter);
  }

  /**
   * extKeyUsage (RFC 5280 4.2.1.12): object identifiers, joined by commas: "1.3.6.1.5.5.7.3.1". Read-only.
   */
  get ExtendedKeyUsage(): string {
    return commaList(this.#described?.extendedKeyUsage);
  }

  /**
   * MD5 of the certificate in DER: "bc:2a:72:af:...". Of a private key without a certificate, of its public key
   * as SSH writes it, which is what ssh-keygen shows; "" for a kind of key that SSH does not have. Read-only.
   */
  get Fingerprint(): string {
    return colonHex(this.#hash(fingerprint, "md5"));
  }

  /** SHA-1, as Fingerprint. Read-only. */
  get FingerprintSHA1(): string {
    return colonHex(this.#hash(fingerprint, "sha1"));
  }

  /** SHA-256, as Fingerprint. Read-only. */
  get FingerprintSHA256(): string {
    return colonHex(this.#hash(fingerprint, "sha256"));
  }

  /** Who issued the certificate, written as Subject. Read-only. */
  get Issuer(): string {
    return this.#described?.issuer ?? "";
  }

  /** The private key in PEM: PKCS#8, not encrypted. Read-only. */
  get PrivateKey(): string {
    return toPem("PRIVATE KEY", this.#selection.entry?.privateKey ?? new Uint8Array());
  }

  /** Whether the private key is there, so that a server can use the certificate. Read-only. */
  get PrivateKeyAvailable(): boolean {
    return (this.#selection.entry?.privateKey.length ?? 0) > 0;
  }

  /** Always "": key containers are of Windows. Read-only. */
  get PrivateKeyContainer(): string {
    return "";
  }

  /** The public key in PEM: SubjectPublicKeyInfo (RFC 5280 4.1.2.7). Read-only. */
  get PublicKey(): string {
    return toPem("PUBLIC KEY", this.#publicKey?.der ?? new Uint8Array());
  }

  /** "RSA", "DSA", "EC", else the object identifier: "1.3.101.112" for Ed25519. Read-only. */
  get PublicKeyAlgorithm(): string {
    return publicKeyAlgorithm(this.#publicKey?.algorithm ?? "");
  }

  /** Bits of the modulus (RSA), of the prime p (DSA), of the curve (EC, Ed25519). Read-only. */
  get PublicKeyLength(): number {
    return this.#publicKey?.bits ?? 0;
  }

  /**
   * Upper-case hex, two digits a byte; a negative one, which RFC 5280 forbids, has "-" in front. Read-only.
   */
  get SerialNumber(): string {
    return this.#described?.serialNumber ?? "";
  }

  /** "RSA_SHA256RSA", "ECDSA_SHA384", "DSA_SHA256" and the like, else the object identifier. Read-only. */
  get SignatureAlgorithm(): string {
    return signatureAlgorithm(this.#described?.signatureAlgorithm ?? "");
  }

  /**
   * DNS names, IP addresses, e-mail addresses and URIs of subjectAltName (RFC 5280 4.2.1.6), in their order,
   * joined by commas; one with a comma or a quote is quoted. Names of other kinds are left out. Read-only.
   */
  get SubjectAltNames(): string {
    return commaList(this.#described?.alternativeNames);
  }

  /**
   * MD5 of the certificate in DER, in upper-case hex without separators; "" for a key without a certificate.
   * Read-only.
   */
  get ThumbprintMD5(): string {
    return upperHex(this.#hash(thumbprint, "md5"));
  }

  /** SHA-1, as ThumbprintMD5. Read-only. */
  get ThumbprintSHA1(): string {
    return upperHex(this.#hash(thumbprint, "sha1"));
  }

  /** SHA-256, as ThumbprintMD5. Read-only. */
  get ThumbprintSHA256(): string {
    return upperHex(this.#hash(thumbprint, "sha256"));
  }

  /**
   * UsageFlags in words, joined by commas, of: Digital Signature, Non-Repudiation, Key Encipherment, Data
   * Encipherment, Key Agreement, Certificate Signing, CRL Signing, Encipher Only. Read-only.
   */
  get Usage(): string {
    return usageText(this.UsageFlags);
  }

  /**
   * The first byte of keyUsage (RFC 5280 4.2.1.3), 0x80 to 0x01 in the order of Usage; 0 without it. Read-only.
   */
  get UsageFlags(): number {
    return this.#described?.keyUsage ?? 0;
  }

  /** "V1", "V2" or "V3". Read-only. */
  get Version(): string {
    return this.#described ? `V${this.#described.version}` : "";
  }

  get #described(): NativeCertificateDescription | undefined {
    return this.#selection.entry && certificateDescription(this.#selection.entry);
  }

  get #publicKey(): NativePublicKeyDescription | undefined {
    return this.#selection.entry && publicKeyDescription(this.#selection.entry);
  }

  #hash(of: typeof fingerprint, digest: Digest): Buffer | undefined {
    return this.#selection.entry && of(this.#selection.entry, digest);
  }

  #change(next: Selection): void {
    this.#approve?.(next);
    this.#selection = next;
  }

  static {
    selectionOf = (certificate) => certificate.#selection;
    select = (certificate, selection) => {
      certificate.#selection = selection;
    };
    ownedCertificate = (approve) => {
      const certificate = new Certificate();
      certificate.#approve = approve;
      return certificate;
    };
  }
}

makeReadOnly(Certificate.prototype, [
  "EffectiveDate",
  "ExpirationDate",
  "ExtendedKeyUsage",
  "Fingerprint",
  "FingerprintSHA1",
  "FingerprintSHA256",
  "Issuer",
  "PrivateKey",
  "PrivateKeyAvailable",
  "PrivateKeyContainer",
  "PublicKey",
  "PublicKeyAlgorithm",
  "PublicKeyLength",
  "SerialNumber",
  "SignatureAlgorithm",
  "SubjectAltNames",
  "ThumbprintMD5",
  "ThumbprintSHA1",
  "ThumbprintSHA256",
  "Usage",
  "UsageFlags",
  "Version",
]);

function toStoreType(name: string, value: unknown): CertStoreType {
  const number = toInteger(name, value, 0, 99);
  if (!isCertStoreType(number)) throw badArgument(`${name} must be one of CertStoreTypes, not ${number}`);
  return number;
}

/** Bytes are copied: the caller may use them again. */
function toStore(name: string, value: unknown): string | Uint8Array {
  const store = toTextOrBytes(name, value);
  return typeof store === "string" ? store : Uint8Array.from(store);
}
