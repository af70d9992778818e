// A client is sent the server's certificate and the chain that stands with it in the store, in the order of
// their issuers.
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Certificate, CertStoreTypes, type DTLSServer } from "../src/index.js";
import { makeCertificate } from "./peers/certificate-zoo.js";
import { certificateFolder } from "./peers/certificates.js";
import { sentChain } from "./peers/sent-chain.js";
import { makeServer, startServer } from "./peers/server.js";

const folder = certificateFolder();
const root = folder.selfSigned("root", "/O=Trust/CN=root");
const intermediate = folder.issued("intermediate", root, "/O=Trust/CN=intermediate");
const leaf = folder.issued("leaf", intermediate, "/O=Example/CN=leaf");
const stranger = folder.selfSigned("stranger");

const read = (path: string): string => readFileSync(path, "utf8");
const chain = [leaf, intermediate, root].map(({ certificate }) => read(certificate));

/** Writes `<name>` of these files, in their order. */
function pem(name: string, ...files: string[]): string {
  const path = folder.file(name);
  writeFileSync(path, files.map(read).join(""));
  return path;
}

/** What the client of a server with this certificate is sent. */
function sentBy(prepare: (server: DTLSServer) => void): Promise<string[]> {
  return sentChain(startServer(prepare).port);
}

const serving = (certificate: Certificate) => (server: DTLSServer) => {
  server.SSLCert = certificate;
};

describe("of a store", () => {
  test("PFX", async () => {
    const others = pem("others.pem", root.certificate, intermediate.certificate);
    const pfx = folder.pfx("chain", leaf, "secret", "-certfile", others);
    const certificate = new Certificate(CertStoreTypes.cstPFXFile, pfx, "secret", "*");
    expect(await sentBy(serving(certificate))).toEqual(chain);
  });

  test("PEM, whatever the order in the file, and nothing else that is in it", async () => {
    const files = [stranger, root, leaf, intermediate].map(({ certificate }) => certificate);
    const path = pem("chain.pem", ...files, leaf.key);
    const certificate = new Certificate(CertStoreTypes.cstPEMKeyFile, path, "", "*");
    expect(await sentBy(serving(certificate))).toEqual(chain);
  });

  test("PEM without a chain", async () => {
    const certificate = new Certificate(CertStoreTypes.cstPEMKeyFile, leaf.both, "", "*");
    expect(await sentBy(serving(certificate))).toEqual(chain.slice(0, 1));
  });
});

test("authorities with the same name: the one that has signed stands behind the certificate", async () => {
  const [before, after] = ["before", "after"].map((name) => folder.selfSigned(name, "/CN=renewed"));
  if (!before || !after) throw new Error("unreachable");
  const served = folder.issued("served", after, "/CN=served");
  const certificate = new Certificate(CertStoreTypes.cstPEMKeyFile, served.both, "", "*");
  const sent = await sentBy((server) => {
    server.Config(`SSLCACerts=${read(before.certificate)}${read(after.certificate)}`);
    server.SSLCert = certificate;
  });
  expect(sent.slice(0, 2)).toEqual([served, after].map((made) => read(made.certificate)));
});

describe("of a certificate that SSLCertEncoded brings", () => {
  const paired = (store: string, encoded: string) => (server: DTLSServer) => {
    server.SSLCertStoreType = CertStoreTypes.cstPEMKeyFile;
    server.SSLCertStore = store;
    server.SSLCertEncoded = encoded;
    expect(server.SSLCertSubject).toBe("CN=leaf, O=Example");
  };

  test("from a store with the key and the chain alone", async () => {
    const store = pem("key-and-chain.pem", root.certificate, leaf.key, intermediate.certificate);
    expect(await sentBy(paired(store, read(leaf.certificate)))).toEqual(chain);
  });

  test("from its own PEM, with a store that holds but the key", async () => {
    expect(await sentBy(paired(leaf.key, chain.join("")))).toEqual(chain);
  });

  test("from both", async () => {
    const store = pem("key-and-root.pem", leaf.key, root.certificate);
    expect(await sentBy(paired(store, chain.slice(0, 2).join("")))).toEqual(chain);
  });

  test("renewed for the same key, with the chain of the store", async () => {
    const renewed = folder.file("renewed.crt");
    folder.openssl(
      "x509",
      "-new",
      "-subj",
      "/O=Example/CN=leaf",
      "-force_pubkey",
      publicKey(),
      ...by(intermediate),
      "-out",
      renewed,
    );
    const store = pem(
      "old.pem",
      leaf.key,
      ...[leaf, intermediate, root].map(({ certificate }) => certificate),
    );
    expect(await sentBy(paired(store, read(renewed)))).toEqual([read(renewed), ...chain.slice(1)]);
  });

  test("while listening, to the clients that come afterwards", async () => {
    const { server, port } = startServer();
    expect(await sentChain(port)).toEqual([server.SSLCertEncoded]);
    paired(leaf.key, chain.join(""))(server);
    expect(await sentChain(port)).toEqual(chain);
  });

  function publicKey(): string {
    const path = folder.file("leaf.pub");
    folder.openssl("pkey", "-in", leaf.key, "-pubout", "-out", path);
    return path;
  }

  function by(issuer: typeof root): string[] {
    return ["-CA", issuer.certificate, "-CAkey", issuer.key, "-set_serial", "3", "-days", "7"];
  }
});

const kinds: [string, string[]][] = [
  ["rsa", ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]],
  ["p-256", ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]],
  ["p-384", ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"]],
  ["p-521", ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"]],
];

test.each(kinds)("a certificate with a key of the kind %s serves", async (name, key) => {
  const { both, certificate } = makeCertificate(folder, name, { key });
  expect(await sentBy(serving(new Certificate(both)))).toEqual([read(certificate)]);
});

// OpenSSL serves with these over TLS, and over DTLS it finds no cipher suite for them.
const useless: [string, string[]][] = [
  ["ED25519", ["-algorithm", "ED25519"]],
  ["ED448", ["-algorithm", "ED448"]],
  ["RSA-PSS", ["-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"]],
];

test.each(useless)("one with a key of the kind %s is refused before any client comes", (name, key) => {
  const { server } = makeServer();
  server.SSLCert = new Certificate(makeCertificate(folder, name, { key }).both);
  expect(() => server.StartListening()).toThrow(
    expect.objectContaining({ code: 402, message: expect.stringContaining(name) }),
  );
  expect(server.Listening).toBe(false);
});
