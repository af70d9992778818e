/** An authority of a test's own, and what it issues. */
import { readFileSync, writeFileSync } from "node:fs";
import type { CertificateFolder } from "./certificate-folder.js";

export interface Issued {
  /** Paths. */
  key: string;
  certificate: string;
  /** PEM. */
  text: string;
  /** For `openssl s_client`: the certificate, its key and the authorities below the root. */
  args: string[];
}

export interface Request {
  subject?: string;
  /** As in an extension file of openssl's. Default: what a client has. */
  extensions?: string[];
  days?: number;
  digest?: string;
}

const forClients = ["basicConstraints=critical,CA:FALSE", "extendedKeyUsage=clientAuth"];
const forAuthorities = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"];

export class CertificateAuthority {
  readonly certificate: string;
  readonly #folder: CertificateFolder;
  readonly #name: string;
  readonly #key: string;
  /** From this one up to what is below the root. */
  readonly #chain: string;

  /** A root of this name, unless a key and certificate are given. */
  constructor(folder: CertificateFolder, name: string, issued?: Issued, chain = "") {
    this.#folder = folder;
    this.#name = name;
    this.#chain = chain;
    const { key, certificate } = issued ?? folder.selfSigned(name, `/O=Test/CN=${name}`);
    this.#key = key;
    this.certificate = certificate;
  }

  /** PEM. */
  get text(): string {
    return readFileSync(this.certificate, "utf8");
  }

  /** Another authority below this one. */
  authority(name: string): CertificateAuthority {
    const issued = this.issue(name, { subject: `/O=Test/CN=${name}`, extensions: forAuthorities });
    return new CertificateAuthority(this.#folder, name, issued, issued.text + this.#chain);
  }

  issue(name: string, request: Request = {}): Issued {
    const { subject = `/O=Test/CN=${name}`, extensions = forClients, days = 7, digest = "sha256" } = request;
    const folder = this.#folder;
    const paths = { key: folder.file(`${name}.key`), certificate: folder.file(`${name}.crt`) };
    const [asked, extended] = [folder.file(`${name}.csr`), folder.file(`${name}.ext`)];
    writeFileSync(extended, `${extensions.join("\n")}\n`);
    folder.openssl(
      ...["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", subject],
      ...["-keyout", paths.key, "-out", asked],
    );
    folder.openssl(
      ...["x509", "-req", "-in", asked, "-CA", this.certificate, "-CAkey", this.#key, "-extfile", extended],
      ...["-set_serial", String(serial++), "-days", String(days), `-${digest}`, "-out", paths.certificate],
    );
    const args = ["-cert", paths.certificate, "-key", paths.key];
    if (this.#chain !== "") {
      const chain = folder.file(`${this.#name}.chain`);
      writeFileSync(chain, this.#chain);
      args.push("-cert_chain", chain);
    }
    return { ...paths, text: readFileSync(paths.certificate, "utf8"), args };
  }
}

let serial = 100;
