/** Makes the certificates of a test run, once, with the openssl command line; vitest's globalSetup. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** The folder: `<name>.pem` (key and certificate), `<name>.key`, `<name>.crt`; and ecdsa.pfx, password "secret". */
    certificates: string;
    /** Milliseconds to wait for what must happen: generous, and yet less than a test may take. */
    patience: number;
  }
}

const kinds = {
  ecdsa: ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-subj", "/O=Example/CN=ecdsa.example"],
  replacement: ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-subj", "/CN=replacement.example"],
  rsa: ["-newkey", "rsa:2048", "-subj", "/O=Example/CN=rsa.example"],
  client: ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-subj", "/O=Example/CN=client.example"],
};

export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), "openssl-dtls-test-"));
  const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
  for (const [name, options] of Object.entries(kinds)) {
    const files = ["-keyout", `${name}.key`, "-out", `${name}.crt`];
    openssl("req", "-x509", "-nodes", "-days", "2", "-sha256", ...options, ...files);
    const halves = [`${name}.key`, `${name}.crt`].map((file) => readFileSync(join(folder, file), "utf8"));
    writeFileSync(join(folder, `${name}.pem`), halves.join(""));
  }
  const pfx = ["-out", "ecdsa.pfx", "-passout", "pass:secret"];
  openssl("pkcs12", "-export", "-inkey", "ecdsa.key", "-in", "ecdsa.crt", ...pfx);

  project.provide("certificates", folder);
  project.provide("patience", project.config.testTimeout * 0.75);
  return () => rmSync(folder, { recursive: true });
}
