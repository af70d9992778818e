// An OpenSSL client and this server agree on every suite that the local openssl has, and with and without
// encrypt-then-MAC and extended_master_secret; they understand each other's records.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Fault } from "../src/native.js";
import { LossyProxy } from "./network/lossy-proxy.js";
import { ExtensionType, serverHelloExtensions } from "./network/server-hello.js";
import { certificateFolder } from "./peers/certificates.js";
import { peerEnvironment } from "./peers/environment.js";
import { OpensslClient } from "./peers/openssl-client.js";
import { payloads } from "./peers/payloads.js";
import { everySuite, SuiteServer } from "./peers/suite-server.js";

interface Suite {
  name: string;
  certificate: "ecdsa" | "rsa";
  cbc: boolean;
}

const suites: Suite[] = execFileSync("openssl", ["ciphers", "-v", "-s", "-tls1_2", everySuite], {
  encoding: "utf8",
  env: peerEnvironment(),
})
  .trim()
  .split("\n")
  .map((line) => ({
    name: /^\S+/.exec(line)?.[0] ?? "",
    certificate: line.includes("Au=ECDSA") ? "ecdsa" : "rsa",
    cbc: !line.includes("Mac=AEAD"),
  }));

const folder = certificateFolder();
const servers = new Map<Suite["certificate"], SuiteServer>();

beforeAll(() => {
  for (const name of ["ecdsa", "rsa"] as const) servers.set(name, new SuiteServer(name));
});
afterAll(() => {
  for (const server of servers.values()) server.close();
});

/** A configuration for openssl, which has no argument for all that is to be left out. */
function without(...features: ("EncryptThenMac" | "ExtendedMasterSecret")[]): NodeJS.ProcessEnv {
  const path = folder.file(`without-${features.join("-")}.cnf`);
  const options = features.map((feature) => `-${feature}`).join(",");
  const sections = ["openssl_conf=all", "[all]", "ssl_conf=ssl", "[ssl]", "system_default=ours", "[ours]"];
  writeFileSync(path, [...sections, `Options=${options}`, ""].join("\n"));
  return { OPENSSL_CONF: path };
}

/** A whole connection, payloads and close_notify included. Gives the extensions of the ServerHello. */
async function converse({ name, certificate }: Suite, env: NodeJS.ProcessEnv = {}): Promise<number[]> {
  const server = servers.get(certificate) as SuiteServer;
  let extensions: number[] = [];
  const proxy = await LossyProxy.start(server.port, ({ datagram, direction }) => {
    if (direction === "toClient") extensions = serverHelloExtensions(datagram) ?? extensions;
    return "pass";
  });
  const client = new OpensslClient(proxy.port, { args: ["-cipher", `${name}:@SECLEVEL=0`], env });
  await client.says(`Ciphersuite: ${name}\n`);
  const connection = await server.newest();
  for (const payload of payloads) {
    const before = client.received.length;
    client.send(payload);
    expect((await client.receives(before + payload.length)).subarray(before)).toEqual(payload);
  }
  client.leave();
  expect(await server.ended(connection)).toBe(Fault.none);
  return extensions;
}

test.each(suites)("$name", async (suite) => {
  const extensions = await converse(suite);
  expect(extensions.includes(ExtensionType.encryptThenMac)).toBe(suite.cbc);
  expect(extensions).toContain(ExtensionType.extendedMasterSecret);
});

describe("without extended_master_secret", () => {
  test.each(suites.filter(({ name }) => name.startsWith("ECDHE-ECDSA")))("$name", async (suite) => {
    const extensions = await converse(suite, without("ExtendedMasterSecret"));
    expect(extensions).not.toContain(ExtensionType.extendedMasterSecret);
  });
});

describe("without encrypt-then-MAC", () => {
  test.each(suites.filter(({ cbc }) => cbc))("$name", async (suite) => {
    const extensions = await converse(suite, without("EncryptThenMac"));
    expect(extensions).not.toContain(ExtensionType.encryptThenMac);
  });
});

describe("without encrypt-then-MAC and extended_master_secret", () => {
  const picked = suites.filter(({ cbc, name }) => cbc && name.startsWith("ECDHE"));
  test.each(picked)("$name", async (suite) => {
    const extensions = await converse(suite, without("EncryptThenMac", "ExtendedMasterSecret"));
    expect(extensions).not.toContain(ExtensionType.encryptThenMac);
    expect(extensions).not.toContain(ExtensionType.extendedMasterSecret);
  });
});

test("the list covers every key exchange and every kind of cipher", () => {
  for (const part of ["ECDHE-ECDSA-AES", "ECDHE-RSA-AES", "DHE-RSA-AES", "AES128-SHA"]) {
    expect(suites.some(({ name }) => name.startsWith(part))).toBe(true);
  }
  for (const part of ["GCM", "CHACHA20", "CCM", "CCM8", "ARIA", "CAMELLIA", "-SHA", "-SHA256", "-SHA384"]) {
    expect(suites.some(({ name }) => name.includes(part))).toBe(true);
  }
});
