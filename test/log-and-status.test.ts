import { expect, onTestFinished, test } from "vitest";
import { connect, OpensslClient } from "./peers/openssl-client.js";
import { startServer } from "./peers/server.js";
import { eventually } from "./peers/waiting.js";

/** Values that differ from run to run, out of the way. */
const plain = (text: string) =>
  text.replace(/127\.0\.0\.1:\d+/g, "<peer>").replace(/\d+ cipher suites/, "<n> cipher suites");

test("SSLStatus tells the handshake in the order of its messages", async () => {
  const told: string[] = [];
  const { port, events } = startServer((server) => {
    server.OnSSLStatus = (e) => told.push(`${e.ConnectionId} ${plain(e.Message)}`);
    server.Config("HandshakeMTU=1400");
  });
  await connect(port, { args: ["-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256", "-groups", "P-256"] });
  await events.first("Connected");
  expect(told).toEqual([
    "1 Handshake started with <peer>.",
    "1 Received ClientHello (DTLS1.2, <n> cipher suites).",
    "1 Sent ServerHello (TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256).",
    "1 Sent Certificate.",
    "1 Sent ServerKeyExchange (secp256r1).",
    "1 Sent ServerHelloDone.",
    "1 Received ClientKeyExchange.",
    "1 Received Finished.",
    "1 Sent Finished.",
    "1 Handshake complete: DTLS1.2, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, 128-bit encryption.",
  ]);
});

test("a failed handshake says why, in SSLStatus, in the log and in Connected", async () => {
  const told: string[] = [];
  const logged: string[] = [];
  const { port, events } = startServer((server) => {
    server.OnSSLStatus = (e) => told.push(e.Message);
    server.OnLog = (e) => logged.push(`${e.LogType} ${e.LogLevel} ${e.Message}`);
  });
  const client = new OpensslClient(port, { args: ["-cipher", "ECDHE-RSA-AES128-GCM-SHA256"] });
  await client.says("handshake failure");
  const { Description, StatusCode } = await events.first("Connected");
  expect(StatusCode).toBe(402);
  expect(Description).toBe("Not supported: no shared cipher; sent alert 40 (handshake_failure).");
  expect(told).toContain("Sent alert: fatal handshake_failure.");
  expect(told.at(-1)).toBe(`Handshake failed: ${Description}`);
  expect(logged).toContain(`Error 1 Connection 1 failed: [402] ${Description}`);
});

test("the log of one connection's life, at level 1", async () => {
  const logged: string[] = [];
  const { server, port, events } = startServer((subject) => {
    subject.OnLog = (e) => logged.push(`${e.ConnectionId} ${e.LogType} ${plain(e.Message)}`);
  });
  const client = await connect(port);
  await client.close();
  await events.first("Disconnected");
  await connect(port);
  await events.count("Connected", 2);
  server.Disconnect(2);
  await connect(port);
  await events.count("Connected", 3);
  await server.Shutdown();
  expect(logged).toEqual([
    "0 Info Listening on <peer>.",
    "1 Info Connection 1 requested by <peer>.",
    "1 Info Connection 1 established.",
    "1 Info Connection 1 closed: closed by peer.",
    "2 Info Connection 2 requested by <peer>.",
    "2 Info Connection 2 established.",
    "2 Info Connection 2 closed: closed locally.",
    "3 Info Connection 3 requested by <peer>.",
    "3 Info Connection 3 established.",
    "0 Info Stopped listening.",
    "3 Info Connection 3 closed: shutdown.",
  ]);
});

test("level 2 adds the handshake and the size of each datagram; a listener more is told from then on", async () => {
  const logged: string[] = [];
  const { server, port, events } = startServer((subject) => {
    subject.OnDataIn = (e) => subject.SendBytes(e.ConnectionId, e.DatagramB);
  });
  const client = await connect(port);
  await client.echoes("before\n");
  server.Config("LogLevel=2");
  server.OnLog = (e) => logged.push(`${e.LogType} ${plain(e.Message)}`);
  await client.echoes("seen\n");
  expect(logged).toEqual(["Verbose Received 5 bytes.", "Verbose Sent 5 bytes."]);
  await connect(port);
  await events.count("Connected", 2);
  expect(logged).toContain("Verbose Sent ServerHelloDone.");
  server.Config("LogLevel=0");
  logged.length = 0;
  await client.echoes("after\n");
  expect(logged).toEqual([]);
});

test("a client's alert is told of by its name, in SSLStatus and in the log", async () => {
  const told: string[] = [];
  const logged: string[] = [];
  const { port, events } = startServer((server) => {
    server.OnSSLStatus = (e) => told.push(`${e.ConnectionId} ${e.Message}`);
    server.OnLog = (e) => logged.push(`${e.ConnectionId} ${e.LogType} ${e.Message}`);
    server.Config("LogLevel=2");
  });
  const client = await connect(port);
  await client.close();
  await events.first("Disconnected");
  expect(told).toContain("1 Received alert: warning close_notify.");
  expect(logged).toContain("1 Verbose Received alert: warning close_notify.");
});

test("level 2 tells of the HelloVerifyRequest, to whoever it went", async () => {
  const logged: string[] = [];
  const { port, events } = startServer((subject) => {
    subject.OnLog = (e) => logged.push(`${e.ConnectionId} ${e.LogType} ${plain(e.Message)}`);
    subject.Config("LogLevel=2");
  });
  await connect(port);
  await events.first("Connected");
  expect(logged.filter((line) => line.startsWith("0 Verbose"))).toEqual([
    "0 Verbose Sent HelloVerifyRequest to <peer>.",
  ]);
});

test("level 3 adds what was dropped, and why", async () => {
  const { createSocket } = await import("node:dgram");
  const logged: string[] = [];
  const { port } = startServer((subject) => {
    subject.OnLog = (e) => logged.push(`${e.LogType} ${plain(e.Message)}`);
    subject.Config("LogLevel=3");
  });
  const socket = createSocket("udp4");
  onTestFinished(() => void socket.close());
  socket.send("no DTLS at all", port, "127.0.0.1");
  await eventually("the line", () => logged.includes("Debug Dropped from <peer>: unknown peer."));
});

test("level 3 tells of timers that expired", async () => {
  const logged: string[] = [];
  const { port, events } = startServer((subject) => {
    subject.DefaultIdleTimeout = 1;
    subject.OnLog = (e) => logged.push(`${e.ConnectionId} ${e.LogType} ${e.Message}`);
    subject.Config("LogLevel=3");
  });
  await connect(port);
  await events.first("Disconnected");
  expect(logged).toContain("1 Debug Timer expired: idle.");
});

test("level 3 tells of settings that have no effect, from whenever it is on", async () => {
  const logged: string[] = [];
  const { server } = startServer((subject) => {
    subject.OnLog = (e) => logged.push(`${e.ConnectionId} ${e.LogType} ${e.Message}`);
    subject.Config("AbsoluteTimeout=True");
  });
  server.Config("LogLevel=3");
  server.Config("FirewallData=user:password");
  await eventually("the line", () => logged.length > 1);
  expect(logged.slice(1)).toEqual(["0 Debug Config FirewallData: ignored, it has no effect here."]);
});
