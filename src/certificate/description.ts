/** What an entry of a store says of itself. Read from its DER when somebody asks, and once. */
import { createHash } from "node:crypto";
import {
  type NativeCertificateDescription,
  type NativeKeyDescription,
  type NativePublicKeyDescription,
  native,
} from "../native.js";
import type { StoreEntry } from "./store.js";

export const certificateDescription: (entry: StoreEntry) => NativeCertificateDescription | undefined =
  remembered(({ certificate }) =>
    certificate.length > 0 ? native.describeCertificate(certificate) : undefined,
  );

export function publicKeyDescription(entry: StoreEntry): NativePublicKeyDescription | undefined {
  return certificateDescription(entry)?.publicKey ?? keyDescription(entry);
}

export type Digest = "md5" | "sha1" | "sha256";

/** Of the certificate; of a bare key, of its public half as SSH writes it. Undefined where there is neither. */
export function fingerprint(entry: StoreEntry, digest: Digest): Buffer | undefined {
  const isBare = entry.certificate.length === 0;
  return hash(isBare ? keyDescription(entry)?.ssh : entry.certificate, digest);
}

/** Of the certificate alone. */
export function thumbprint(entry: StoreEntry, digest: Digest): Buffer | undefined {
  return hash(entry.certificate, digest);
}

const keyDescription: (entry: StoreEntry) => NativeKeyDescription | undefined = remembered(
  ({ privateKey }) => (privateKey.length > 0 ? native.describeKey(privateKey) : undefined),
);

function hash(bytes: Uint8Array | undefined, digest: Digest): Buffer | undefined {
  return bytes === undefined || bytes.length === 0 ? undefined : createHash(digest).update(bytes).digest();
}

function remembered<Value>(read: (entry: StoreEntry) => Value): (entry: StoreEntry) => Value {
  const known = new WeakMap<StoreEntry, Value>();
  return (entry) => {
    if (!known.has(entry)) known.set(entry, read(entry));
    return known.get(entry) as Value;
  };
}
