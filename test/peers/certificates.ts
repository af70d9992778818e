/** The certificates of the whole run, and folders for tests that need others. */
import { join } from "node:path";
import { afterAll, inject } from "vitest";
import { Certificate, CertStoreTypes } from "../../src/index.js";
import { CertificateFolder } from "./certificate-folder.js";

export type CertificateName = "ecdsa" | "replacement" | "rsa" | "client";

/** In the folder that certificates.setup.ts has filled. */
export function certificateFile(name: string): string {
  return join(inject("certificates"), name);
}

export function certificate(name: CertificateName): Certificate {
  return new Certificate(CertStoreTypes.cstPEMKeyFile, certificateFile(`${name}.pem`), "", "*");
}

/** Gone at the end of the file's tests. */
export function certificateFolder(): CertificateFolder {
  const folder = new CertificateFolder();
  afterAll(() => folder.remove());
  return folder;
}
