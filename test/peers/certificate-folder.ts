/** Certificates made by the openssl command line, in a folder of their own. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { peerEnvironment } from "./environment.js";

/** Paths. */
export interface Files {
  /** `<name>.key`. */
  key: string;
  /** `<name>.crt`. */
  certificate: string;
  /** `<name>.pem`: key and certificate. */
  both: string;
}

const keyKinds = {
  ecdsa: ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
  rsa: ["-newkey", "rsa:2048"],
  /** With a file dsa.params in the folder. */
  dsa: ["-newkey", "dsa:dsa.params"],
};

export class CertificateFolder {
  readonly path = mkdtempSync(join(tmpdir(), "openssl-dtls-test-"));

  remove(): void {
    rmSync(this.path, { recursive: true });
  }

  file(name: string): string {
    return join(this.path, name);
  }

  read(name: string): Buffer {
    return readFileSync(this.file(name));
  }

  openssl(...parameters: string[]): Buffer {
    return execFileSync("openssl", parameters, {
      cwd: this.path,
      env: peerEnvironment(),
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  /** `subject` as openssl writes it, "/O=Example/CN=name". */
  selfSigned(name: string, subject = `/CN=${name}`, kind: keyof typeof keyKinds = "ecdsa"): Files {
    const files = this.files(name);
    this.openssl(
      ...["req", "-x509", ...keyKinds[kind], "-nodes", "-sha256", "-utf8", "-subj", subject, "-days", "7"],
      ...["-keyout", files.key, "-out", files.certificate],
    );
    return this.join(files);
  }

  /** As `selfSigned`, issued by another. */
  issued(name: string, issuer: Files, subject = `/CN=${name}`): Files {
    const files = this.files(name);
    const request = this.file(`${name}.csr`);
    this.openssl(
      ...["req", "-new", ...keyKinds.ecdsa, "-nodes", "-subj", subject, "-keyout", files.key],
      ...["-out", request],
    );
    this.openssl(
      ...["x509", "-req", "-in", request, "-CA", issuer.certificate, "-CAkey", issuer.key],
      ...["-set_serial", "2", "-days", "7", "-out", files.certificate],
    );
    return this.join(files);
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

  files(name: string): Files {
    return {
      key: this.file(`${name}.key`),
      certificate: this.file(`${name}.crt`),
      both: this.file(`${name}.pem`),
    };
  }

  /** Writes `both`. */
  join(files: Files): Files {
    writeFileSync(files.both, Buffer.concat([readFileSync(files.key), readFileSync(files.certificate)]));
    return files;
  }
}
