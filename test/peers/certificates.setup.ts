/** Makes the certificates that most tests use, once for the whole run; vitest's globalSetup. */
import type { TestProject } from "vitest/node";
import { CertificateFolder } from "./certificate-folder.js";

declare module "vitest" {
  interface ProvidedContext {
    /** The folder's path: the files of each name, and ecdsa.pfx, password "secret". */
    certificates: string;
    /** Milliseconds to wait for what must happen: generous, and yet less than a test may take. */
    patience: number;
  }
}

export default function setup(project: TestProject): () => void {
  const folder = new CertificateFolder();
  const ecdsa = folder.selfSigned("ecdsa", "/O=Example/CN=ecdsa.example");
  folder.pfx("ecdsa", ecdsa, "secret");
  folder.selfSigned("replacement", "/CN=replacement.example");
  folder.selfSigned("rsa", "/O=Example/CN=rsa.example", "rsa");
  folder.selfSigned("client", "/O=Example/CN=client.example");

  project.provide("certificates", folder.path);
  project.provide("patience", project.config.testTimeout * 0.75);
  return () => folder.remove();
}
