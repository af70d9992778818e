/** Certificates of every kind, odd ones included, made by the openssl command line. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import type { CertificateFolder, Files } from "./certificate-folder.js";
import { peerEnvironment } from "./environment.js";

export interface Kind {
  /** Arguments of `openssl genpkey`. Default: P-256. */
  key?: string[];
  /** As openssl writes it. Default: "/CN=<name>". */
  subject?: string;
  /** Lines of the section of extensions. Default: none, and the certificate is of version 3 all the same. */
  extensions?: string[];
  /** Lines of further sections. */
  sections?: string[];
  /** The types of string that names may use, as openssl.cnf has it. Default: utf8only. */
  strings?: string;
  /** More arguments of `openssl req`. */
  more?: string[];
}

const p256 = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];

/** One of each kind of general name, over and over. */
const manyNames = Array.from({ length: 100 }, (_, i) => {
  const names = [
    `DNS:host-${i}.example`,
    `IP:192.0.2.${i}`,
    `IP:2001:db8::${i.toString(16)}:0:0:1`,
    `email:user-${i}@example.com`,
    `URI:https://example.com/${i}?a=b`,
  ];
  return names[i % names.length] ?? "";
});

const kinds: Readonly<Record<string, Kind>> = {
  rsa: {
    key: ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
    subject: "/C=US/ST=Utah/L=Provo/O=Example/OU=test/CN=www.example.com/emailAddress=a@example.com",
    extensions: [
      "keyUsage = critical, digitalSignature, keyEncipherment",
      "extendedKeyUsage = serverAuth, clientAuth, 1.3.6.1.4.1.99999.1.2",
      "subjectAltName = DNS:www.example.com, DNS:*.example.com, IP:127.0.0.1",
    ],
  },
  "rsa-sha512": { key: ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"], more: ["-sha512"] },
  "rsa-pss": {
    key: ["-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"],
    extensions: ["keyUsage = nonRepudiation, dataEncipherment"],
  },
  "rsa-with-pss-signature": {
    key: ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
    more: ["-sigopt", "rsa_padding_mode:pss"],
  },
  "p-256": { extensions: ["keyUsage = keyAgreement, encipherOnly"] },
  "p-521": { key: ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"], more: ["-sha384"] },
  "explicit-curve": { key: [...p256, "-pkeyopt", "ec_param_enc:explicit"] },
  ed25519: { key: ["-algorithm", "ED25519"], extensions: ["extendedKeyUsage = serverAuth"] },
  ed448: { key: ["-algorithm", "ED448"] },
  authority: { extensions: ["keyUsage = keyCertSign, cRLSign", "basicConstraints = critical, CA:true"] },
  "no-extensions": {},
  "many-names": { extensions: [`subjectAltName = ${manyNames.join(", ")}`] },
  "names-of-all-kinds": {
    extensions: ["subjectAltName = @names"],
    sections: [
      "[names]",
      "DNS.1 = first.example",
      "otherName.1 = 1.3.6.1.4.1.311.20.2.3;UTF8:user@example.com",
      "dirName.1 = directory",
      "RID.1 = 1.2.3.4",
      "DNS.2 = last.example",
      "[directory]",
      "CN = directory",
    ],
  },
  "utf-8": { subject: "/C=DE/O=Bäckerei “Süß”/L=東京/CN=😀.example" },
  // Of the types that a value fits the first of these is taken: T61String, else BMPString.
  "t61-and-bmp": { subject: "/L=Zürich/O=Bäckerei €/CN=old.example", strings: "default" },
  quoted: { subject: '/C=US/O=Example, Inc./OU=the "best", "really"/CN=a\\+b=c;<d>\\\\e#' },
  spaces: { subject: "/O= leading/OU=trailing /L=  /ST=#hash/CN=a , b" },
  "multi-valued": { subject: "/C=US/O=Example+OU=test/CN=name+serialNumber=7+UID=me/title=a \\+ CN=b" },
  "other-attributes": {
    subject: "/DC=com/DC=example/street=1 Main St/GN=Ann/SN=Other/1.3.6.1.4.1.99999.9=x/CN=y",
  },
  "same-attribute-twice": { subject: "/OU=one/OU=two/OU=one/CN=twice" },
  "empty-subject": { subject: "/", extensions: ["subjectAltName = critical, DNS:nameless.example"] },
  "serial-of-20-bytes": { more: ["-set_serial", "0xF123456789ABCDEF0123456789ABCDEF01234567"] },
  "serial-0": { more: ["-set_serial", "0"] },
  "serial-negative": { more: ["-set_serial", "-130"] },
  "beyond-2050": { more: ["-days", "20000"] },
};

export interface Specimen {
  name: string;
  files: Files;
}

/** Made one after the other: a second or two. */
export function certificateZoo(folder: CertificateFolder): Specimen[] {
  const specimens = Object.entries(kinds).map(([name, kind]) => ({
    name,
    files: makeCertificate(folder, name, kind),
  }));
  return [
    ...specimens,
    { name: "dsa", files: makeDsa(folder) },
    { name: "version-1", files: makeVersion1(folder) },
    { name: "issued", files: folder.issued("issued", folder.selfSigned("issuer", "/O=Trust/CN=issuer")) },
    {
      name: "before-1970-to-2050",
      files: makeDated(folder, "before-1970-to-2050", "650701000000Z", "20500101000000Z"),
    },
    {
      name: "summer-and-winter",
      files: makeDated(folder, "summer-and-winter", "990704203000Z", "490101013000Z"),
    },
  ];
}

export function makeCertificate(folder: CertificateFolder, name: string, kind: Kind): Files {
  const files = folder.files(name);
  folder.openssl("genpkey", ...(kind.key ?? p256), "-out", files.key);
  return selfSign(folder, name, kind);
}

function selfSign(folder: CertificateFolder, name: string, kind: Kind): Files {
  const files = folder.files(name);
  const { subject = `/CN=${name}`, extensions = [], sections = [], strings = "utf8only", more = [] } = kind;
  const configuration = folder.file(`${name}.cnf`);
  const lines = [
    ...["[req]", "distinguished_name = dn", "x509_extensions = ext", `string_mask = ${strings}`, "[dn]"],
    // A section of extensions makes it version 3; openssl would put the key's identifiers into it.
    ...["[ext]", "subjectKeyIdentifier = none", "authorityKeyIdentifier = none", ...extensions],
    ...sections,
  ];
  writeFileSync(configuration, `${lines.join("\n")}\n`);
  folder.openssl(
    ...["req", "-x509", "-new", "-config", configuration, "-key", files.key, "-utf8", "-subj", subject],
    ...["-days", "7", "-out", files.certificate, ...more],
  );
  return folder.join(files);
}

/** `openssl genpkey` would take seconds to find new parameters of 2048 bits. */
function makeDsa(folder: CertificateFolder): Files {
  const files = folder.files("dsa");
  folder.openssl("dsaparam", "-genkey", "-noout", "-out", files.key, "1024");
  return selfSign(folder, "dsa", {});
}

function makeVersion1(folder: CertificateFolder): Files {
  const files = folder.files("version-1");
  folder.openssl("genpkey", ...p256, "-out", files.key);
  const configuration = folder.file("version-1.cnf");
  writeFileSync(configuration, "[req]\ndistinguished_name = dn\n[dn]\n");
  // Without extensions it is version 1 up to OpenSSL 3.3, and later with an argument that 3.3 does not know.
  const help = spawnSync("openssl", ["req", "-help"], { encoding: "utf8", env: peerEnvironment() });
  const newer = `${help.stdout}${help.stderr}`.includes("-x509v1") ? ["-x509v1"] : [];
  folder.openssl(
    ...["req", "-x509", ...newer, "-new", "-config", configuration, "-key", files.key],
    ...["-subj", "/CN=version-1", "-out", files.certificate],
  );
  return folder.join(files);
}

/** Only `openssl ca` takes dates. */
function makeDated(folder: CertificateFolder, name: string, from: string, to: string): Files {
  const files = folder.files(name);
  const configuration = folder.file(`${name}.cnf`);
  const lines = [
    ...["[req]", "distinguished_name = dn", "[dn]", "[ca]", "default_ca = this", "[this]"],
    ...[`database = ${folder.file(`${name}.txt`)}`, `new_certs_dir = ${folder.path}`, "rand_serial = yes"],
    ...["default_md = sha256", "policy = any", "[any]", "commonName = supplied"],
  ];
  writeFileSync(configuration, `${lines.join("\n")}\n`);
  writeFileSync(folder.file(`${name}.txt`), "");
  folder.openssl("genpkey", ...p256, "-out", files.key);
  const request = folder.file(`${name}.csr`);
  folder.openssl(
    ...["req", "-new", "-config", configuration, "-key", files.key, "-subj", `/CN=${name}`, "-out", request],
  );
  folder.openssl(
    ...[
      "ca",
      "-selfsign",
      "-batch",
      "-notext",
      "-config",
      configuration,
      "-keyfile",
      files.key,
      "-in",
      request,
    ],
    ...["-startdate", from, "-enddate", to, "-out", files.certificate],
  );
  return folder.join(files);
}
