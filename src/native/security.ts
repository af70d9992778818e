/** What handshakes start with: `binding/node/security_context_object.h`, `trust_store_object.h`. */

declare const securityContext: unique symbol;

/** An SSL_CTX; handshakes that started with it keep it. The addon takes nothing else for one. */
export interface NativeSecurityContext {
  readonly [securityContext]: true;
}

declare const trustStore: unique symbol;

/** Authorities that clients' certificates may lead to. The addon takes nothing else for one. */
export interface NativeTrustStore {
  readonly [trustStore]: true;
  /** Certificates in it. */
  readonly size: number;
}

export interface NativeSecuritySettings {
  /** DER: leaf, then its chain. */
  certificates: Uint8Array[];
  /** PKCS#8 DER. */
  privateKey: Uint8Array;
  requestClientCertificate: boolean;
  /** Undefined: nobody is trusted. Those that were added to another store are named to clients. */
  clientTrust: NativeTrustStore | undefined;
  /** Bits of CertificateReason that do not count. */
  ignoredReasons: number;
  dtls12: boolean;
  /** Takes OpenSSL's security level 0, for all that the context does. */
  dtls10: boolean;
  /** IANA names between colons, or OpenSSL's syntax; "" is the addon's own choice. */
  cipherList: string;
  /** Least bits of a bulk cipher's key. */
  minimumStrength: number;
  /** OpenSSL's syntax; "" is none, which leaves out ECDHE. */
  groups: string;
  /** OpenSSL's syntax, "ECDSA+SHA256:RSA+SHA256:ed25519", RSASSA-PSS being RSA too; "" allows all. */
  signatureAlgorithms: string;
  /** RFC 5746; without it clients with OpenSSL 3 go away. */
  renegotiationInfo: boolean;
  /** Session tickets, and a bounded cache for clients without them. */
  resumption: boolean;
  /** 80 bytes that others have too, whose sessions are resumed then; empty: drawn for this context. */
  ticketSecret: Uint8Array;
  /** Whether `keyLog` events tell the master secrets. */
  keyLog: boolean;
}
