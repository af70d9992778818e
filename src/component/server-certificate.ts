/** The flat certificate properties of DTLSServer: each is the member of SSLCert that has its name. */
import type { Certificate } from "../certificate/certificate.js";
import type { CertStoreType } from "../certificate/store-types.js";
import { DTLSServerEvents } from "./server-events.js";

export abstract class DTLSServerCertificate extends DTLSServerEvents {
  abstract get SSLCert(): Certificate;
  abstract set SSLCert(certificate: Certificate);

  /**
   * File name or data of the store, by SSLCertStoreType. Default: "MY". Setting clears the selection; what
   * serves the handshakes stays, until SSLCertSubject or SSLCertEncoded has selected another.
   */
  get SSLCertStore(): string {
    return this.SSLCert.Store;
  }
  set SSLCertStore(store: string) {
    this.SSLCert.Store = store;
  }

  /**
   * The data of the store, as bytes; for SSLCertStoreType of a file, its name. Setting does as SSLCertStore.
   */
  get SSLCertStoreB(): Buffer {
    return this.SSLCert.StoreB;
  }
  set SSLCertStoreB(store: Uint8Array) {
    this.SSLCert.StoreB = store;
  }

  /** Default: "". A wrong one shows when the store is opened: 271. */
  get SSLCertStorePassword(): string {
    return this.SSLCert.StorePassword;
  }
  set SSLCertStorePassword(password: string) {
    this.SSLCert.StorePassword = password;
  }

  /** One of CertStoreTypes. Default: cstUser. Setting clears the selection. */
  get SSLCertStoreType(): CertStoreType {
    return this.SSLCert.StoreType;
  }
  set SSLCertStoreType(type: CertStoreType) {
    this.SSLCert.StoreType = type;
  }

  /**
   * Set last: opens the store and selects the certificate with exactly this subject, else one whose subject
   * contains it, "*" any. Then reads the full subject; "" if there was none. Default: "". Throws 271 for a
   * store that cannot be opened, 402 for a type that cannot be opened here.
   */
  get SSLCertSubject(): string {
    return this.SSLCert.Subject;
  }
  set SSLCertSubject(subject: string) {
    this.SSLCert.Subject = subject;
  }

  /**
   * The certificate in PEM. Setting one (PEM, or Base64 of DER) looks in the store for its private key; if it
   * is found, SSLCertSubject is the certificate's, else "". Its chain is taken from the store and from the
   * further certificates of the PEM. Default: "". Throws 404 for what is no certificate, 271 and 402 as
   * SSLCertSubject does.
   */
  get SSLCertEncoded(): string {
    return this.SSLCert.Encoded;
  }
  set SSLCertEncoded(certificate: string) {
    this.SSLCert.Encoded = certificate;
  }

  /** SSLCertEncoded in DER. */
  get SSLCertEncodedB(): Buffer {
    return this.SSLCert.EncodedB;
  }
  set SSLCertEncodedB(certificate: Uint8Array) {
    this.SSLCert.EncodedB = certificate;
  }
}
