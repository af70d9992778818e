/** Opens a store of any type into plain entries. Synchronous: the setters that open stores are. */
import { existsSync, readFileSync } from "node:fs";
import { badArgument, DTLSError, systemCodes } from "../errors.js";
import { type NativeProblem, type NativeStoreEntry, native, StoreFormat } from "../native.js";
import { blobBytes } from "./blob.js";
import { detectStoreType } from "./detect.js";
import { type CertStoreType, CertStoreTypes, storeTypeName } from "./store-types.js";

export type StoreEntry = Readonly<NativeStoreEntry>;

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
 * 10022 for bytes where a file name is due.
 */
export function openStore(type: CertStoreType, store: string | Uint8Array, password: string): StoreEntry[] {
  if (type === CertStoreTypes.cstAuto) return openDetected(store, password);
  const way = openable[type];
  if (!way) throw notOpenable(type);
  if (!way.file) return open(blobBytes("SSLCertStore", store), password, way.format, storeTypeName(type));
  if (typeof store !== "string") {
    throw badArgument(`SSLCertStore must be the name of a file for the store type ${storeTypeName(type)}`);
  }
  return open(readStore(store), password, way.format, store);
}

/** The data of a store, or the name of its file in UTF-8. */
export function storeBytes(type: CertStoreType, store: string | Uint8Array): Uint8Array {
  const isName = typeof store === "string" && openable[type]?.file !== false;
  return isName ? Buffer.from(store, "utf8") : blobBytes("SSLCertStore", store);
}

function openDetected(store: string | Uint8Array, password: string): StoreEntry[] {
  const isFile = typeof store === "string" && !store.includes("\0") && store !== "" && existsSync(store);
  const bytes = isFile ? readStore(store) : blobBytes("SSLCertStore", store);
  const what = isFile ? store : "the data given";
  const type = detectStoreType(bytes);
  if (type === undefined) {
    const hint = typeof store === "string" && !isFile ? `, and no file has the name ${shorten(store)}` : "";
    throw new DTLSError(271, `${what} is in no known format${hint}`);
  }
  if (!openable[type]) throw notOpenable(type);
  // The addon tells PEM from DER and a bare key in DER from a certificate.
  return open(bytes, password, StoreFormat.detect, what);
}

function open(bytes: Uint8Array, password: string, format: number, what: string): StoreEntry[] {
  try {
    return native.openStore(bytes, password, format);
  } catch (cause) {
    if (!isProblem(cause)) throw cause;
    throw new DTLSError(271, `${what}: ${cause.message}`, { reason: cause.message, cause });
  }
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
