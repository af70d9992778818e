// What is sent with the server's certificate: the chain of its store and SSLCACerts, each once and in order.
import { execFile } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { Certificate, CertStoreTypes, DTLSServer } from "../src/index.js";
import { CertificateAuthority } from "./peers/certificate-authority.js";
import { certificateFolder } from "./peers/certificates.js";
import { peerEnvironment } from "./peers/environment.js";
import { connect, OpensslClient } from "./peers/openssl-client.js";
import { startEchoServer } from "./peers/server.js";

const folder = certificateFolder();
const root = new CertificateAuthority(folder, "root");
const upper = root.authority("upper");
const lower = upper.authority("lower");
const leaf = lower.issue("leaf", { extensions: ["extendedKeyUsage=serverAuth"] });
const other = new CertificateAuthority(folder, "other");

/** A PFX with the key, the leaf and these authorities. */
function store(name: string, authorities: CertificateAuthority[]): Certificate {
  const bundle = folder.file(`${name}.bundle`);
  writeFileSync(bundle, authorities.map(({ text }) => text).join(""));
  const more = authorities.length === 0 ? [] : ["-certfile", bundle];
  const pfx = folder.pfx(name, { key: leaf.key, certificate: leaf.certificate, both: "" }, "secret", ...more);
  return new Certificate(CertStoreTypes.cstPFXFile, pfx, "secret", "*");
}

/** Common names of what a client is sent, in the order in which it comes. */
async function chainAt(port: number): Promise<string[]> {
  const parameters = ["s_client", "-dtls1_2", "-nbio", "-showcerts", "-connect", `127.0.0.1:${port}`];
  const client = promisify(execFile)("openssl", parameters, { env: peerEnvironment() });
  client.child.stdin?.end();
  const { stdout } = await client;
  const blocks = stdout.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((pem) => /CN=(.*)/.exec(new X509Certificate(pem).subject)?.[1] ?? "?");
}

function startWith(certificate: Certificate, settings: string[] = []) {
  return startEchoServer((server) => {
    server.SSLCert = certificate;
    for (const setting of settings) server.Config(setting);
  });
}

test("the chain of the store is sent, in order whatever its own", async () => {
  const { port } = startWith(store("upside-down", [root, upper, lower]));
  expect(await chainAt(port)).toEqual(["leaf", "lower", "upper", "root"]);
});

test("SSLCACerts completes it, in the order in which they certify each other, and each once", async () => {
  const texts = [root, other, lower, upper].map(({ text }) => text).join("\r\n");
  const { port } = startWith(store("partial", [upper]), [`SSLCACerts=${texts}${leaf.text}`]);
  expect(await chainAt(port)).toEqual(["leaf", "lower", "upper", "root", "other"]);
});

test("with it a client that trusts the root alone can verify; it holds for the handshakes that follow", async () => {
  const { server, port } = startWith(store("bare", []));
  const args = ["-CAfile", root.certificate, "-verify_return_error"];
  expect((await new OpensslClient(port, { args }).exited).code).not.toBe(0);
  server.Config(`SSLCACerts=${lower.text}${upper.text}`);
  const client = await connect(port, { args });
  await client.says("Verification: OK");
  await client.echoes("trusted\n");
  expect(server.Config("SSLCACerts")).toBe(lower.text + upper.text);
  expect(() => server.Config("SSLCACerts=rubbish")).toThrow(expect.objectContaining({ code: 404 }));
  await (await connect(port, { args })).echoes("still trusted\n");
});

test("SSLServerCACerts is kept and has no effect", async () => {
  const { server, port } = startWith(store("kept", []), [`SSLServerCACerts=${root.text}`]);
  expect(server.Config("SSLServerCACerts")).toBe(readFileSync(root.certificate, "utf8"));
  expect(await chainAt(port)).toEqual(["leaf"]);
  expect(new DTLSServer().Config("SSLServerCACerts")).toBe("");
});

test("SSLEnableRenegotiation: a server that does not answer renegotiation_info loses clients with OpenSSL 3", async () => {
  const { server, port, events } = startEchoServer();
  server.Config("SSLEnableRenegotiation=False");
  const client = new OpensslClient(port);
  await client.says("unsafe legacy renegotiation disabled");
  expect((await events.first("Connected")).StatusCode).toBe(405);
  await (await connect(port, { args: ["-legacy_server_connect"] })).echoes("legacy\n");
  server.Config("SSLEnableRenegotiation=True");
  await (await connect(port)).echoes("hello\n");
});
