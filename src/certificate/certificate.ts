import { badArgument, DTLSError } from "../errors.js";
import { toBytes, toInteger, toText } from "../values.js";
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
 * StorePassword say where to look; Subject or Encoded, set last, selects. A misspelt one throws a TypeError.
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
   * opened, 272 if it holds no such subject, 402 for a type that cannot be opened here, 10022 for anything
   * else.
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
      const what =
        wanted === "*" ? "certificate" : `certificate whose subject contains ${JSON.stringify(wanted)}`;
      throw new DTLSError(272, `the store holds no ${what}`);
    }
  }

  /**
   * File name or data of the store, by StoreType; data given as bytes reads as Base64. Default: "MY". Setting
   * clears the selection.
   */
  get Store(): string {
    const { store } = this.#selection;
    return typeof store === "string" ? store : Buffer.from(store).toString("base64");
  }
  set Store(store: string) {
    this.#change(withStore(this.#selection, toText("SSLCertStore", store, { binary: true })));
  }

  /** The data of the store, as bytes; for a StoreType of a file, its name. Setting does as Store. */
  get StoreB(): Buffer {
    return Buffer.from(storeBytes(this.#selection.storeType, this.#selection.store));
  }
  set StoreB(store: Uint8Array) {
    this.#change(withStore(this.#selection, toStore("SSLCertStoreB", toBytes("SSLCertStoreB", store))));
  }

  /** One of CertStoreTypes. Default: cstUser. Setting clears the selection. */
  get StoreType(): CertStoreType {
    return this.#selection.storeType;
  }
  set StoreType(type: CertStoreType) {
    this.#change(withStoreType(this.#selection, toStoreType("SSLCertStoreType", type)));
  }

  /** Default: "". Counts when the store is opened; a wrong one is 271 then. */
  get StorePassword(): string {
    return this.#selection.storePassword;
  }
  set StorePassword(password: string) {
    this.#change(withStorePassword(this.#selection, toText("SSLCertStorePassword", password)));
  }

  /**
   * Setting opens the store and selects: the certificate with exactly this subject, else one whose subject
   * contains it, "*" any. Reads the full subject then; "" if there was none. Letter case and spaces after
   * commas do not count. Throws 271 if the store cannot be opened, 402 for a type that cannot be opened here.
   */
  get Subject(): string {
    return this.#selection.subject;
  }
  set Subject(subject: string) {
    this.#change(withSubject(this.#selection, toText("SSLCertSubject", subject)));
  }

  /**
   * The certificate selected, in PEM. Setting one (PEM, or Base64 of DER) looks in the store for its key; if
   * it is found, Subject is the certificate's, else "". Throws 404 for what is no certificate.
   */
  get Encoded(): string {
    const der = this.EncodedB.toString("base64");
    if (der === "") return "";
    return `-----BEGIN CERTIFICATE-----\n${der.replace(/(.{64})(?!$)/g, "$1\n")}\n-----END CERTIFICATE-----\n`;
  }
  set Encoded(certificate: string) {
    this.#change(withEncoded(this.#selection, toText("SSLCertEncoded", certificate, { binary: true })));
  }

  /** The certificate selected, in DER; empty if none is. Setting does as Encoded. */
  get EncodedB(): Buffer {
    return Buffer.from(this.#selection.entry?.certificate ?? []);
  }
  set EncodedB(certificate: Uint8Array) {
    this.#change(withEncoded(this.#selection, toBytes("SSLCertEncodedB", certificate)));
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

function toStoreType(name: string, value: unknown): CertStoreType {
  const number = toInteger(name, value, 0, 99);
  if (!isCertStoreType(number)) throw badArgument(`${name} must be one of CertStoreTypes, not ${number}`);
  return number;
}

/** Bytes are copied: the caller may use them again. */
function toStore(name: string, value: unknown): string | Uint8Array {
  return typeof value === "string" ? value : Uint8Array.from(toBytes(name, value));
}
