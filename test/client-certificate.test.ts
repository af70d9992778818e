// With SSLAuthenticateClients the server decides on each client by its certificate, at once or in its own time.
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import type { SSLClientAuthenticationEvent } from "../src/index.js";
import { certificateFile } from "./peers/certificates.js";
import { connect, OpensslClient } from "./peers/openssl-client.js";
import { startEchoServer } from "./peers/server.js";

function presenting(): { args: string[] } {
  return { args: ["-cert", certificateFile("client.crt"), "-key", certificateFile("client.key")] };
}

function startAuthenticatingServer(decide?: (event: SSLClientAuthenticationEvent) => unknown) {
  return startEchoServer((server) => {
    server.SSLAuthenticateClients = true;
    if (decide) server.on("SSLClientAuthentication", decide);
  });
}

test("a synchronous listener accepts a certificate", async () => {
  const { port, events } = startAuthenticatingServer((e) => {
    e.Accept = true;
  });
  const client = await connect(port, presenting());
  await client.echoes("let in\n");
  expect(events.names()).toEqual(["ConnectionRequest", "SSLClientAuthentication", "Connected"]);
  expect((await events.first("Connected")).StatusCode).toBe(0);
});

test("the listener sees the very certificate, its subject and issuer, and that nobody vouches for it", async () => {
  const { port, events } = startAuthenticatingServer();
  new OpensslClient(port, presenting());
  const event = await events.first("SSLClientAuthentication");
  const sent = new X509Certificate(readFileSync(certificateFile("client.crt")));
  expect(Buffer.from(event.CertEncodedB)).toEqual(sent.raw);
  expect(event.CertEncoded).toBe(sent.raw.toString("base64"));
  expect(event.CertSubject).toBe("CN=client.example, O=Example");
  expect(event.CertIssuer).toBe("CN=client.example, O=Example");
  expect(event.Status).toBe("Certificate is self-signed");
  expect(event.ConnectionId).toBe((await events.first("Connected")).ConnectionId);
});

test("an async listener may take its time to accept", async () => {
  const { server, port, events } = startAuthenticatingServer(async (e) => {
    await delay(300);
    e.Accept = true;
  });
  const client = new OpensslClient(port, presenting());
  await events.first("SSLClientAuthentication");
  expect(server.ConnectionCount).toBe(0);
  await client.established();
  await client.echoes("let in after a while\n");
  expect(events.of("SSLClientAuthentication")).toHaveLength(1);
  expect(events.of("Connected").map((e) => e.StatusCode)).toEqual([0]);
});

test("an async listener that refuses sends the client an alert", async () => {
  const { server, port, events } = startAuthenticatingServer(async (e) => {
    await delay(20);
    e.Accept = false;
  });
  const client = new OpensslClient(port, presenting());
  await expectRefusal(client);
  expect((await events.first("Connected")).StatusCode).toBe(404);
  expect(server.ConnectionCount).toBe(0);
});

test("a listener that leaves Accept as it is refuses a certificate that nobody vouches for", async () => {
  const { server, port, events } = startAuthenticatingServer(() => {});
  const client = new OpensslClient(port, presenting());
  await expectRefusal(client);
  const connected = await events.first("Connected");
  expect(connected.StatusCode).toBe(404);
  expect(connected.Description).toMatch(/^Invalid certificate provided/);
  expect(server.ConnectionCount).toBe(0);
  expect([...server.Connections.keys()]).toEqual([]);
  expect(events.names()).toEqual(["ConnectionRequest", "SSLClientAuthentication", "Connected"]);
});

test("an async listener that fails refuses, and the failure is reported", async () => {
  const { port, events } = startAuthenticatingServer(async (e) => {
    e.Accept = true;
    throw new Error("the directory is down");
  });
  await expectRefusal(new OpensslClient(port, presenting()));
  expect((await events.first("Connected")).StatusCode).toBe(404);
  const error = await events.first("Error");
  expect(error.ErrorCode).toBe(10022);
  expect(error.Description).toContain("the directory is down");
});

test("a client without a certificate is turned away, without asking", async () => {
  const { port, events } = startAuthenticatingServer((e) => {
    e.Accept = true;
  });
  const client = new OpensslClient(port);
  await client.says("alert handshake failure");
  expect((await events.first("Connected")).StatusCode).toBe(404);
  expect(events.of("SSLClientAuthentication")).toEqual([]);
});

test("it holds for the handshakes that start afterwards", async () => {
  const { server, port, events } = startEchoServer();
  const before = await connect(port);
  server.SSLAuthenticateClients = true;
  await new OpensslClient(port).says("alert handshake failure");
  await before.echoes("still here\n");
  server.SSLAuthenticateClients = false;
  await connect(port);
  expect((await events.count("Connected", 3)).map((e) => e.StatusCode)).toEqual([0, 404, 0]);
});

/** With unknown_ca, as OpenSSL refuses what is self-signed. */
async function expectRefusal(client: OpensslClient): Promise<void> {
  await client.says("SSL alert number 48");
  expect((await client.exited).code).not.toBe(0);
}
