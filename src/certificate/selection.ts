/**
 * A store, and what is selected in it. Never changed: each step gives a new one, so that a step that fails
 * or is refused leaves what there was.
 */
import { DTLSError } from "../errors.js";
import { blobBytes } from "./blob.js";
import { openStore, readCertificate, type StoreEntry } from "./store.js";
import { type CertStoreType, CertStoreTypes } from "./store-types.js";
import { findBySubject } from "./subject.js";

export interface Selection {
  readonly store: string | Uint8Array;
  readonly storeType: CertStoreType;
  readonly storePassword: string;
  /** Full subject of the certificate selected; "" if none is, or if it came without its key. */
  readonly subject: string;
  readonly entry: StoreEntry | undefined;
}

/** What a handshake needs of a certificate: DER, leaf first, and the key as PKCS#8 DER. */
export interface Identity {
  certificates: Uint8Array[];
  privateKey: Uint8Array;
}

/** The documented defaults. */
export const nothingSelected: Selection = Object.freeze({
  store: "MY",
  storeType: CertStoreTypes.cstUser,
  storePassword: "",
  subject: "",
  entry: undefined,
});

/** Undefined unless certificate and key are both there. */
export function identityOf({ entry }: Selection): Identity | undefined {
  if (!entry || entry.certificate.length === 0 || entry.privateKey.length === 0) return undefined;
  return { certificates: [entry.certificate, ...entry.chain], privateKey: entry.privateKey };
}

/** Another store clears the selection; it is opened when something is looked for in it. */
export function withStore(selection: Selection, store: string | Uint8Array): Selection {
  return { ...selection, store, subject: "", entry: undefined };
}

export function withStoreType(selection: Selection, storeType: CertStoreType): Selection {
  return { ...selection, storeType, subject: "", entry: undefined };
}

/** Counts when the store is opened the next time. */
export function withStorePassword(selection: Selection, storePassword: string): Selection {
  return { ...selection, storePassword };
}

/** Opens the store and searches it. Nothing found, or no store named: nothing selected. */
export function withSubject(selection: Selection, text: string): Selection {
  const nothing = { ...selection, subject: "", entry: undefined };
  if (text.trim() === "" || selection.store.length === 0) return nothing;
  const entries = openStore(selection);
  const entry = findBySubject(entries, text);
  wipe(entries.filter((other) => other !== entry));
  return entry ? { ...selection, subject: entry.subject, entry } : nothing;
}

/**
 * Takes a certificate, PEM or Base64 or DER, and looks in the store for its key; with no store named it is there
 * to be read. Its chain is taken from the certificates of both.
 */
export function withEncoded(selection: Selection, encoded: string | Uint8Array): Selection {
  if (encoded.length === 0) return { ...selection, subject: "", entry: undefined };
  const given = readCertificate(blobBytes("SSLCertEncoded", encoded));
  if (!given) throw new DTLSError(404, "what was assigned is no X.509 certificate in PEM, Base64 or DER");
  const withoutKey = { ...selection, subject: "", entry: given };
  if (selection.store.length === 0) return withoutKey;
  const entries = openStore(selection, [given.certificate, ...given.chain]);
  const entry = entries.find(
    ({ certificate, privateKey }) =>
      privateKey.length > 0 && Buffer.compare(certificate, given.certificate) === 0,
  );
  wipe(entries.filter((other) => other !== entry));
  return entry ? { ...selection, subject: entry.subject, entry } : withoutKey;
}

/** Keys that were read only because they stand in the same store. */
function wipe(entries: readonly StoreEntry[]): void {
  for (const { privateKey } of entries) privateKey.fill(0);
}
