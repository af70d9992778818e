/** Certificates given as text in settings: PEM blocks, separated by line breaks or spaces. */
import { DTLSError } from "../errors.js";
import { native } from "../native.js";

/** Throws 404 for a text that is not empty and has no block, or one that holds no certificate. */
export function checkCertificates(name: string, text: string): void {
  if (text.trim() === "") return;
  const { certificates, unreadable } = native.readPemCertificates(pemBytes(text));
  if (unreadable > 0) throw new DTLSError(404, `${name}: a PEM block in it holds no certificate`);
  if (certificates.length === 0) {
    throw new DTLSError(404, `${name} must have the certificates themselves, as PEM blocks`);
  }
}

/** In DER, one after the other. */
export function certificatesIn(text: string): Uint8Array[] {
  return native.readPemCertificates(pemBytes(text)).certificates;
}

/** With the line breaks that a text in one line lacks. */
export function pemBytes(text: string): Buffer {
  const blocks = text.replace(
    /-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\s]*)-----END \1-----/g,
    (_, label: string, body: string) => {
      const lines = body.replace(/\s/g, "").replace(/.{64}(?=.)/g, "$&\n"); // a blank line is no PEM
      return `\n-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
    },
  );
  return Buffer.from(blocks, "latin1");
}
