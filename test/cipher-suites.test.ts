// Every AES-GCM and ChaCha20 suite that the local openssl offers for DTLS 1.2 with ECDSA and RSA certificates
// works, with each kind of key exchange.
import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { connect } from "./peers/openssl-client.js";
import { startEchoServer } from "./peers/server.js";

interface Suite {
  name: string;
  keyExchange: string;
  certificate: "ecdsa" | "rsa";
}

const wanted = "AESGCM:CHACHA20:!aNULL:!aDSS:!aPSK:!kPSK:!kRSAPSK:!kDHEPSK:!kECDHEPSK";

const suites: Suite[] = execFileSync("openssl", ["ciphers", "-v", "-s", "-tls1_2", wanted], {
  encoding: "utf8",
})
  .trim()
  .split("\n")
  .map((line) => {
    const field = (pattern: RegExp): string => pattern.exec(line)?.[1] ?? "";
    const certificate = field(/Au=(\S+)/) === "ECDSA" ? "ecdsa" : "rsa";
    return { name: field(/^(\S+)/), keyExchange: field(/Kx=(\S+)/), certificate };
  });

describe.each(suites)("$name", ({ name, certificate }) => {
  test("a client that offers nothing else gets an echo", async () => {
    const messages: string[] = [];
    const { port } = startEchoServer((server) => {
      server.OnSSLStatus = (e) => messages.push(e.Message);
    }, certificate);
    const client = await connect(port, { args: ["-cipher", name] });
    await client.echoes(`over ${name}\n`);
    await client.says(`Ciphersuite: ${name}\n`);

    const bits = /AES_?128/.test(name) ? 128 : 256;
    const complete = messages.find((message) => message.startsWith("Handshake complete: DTLS1.2, TLS_"));
    expect(complete).toContain(`${bits}-bit encryption.`);
  });
});

test("the list covers every key exchange and cipher", () => {
  const kinds = new Set(suites.map(({ keyExchange, certificate }) => `${keyExchange} ${certificate}`));
  expect([...kinds].sort()).toEqual(["DH rsa", "ECDH ecdsa", "ECDH rsa", "RSA rsa"]);
  for (const cipher of ["AES128-GCM", "AES256-GCM", "CHACHA20"]) {
    expect(suites.some(({ name }) => name.includes(cipher))).toBe(true);
  }
});
