/** Certificates for tests, made by the openssl command line in a folder of their own. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

export interface Files {
  key: string;
  certificate: string;
}

export class CertificateFolder {
  readonly path = mkdtempSync(join(tmpdir(), "openssl-dtls-test-"));

  constructor() {
    afterAll(() => rmSync(this.path, { recursive: true }));
  }

  file(name: string): string {
    return join(this.path, name);
  }

  read(name: string): Buffer {
    return readFileSync(this.file(name));
  }

  openssl(...parameters: string[]): Buffer {
    // A sanitizer preloaded into Node is not meant for openssl.
    const { LD_PRELOAD: _, ...env } = process.env;
    return execFileSync("openssl", parameters, { cwd: this.path, env, stdio: ["ignore", "pipe", "pipe"] });
  }

  /** `<name>.key.pem` and `<name>.pem`; `subject` as openssl writes it, "/O=Example/CN=name". */
  selfSigned(name: string, subject = `/CN=${name}`): Files {
    const files = { key: this.file(`${name}.key.pem`), certificate: this.file(`${name}.pem`) };
    this.openssl(
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-utf8"],
      ...["-subj", subject, "-days", "7", "-keyout", files.key, "-out", files.certificate],
    );
    return files;
  }

  /** As `selfSigned`, issued by another. */
  issued(name: string, issuer: Files, subject = `/CN=${name}`): Files {
    const files = { key: this.file(`${name}.key.pem`), certificate: this.file(`${name}.pem`) };
    const request = this.file(`${name}.csr`);
    this.openssl(
      ...["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
      ...["-subj", subject, "-keyout", files.key, "-out", request],
    );
    this.openssl(
      ...["x509", "-req", "-in", request, "-CA", issuer.certificate, "-CAkey", issuer.key],
      ...["-set_serial", "2", "-days", "7", "-out", files.certificate],
    );
    return files;
  }

  /** Gives the path of `<name>.pfx`. */
  pfx(name: string, { key, certificate }: Files, password: string, ...more: string[]): string {
    const path = this.file(`${name}.pfx`);
    this.openssl(
      ...["pkcs12", "-export", "-inkey", key, "-in", certificate, "-passout", `pass:${password}`],
      ...["-out", path, ...more],
    );
    return path;
  }
}
