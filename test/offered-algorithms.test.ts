// What Config allows is what clients get: cipher suites and their strength, groups, signature algorithms and
// protocol versions, and SSLNegotiated* tells for each connection what that was.
import { describe, expect, test } from "vitest";
import { Certificate, type DTLSServer } from "../src/index.js";
import { certificateFile, certificateFolder } from "./peers/certificates.js";
import { connect, OpensslClient, type OpensslOptions } from "./peers/openssl-client.js";
import { startEchoServer } from "./peers/server.js";

const gcm256 = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384";
const gcm128 = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";

const folder = certificateFolder();

function startWith(settings: readonly string[], certificate: "ecdsa" | "rsa" = "ecdsa") {
  return startEchoServer((server) => {
    for (const setting of settings) server.Config(setting);
  }, certificate);
}

function negotiated(server: DTLSServer, id: number): string {
  const read = (name: string): string => server.Config(`SSLNegotiated${name}[${id}]`);
  const names = ["Version", "CipherSuite", "Cipher", "CipherStrength", "KeyExchange", "KeyExchangeStrength"];
  return names.map(read).join(" ");
}

async function refused(port: number, options: OpensslOptions = {}): Promise<void> {
  const client = new OpensslClient(port, options);
  expect((await client.exited).code).not.toBe(0);
  expect(client.status).not.toContain("CONNECTION ESTABLISHED");
}

describe("SSLNegotiated*", () => {
  test.each([
    ["ecdsa", "ECDHE-ECDSA-AES256-GCM-SHA384", "P-256", `${gcm256} AES_256_GCM 256 ECDHE_ECDSA 256`],
    [
      "ecdsa",
      "ECDHE-ECDSA-AES128-SHA",
      "P-256",
      "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA AES_128_CBC 128 ECDHE_ECDSA 256",
    ],
    [
      "rsa",
      "ECDHE-RSA-CHACHA20-POLY1305",
      "P-521",
      "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256 CHACHA20_POLY1305 256 ECDHE_RSA 521",
    ],
    [
      "rsa",
      "DHE-RSA-AES128-GCM-SHA256",
      "P-256",
      "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256 AES_128_GCM 128 DHE_RSA 2048",
    ],
    ["rsa", "AES256-SHA256", "P-256", "TLS_RSA_WITH_AES_256_CBC_SHA256 AES_256_CBC 256 RSA 2048"],
  ] as const)("%s %s %s", async (certificate, cipher, groups, expected) => {
    const { server, port } = startEchoServer(undefined, certificate);
    const client = await connect(port, { args: ["-cipher", cipher, "-groups", groups] });
    await client.echoes("hello\n");
    expect(negotiated(server, 1)).toBe(`DTLS1.2 ${expected}`);
  });

  test("is of each connection, from SSLClientAuthentication to Disconnected", async () => {
    const seen: string[] = [];
    const { server, port, events } = startEchoServer((subject) => {
      subject.SSLAuthenticateClients = true;
      subject.OnSSLClientAuthentication = (e) => {
        seen.push(negotiated(subject, e.ConnectionId));
        e.Accept = true;
      };
    });
    const identity = ["-cert", certificateFile("client.crt"), "-key", certificateFile("client.key")];
    const one = await connect(port, { args: [...identity, "-cipher", "ECDHE-ECDSA-AES256-GCM-SHA384"] });
    const other = await connect(port, { args: [...identity, "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"] });
    await one.echoes("one\n");
    await other.echoes("other\n");
    const both = [negotiated(server, 1), negotiated(server, 2)];
    expect(both).toEqual([
      `DTLS1.2 ${gcm256} AES_256_GCM 256 ECDHE_ECDSA 256`,
      `DTLS1.2 ${gcm128} AES_128_GCM 128 ECDHE_ECDSA 256`,
    ]);
    expect(seen).toEqual(both);
    one.leave();
    await events.first("Disconnected");
    expect(() => server.Config("SSLNegotiatedCipher[1]")).toThrow(expect.objectContaining({ code: 126 }));
    expect(server.Config("SSLNegotiatedCipher[2]")).toBe("AES_128_GCM");
  });

  test("is known of a connection whose last data are being told, as it has ended meanwhile", async () => {
    const seen: string[] = [];
    const { server, port, events } = startEchoServer();
    server.OnDataIn = (e) => seen.push(server.Config(`SSLNegotiatedCipherSuite[${e.ConnectionId}]`));
    const client = await connect(port, { args: ["-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"] });
    client.send("goodbye\n");
    client.leave();
    await events.first("Disconnected");
    expect(seen).toEqual([gcm128]);
  });
});

describe("SSLEnabledCipherSuites", () => {
  test("is all that is offered, in the server's order of preference", async () => {
    const { server, port } = startWith([`SSLEnabledCipherSuites=${gcm128};${gcm256}`]);
    const offersBoth = "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256";
    const client = await connect(port, { args: ["-cipher", offersBoth] });
    await client.echoes("hello\n");
    expect(server.Config("SSLNegotiatedCipherSuite[1]")).toBe(gcm128);
    await refused(port, { args: ["-cipher", "ECDHE-ECDSA-CHACHA20-POLY1305"] });
  });

  test("skips what the certificate cannot serve, and holds for the handshakes that follow", async () => {
    const { server, port, events } = startWith(
      [`SSLEnabledCipherSuites=${gcm256};TLS_ECDH_RSA_WITH_AES_128_CBC_SHA;TLS_RSA_WITH_AES_128_GCM_SHA256`],
      "rsa",
    );
    const before = await connect(port);
    expect(server.Config("SSLNegotiatedCipherSuite[1]")).toBe("TLS_RSA_WITH_AES_128_GCM_SHA256");
    server.Config("SSLEnabledCipherSuites=TLS_DHE_RSA_WITH_AES_256_CBC_SHA");
    await connect(port);
    await events.count("Connected", 2);
    expect(server.Config("SSLNegotiatedCipherSuite[2]")).toBe("TLS_DHE_RSA_WITH_AES_256_CBC_SHA");
    await before.echoes("still here\n");
  });

  test("a DSA certificate serves the DHE_DSS suites, by default and when they are named", async () => {
    folder.openssl("dsaparam", "-out", "dsa.params", "2048");
    const { both } = folder.selfSigned("dsa", "/CN=dsa.example", "dsa");
    const { server, port, events } = startEchoServer((subject) => {
      subject.SSLCert = new Certificate(both);
    });
    const args = ["-cipher", "DHE-DSS-AES256-GCM-SHA384:DHE-DSS-AES128-SHA"];
    await (await connect(port, { args })).echoes("hello\n");
    server.Config("SSLEnabledCipherSuites=TLS_DHE_DSS_WITH_AES_128_CBC_SHA");
    await (await connect(port, { args })).echoes("hello\n");
    await events.count("Connected", 2);
    expect([1, 2].map((id) => server.Config(`SSLNegotiatedCipherSuite[${id}]`))).toEqual([
      "TLS_DHE_DSS_WITH_AES_256_GCM_SHA384",
      "TLS_DHE_DSS_WITH_AES_128_CBC_SHA",
    ]);
  });

  test("a client with no suite in common fails with 402", async () => {
    const { port, events } = startWith([`SSLEnabledCipherSuites=${gcm256}`]);
    await refused(port, { args: ["-cipher", "ECDHE-ECDSA-AES128-SHA"] });
    expect((await events.first("Connected")).StatusCode).toBe(402);
  });
});

test("SSLCipherStrength leaves out what is weaker", async () => {
  const { server, port, events } = startWith(["SSLCipherStrength=256"]);
  await refused(port, { args: ["-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"] });
  expect((await events.first("Connected")).StatusCode).toBe(402);
  await connect(port, { args: ["-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-SHA"] });
  await events.count("Connected", 2);
  expect(server.Config("SSLNegotiatedCipherStrength[2]")).toBe("256");
});

describe("TLS12SupportedGroups", () => {
  test.each([
    ["x25519,ecdhe_secp256r1", "P-256:X25519", "X25519, 253 bits", "253"],
    ["ecdhe_secp521r1,ecdhe_secp256r1", "P-256:P-521", "ECDH, secp521r1, 521 bits", "521"],
    ["x448,x25519", "X25519:X448:P-256", "X448, 448 bits", "448"],
  ])("%s: the server's order decides", async (setting, offered, temporaryKey, bits) => {
    // RSA: an EC certificate's own curve must be among the client's groups.
    const { server, port } = startWith([`TLS12SupportedGroups=${setting}`], "rsa");
    const client = await connect(port, {
      args: ["-groups", offered, "-cipher", "ECDHE-RSA-AES128-GCM-SHA256"],
    });
    await client.echoes("hello\n");
    await client.says(`Server Temp Key: ${temporaryKey}`);
    expect(server.Config("SSLNegotiatedKeyExchangeStrength[1]")).toBe(bits);
  });

  test("the default has the NIST curves alone", async () => {
    const { port, events } = startEchoServer(undefined, "rsa");
    await refused(port, { args: ["-groups", "X25519", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256"] });
    expect((await events.first("Connected")).StatusCode).toBe(402);
  });

  test("empty, it leaves out ECDHE", async () => {
    const { server, port, events } = startWith(["TLS12SupportedGroups="], "rsa");
    await refused(port, { args: ["-cipher", "ECDHE-RSA-AES128-GCM-SHA256"] });
    await connect(port);
    await events.count("Connected", 2);
    expect(server.Config("SSLNegotiatedKeyExchange[2]")).toBe("DHE_RSA");
  });
});

describe("TLS12SignatureAlgorithms", () => {
  test.each([
    ["sha384-rsa,sha256-rsa", "RSA+SHA256:RSA+SHA384", "Hash used: SHA384", "RSA"],
    ["sha256-rsa", "rsa_pss_rsae_sha256", "Hash used: SHA256", "RSA-PSS"],
    ["", "RSA+SHA512", "Hash used: SHA512", "RSA"],
  ])("%j signs with what both have, in the server's order", async (setting, offered, digest, type) => {
    const { port } = startWith([`TLS12SignatureAlgorithms=${setting}`], "rsa");
    const args = ["-sigalgs", offered, "-cipher", "ECDHE-RSA-AES128-GCM-SHA256"];
    const client = await connect(port, { args });
    await client.echoes("hello\n");
    await client.says(digest);
    await client.says(`Signature type: ${type}\n`);
  });

  test("a client with none in common fails with 402", async () => {
    const { port, events } = startWith(["TLS12SignatureAlgorithms=sha384-rsa"], "rsa");
    await refused(port, { args: ["-sigalgs", "RSA+SHA256", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256"] });
    expect((await events.first("Connected")).StatusCode).toBe(402);
  });
});

describe("SSLEnabledProtocols", () => {
  const level0 = ["-cipher", "DEFAULT:@SECLEVEL=0"];

  test("DTLS 1.0 is off unless it is named", async () => {
    const { port, events } = startEchoServer();
    await refused(port, { version: "-dtls1", args: level0 });
    expect((await events.first("Connected")).StatusCode).toBe(402);
  });

  test.each([
    ["ecdsa", "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA AES_256_CBC 256 ECDHE_ECDSA 256"],
    ["rsa", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA AES_256_CBC 256 ECDHE_RSA 256"],
  ] as const)("named, it works, with DTLS 1.2 beside it: %s", async (certificate, expected) => {
    const messages: string[] = [];
    const { server, port, events } = startEchoServer((subject) => {
      subject.Config("SSLEnabledProtocols=3840");
      subject.KeepAlive = true;
      subject.OnSSLStatus = (e) => messages.push(e.Message);
    }, certificate);
    const old = await connect(port, { version: "-dtls1", args: [...level0, "-groups", "P-256"] });
    await old.says("Protocol version: DTLSv1\n");
    await old.echoes("hello from 1999\n");
    expect(negotiated(server, 1)).toBe(`DTLS1.0 ${expected}`);
    expect(messages).toContainEqual(
      expect.stringMatching(/^Received ClientHello \(DTLS1\.0, \d+ cipher suites\)\.$/),
    );
    expect(messages).toContainEqual(expect.stringMatching(/^Handshake complete: DTLS1\.0, TLS_.*, 256-bit/));
    const current = await connect(port);
    await current.echoes("hello from 2012\n");
    expect(server.Config("SSLNegotiatedVersion[2]")).toBe("DTLS1.2");
    // An empty datagram and close_notify are sealed by us.
    server.SendBytes(1, new Uint8Array(0));
    server.Disconnect(1);
    await events.first("Disconnected");
    expect((await old.exited).code).toBe(0);
  });

  test("DTLS 1.0 alone is no good for a client that wants 1.2, which says so", async () => {
    const { port, events } = startWith(["SSLEnabledProtocols=768"]);
    await refused(port);
    const { StatusCode, Description } = await events.first("Connected");
    expect(StatusCode).toBe(405);
    expect(Description).toContain("protocol_version");
    await (await connect(port, { version: "-dtls1", args: level0 })).echoes("hello\n");
  });
});
