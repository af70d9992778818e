/** Opens a store of any type into plain entries. Synchronous: the setters that open stores are. */
import { existsSync, readFileSync } from "node:fs";
import { badArgument, DTLSError, systemCodes } from "../errors.js";
import { type NativeProblem, type NativeStoreEntry, native, StoreFormat } from "../native.js";
import { blobBytes } from "./blob.js";
import { detectStoreType } from "./detect.js";
import { type CertStoreType, CertStoreTypes, isBlob, storeTypeName } from "./store-types.js";

export type StoreEntry = Readonly<NativeStoreEntry>;

export interface StoreToOpen {
  storeType: CertStoreType;
  store: string | Uint8Array;
  storePassword: string;
}

/** What each type that can be opened is: where its bytes are, and in what format. */
const openable: Readonly<Partial<Record<CertStoreType, { file: boolean; format: number }>>> = {
  [CertStoreTypes.cstPFXFile]: { file: true, format: StoreFormat.pfx },
  [CertStoreTypes.cstPFXBlob]: { file: false, format: StoreFormat.pfx },
  [CertStoreTypes.cstPEMKeyFile]: { file: true, format: StoreFormat.pem },
  [CertStoreTypes.cstPEMKeyBlob]: { file: false, format: StoreFormat.pem },
  [CertStoreTypes.cstPublicKeyFile]: { file: true, format: StoreFormat.certificate },
  [CertStoreTypes.cstPublicKeyBlob]: { file: false, format: StoreFormat.certificate },
  [CertStoreTypes.cstP7BFile]: { file: true, format: StoreFormat.pkcs7 },
  [CertStoreTypes.cstP7BBlob]: { file: false, format: StoreFormat.pkcs7 },
};

/**
 * Throws 271 for what cannot be read or has another password, 402 for a type that cannot be opened here,
 * 10022 for bytes where a file name is due. `more` are certificates in DER that count as if they stood in the
 * store.
 */
export function openStore(
  { storeType, store, storePassword }: StoreToOpen,
  more: Uint8Array[] = [],
): StoreEntry[] {
  const found = find(storeType, store);
  try {
    return native.openStore(found.bytes, storePassword, found.format, more);
  } catch (cause) {
    if (!isProblem(cause)) throw cause;
    throw new DTLSError(271, `${found.what}: ${cause.message}`, { reason: cause.message, cause });
  } finally {
    // A file may hold a key in clear text.
    if (found.isFile) found.bytes.fill(0);
  }
}

/** The first certificate, DER or PEM, with the chain that stands beside it; undefined if there is none. */
export function readCertificate(bytes: Uint8Array): StoreEntry | undefined {
  try {
    return native.openStore(bytes, "", StoreFormat.certificate)[0];
  } catch (cause) {
    if (!isProblem(cause)) throw cause;
    return undefined;
  }
}

/** The data of a store, or the name of its file in UTF-8. */
export function storeBytes(type: CertStoreType, store: string | Uint8Array): Uint8Array {
  const isName =
    typeof store === "string" && (type === CertStoreTypes.cstAuto ? isFile(store) : !isBlob(type));
  // Text that is no data will be refused when the store is opened, not when somebody reads what was set.
  return isName || isText(store) ? Buffer.from(store, "utf8") : blobBytes("SSLCertStore", store);
}

function isText(store: string | Uint8Array): store is string {
  return typeof store === "string" && /[^\0-\xff]/.test(store);
}

/** A store's bytes, how to read them, and what to call them in a message. */
interface Found {
  bytes: Uint8Array;
  format: number;
  what: string;
  isFile: boolean;
}

function find(type: CertStoreType, store: string | Uint8Array): Found {
  if (type === CertStoreTypes.cstAuto) return detect(store);
  const way = openable[type];
  if (!way) throw notOpenable(type);
  const { format, file } = way;
  if (!file) {
    return { bytes: blobBytes("SSLCertStore", store), format, what: storeTypeName(type), isFile: false };
  }
  if (typeof store !== "string") {
    throw badArgument(`SSLCertStore must be the name of a file for the store type ${storeTypeName(type)}`);
  }
  if (!isFile(store) && looksLikeData(store)) {
    throw new DTLSError(
      271,
      `SSLCertStore seems to hold the data of a store, where ${storeTypeName(type)} wants the name of its file: ` +
        "take the store type of the same format whose name ends in Blob, or cstAuto",
    );
  }
  return { bytes: readStore(store), format, what: store, isFile: true };
}

/** PEM, or Base64 of DER, with a private key perhaps: it must not show in a message. */
function looksLikeData(store: string): boolean {
  return /[\r\n]|-----/.test(store) || (store.length >= 64 && /^MI[\w+/=-]{2}/.test(store));
}

function detect(store: string | Uint8Array): Found {
  const found = isFile(store)
    ? { bytes: readStore(store), what: store, isFile: true }
    : { bytes: blobBytes("SSLCertStore", store), what: "the data given", isFile: false };
  const type = detectStoreType(found.bytes);
  if (type === undefined) {
    const isName = typeof store === "string" && !found.isFile && !looksLikeData(store);
    const hint = isName ? `, and no file has the name ${shorten(store)}` : "";
    throw new DTLSError(271, `${found.what} is in no known format${hint}`);
  }
  if (!openable[type]) throw notOpenable(type);
  // The addon tells PEM from DER and a bare key in DER from a certificate.
  return { ...found, format: StoreFormat.detect };
}

function isFile(store: string | Uint8Array): store is string {
  return typeof store === "string" && !store.includes("\0") && store !== "" && existsSync(store);
}

function readStore(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    const systemCode = cause instanceof Error && "code" in cause ? String(cause.code) : undefined;
    const why =
      systemCode === "ENOENT"
        ? "there is no such file"
        : systemCode !== undefined && systemCodes[systemCode] === 10013
          ? "no permission to read the file"
          : (systemCode ?? String(cause));
    throw new DTLSError(271, `${path}: ${why}`, { systemCode, cause });
  }
}

function notOpenable(type: CertStoreType): DTLSError {
  return new DTLSError(
    402,
    `certificate stores of type ${storeTypeName(type)} cannot be opened here; use a PFX or PEM store`,
  );
}

export function isProblem(error: unknown): error is NativeProblem {
  return error instanceof Error && "problem" in error;
}

function shorten(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}...` : text);
}
