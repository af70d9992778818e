/** Certificate under the JS edition's spellings. */
import { Certificate as Original } from "../certificate/certificate.js";
import type { CertStoreType } from "../certificate/store-types.js";
import { originalOf, spelledClass } from "./facade.js";
import { certificateMembers } from "./members.js";

/** For the server only; the package does not export it. Undefined for what is no Certificate. */
export function originalCertificate(certificate: unknown): Original | undefined {
  if (!(certificate instanceof Certificate)) return undefined;
  const original: unknown = originalOf(certificate);
  return original instanceof Original ? original : undefined;
}

const SpelledCertificate = spelledClass<Original>(certificateMembers);

/**
 * A certificate with its private key, and the store that it is taken from. The members are those of the server's
 * SSLCert properties without the prefix: getSubject(), setSubject("*"), isPrivateKeyAvailable().
 *
 * ```ts
 * new Certificate(CertStoreTypes.cstPFXFile, "server.pfx", "password", "*")
 * ```
 */
export class Certificate extends SpelledCertificate {
  /** Nothing selected: the defaults of the properties. */
  constructor();
  /** One of the package's own class, under these spellings: both change together. */
  constructor(certificate: Original);
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
    const [first] = given;
    super(first instanceof Original ? first : (Reflect.construct(Original, given) as Original));
    if (new.target === Certificate) Object.preventExtensions(this);
  }
}
