/**
 * A store, and what is selected in it. Never changed: each step gives a new one, so that a step that fails
 * or is refused leaves what there was.
 */
import { DTLSError } from "../errors.js";
import { native } from "../native.js";
import { blobBytes } from "./blob.js";
import { openStore, type StoreEntry } from "./store.js";
import { type CertStoreType, CertStoreTypes } from "./store-types.js";
import { findBySubject, type Subjected } from "./subject.js";

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
  if (!entry || !isThere(entry.certificate) || !isThere(entry.privateKey)) return undefined;
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

/** Opens the store and searches it. Nothing found: nothing selected. */
export function withSubject(selection: Selection, text: string): Selection {
  const nothing = { ...selection, subject: "", entry: undefined };
  if (text.trim() === "") return nothing;
  const candidates = open(selection).map(toCandidate);
  const found = findBySubject(candidates, text);
  wipe(candidates.filter((other) => other !== found).map(({ entry }) => entry));
  return found ? { ...selection, subject: found.subject, entry: found.entry } : nothing;
}

/** Takes a certificate, PEM or Base64 or DER, and looks in the store for its key. */
export function withEncoded(selection: Selection, encoded: string | Uint8Array): Selection {
  if (encoded.length === 0) return { ...selection, subject: "", entry: undefined };
  const certificate = native.readCertificate(blobBytes("SSLCertEncoded", encoded));
  if (!certificate)
    throw new DTLSError(404, "what was assigned is no X.509 certificate in PEM, Base64 or DER");
  const entries = open(selection);
  const found = entries.find(
    ({ privateKey }) => isThere(privateKey) && native.keyMatches(privateKey, certificate),
  );
  wipe(entries.filter((other) => other !== found));
  if (!found) {
    return { ...selection, subject: "", entry: { certificate, privateKey: new Uint8Array(0), chain: [] } };
  }
  const chain = Buffer.compare(found.certificate, certificate) === 0 ? found.chain : [];
  return {
    ...selection,
    subject: native.describeCertificate(certificate).subject,
    entry: { certificate, privateKey: found.privateKey, chain },
  };
}

interface Candidate extends Subjected {
  readonly entry: StoreEntry;
}

function toCandidate(entry: StoreEntry): Candidate {
  const hasCertificate = isThere(entry.certificate);
  return {
    entry,
    subject: hasCertificate ? native.describeCertificate(entry.certificate).subject : "",
    hasCertificate,
    hasKey: isThere(entry.privateKey),
  };
}

function open({ storeType, store, storePassword }: Selection): StoreEntry[] {
  return openStore(storeType, store, storePassword);
}

function isThere(bytes: Uint8Array): boolean {
  return bytes.length > 0;
}

/** Keys that were read only because they stand in the same store. */
function wipe(entries: readonly StoreEntry[]): void {
  for (const { privateKey } of entries) privateKey.fill(0);
}
