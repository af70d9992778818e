// Each record that is sent or received is told of: its header in the log at Debug, and with LogSSLPackets what is on
// the wire, in SSLStatus too.
import { expect, test } from "vitest";
import type { DTLSServer } from "../src/index.js";
import { connect } from "./peers/openssl-client.js";
import { startEchoServer } from "./peers/server.js";
import { eventually } from "./peers/waiting.js";

const format =
  /^SSL packet (sent|received): (\w+), epoch ([01]), seq (\d+), (\d+) bytes: ((?:[0-9a-f]{2}){0,64})$/;

/** "sent handshake 0" for each line. */
function summary(lines: string[]): string[] {
  return lines.map((line) => {
    const [, direction, type, epoch] = format.exec(line) ?? [];
    return `${direction} ${type} ${epoch}`;
  });
}

function startTelling(prepare: (server: DTLSServer) => void = () => {}) {
  const told: string[] = [];
  const logged: string[] = [];
  const started = startEchoServer((server) => {
    server.OnSSLStatus = (e) => {
      if (e.Message.startsWith("SSL packet")) told.push(e.Message);
    };
    server.OnLog = (e) => {
      if (e.Message.startsWith("SSL packet")) logged.push(`${e.LogType} ${e.LogLevel} ${e.Message}`);
    };
    prepare(server);
  });
  return { ...started, told, logged };
}

test("SSLStatus tells of each record in order, and the log at Debug", async () => {
  const { server, port, events, told, logged } = startTelling((subject) => {
    subject.Config("LogSSLPackets=True");
    subject.Config("LogLevel=3");
    subject.Config("HandshakeMTU=1400");
  });
  const client = await connect(port, { args: ["-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"] });
  await client.echoes("hello\n");
  await client.close();
  await events.first("Disconnected");
  expect(summary(told)).toEqual([
    "received handshake 0",
    ...Array<string>(4).fill("sent handshake 0"),
    "received handshake 0",
    "received change_cipher_spec 0",
    "received handshake 1",
    "sent change_cipher_spec 0",
    "sent handshake 1",
    "received application_data 1",
    "sent application_data 1",
    "received alert 1",
    "sent alert 1",
  ]);
  const data = told.filter((line) => line.includes("application_data"));
  // 6 bytes of text, the explicit nonce and the tag; not what they protect.
  for (const line of data) expect(line).toMatch(/, 30 bytes: [0-9a-f]{60}$/);
  expect(told.join("\n")).not.toContain(Buffer.from("hello").toString("hex"));
  expect(told.find((line) => /, \d{3,} bytes/.test(line))).toMatch(/: [0-9a-f]{128}$/);
  expect(logged).toEqual(told.map((line) => `Debug 3 ${line}`));
  expect(server.Config("LogSSLPackets")).toBe("True");
});

test("without LogSSLPackets, the log at Debug has the headers alone, and SSLStatus nothing of them", async () => {
  const { server, port, events, told, logged } = startTelling((subject) => {
    subject.Config("LogLevel=3");
    subject.Config("HandshakeMTU=1400");
  });
  const client = await connect(port, { args: ["-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"] });
  await client.echoes("hello\n");
  await client.close();
  await events.first("Disconnected");
  expect(logged).toHaveLength(14);
  for (const line of logged) expect(line).toMatch(/^Debug 3 SSL packet .*, epoch [01], seq \d+, \d+ bytes$/);
  expect(logged.filter((line) => line.includes("application_data"))).toEqual([
    "Debug 3 SSL packet received: application_data, epoch 1, seq 1, 30 bytes",
    "Debug 3 SSL packet sent: application_data, epoch 1, seq 1, 30 bytes",
  ]);
  expect(told).toEqual([]);

  server.Config("LogLevel=2");
  const atDebug = logged.length;
  await (await connect(port)).echoes("hello\n");
  expect(logged).toHaveLength(atDebug);
});

test("LogSSLPackets is off unless it is asked for, and goes on and off at once", async () => {
  const { server, port, told, logged } = startTelling();
  const client = await connect(port);
  await client.echoes("one\n");
  expect(told).toEqual([]);
  server.Config("LogSSLPackets=True");
  await client.echoes("two\n");
  expect(summary(told)).toEqual(["received application_data 1", "sent application_data 1"]);
  server.Config("LogSSLPackets=False");
  await client.echoes("three\n");
  expect(told).toHaveLength(2);
  expect(logged).toEqual([]);
});

test("what is sent outside of an answer is told of too", async () => {
  const { server, port, told } = startTelling((subject) => subject.Config("LogSSLPackets=True"));
  const client = await connect(port);
  told.length = 0;
  server.SendText(1, "news\n");
  await client.receives("news\n");
  server.Disconnect(1);
  await eventually("the alert to be told of", () => told.length === 2);
  expect(summary(told)).toEqual(["sent application_data 1", "sent alert 1"]);
});

test("strangers cannot fill the log with it: a hundred lines a second, and a count of the rest", async () => {
  const lines: string[] = [];
  const { server, port } = startEchoServer((subject) => {
    subject.Config("LogSSLPackets=True");
    subject.Config("LogLevel=3");
    subject.OnLog = (e) => lines.push(e.Message);
  });
  const client = await connect(port);
  await client.echoes("hello\n");
  for (let sent = 0; sent < 500; sent++) server.SendText(1, "x");
  await eventually("the count of what was left out", () =>
    lines.some((line) => /^Left out \d+ lines about packets: too many in a second\.$/.test(line)),
  );
  expect(lines.filter((line) => line.startsWith("SSL packet")).length).toBeLessThan(300);
});
