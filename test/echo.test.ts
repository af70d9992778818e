// What a client sends arrives byte for byte, datagram by datagram, and what is sent to it likewise.
import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { counters } from "../src/index.js";
import { certificateFile } from "./peers/certificates.js";
import { requireIPv6 } from "./peers/ipv6.js";
import { connect, OpensslClient } from "./peers/openssl-client.js";
import { startEchoServer, startServer } from "./peers/server.js";

test("text comes back, and what was sent is counted", async () => {
  const { server, port, events } = startEchoServer();
  const client = await connect(port);
  const before = counters(server);
  await client.echoes("Grüße, 世界\n");
  const [data] = await events.count("DataIn", 1);
  expect(data?.Datagram).toBe("Grüße, 世界\n");
  expect(data?.ConnectionId).toBe((await events.first("Connected")).ConnectionId);
  const after = counters(server);
  expect(after.datagramsSent - before.datagramsSent).toBe(1);
  // Around the text: record header, explicit nonce and tag of GCM.
  expect(after.bytesSent - before.bytesSent).toBe(Buffer.byteLength("Grüße, 世界\n") + 13 + 8 + 16);
});

test("every byte value comes back", async () => {
  const { port, events } = startEchoServer();
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, value) => value));
  const client = await connect(port);
  client.send(bytes);
  expect(await client.receives(256)).toEqual(bytes);
  expect(events.of("DataIn").map((e) => Buffer.from(e.DatagramB))).toEqual([bytes]);
});

test("a datagram stays one datagram, in order with its neighbours", async () => {
  const { port, events } = startServer();
  const client = await connect(port);
  const sent = [1, 1200, 8192, 3].map((size, index) => Buffer.alloc(size, index + 1));
  for (const [index, bytes] of sent.entries()) {
    client.send(bytes);
    await events.count("DataIn", index + 1);
  }
  expect(events.of("DataIn").map((e) => Buffer.from(e.DatagramB))).toEqual(sent);
});

test("the longest record, 16384 bytes, reaches the client whole", async () => {
  const { server, port, events } = startServer();
  const client = await connect(port);
  const { ConnectionId } = await events.first("Connected");
  const bytes = Buffer.from(Array.from({ length: 16384 }, (_, index) => (index * 7 + (index >> 8)) & 0xff));
  server.SendBytes(ConnectionId, bytes);
  expect(await client.receives(16384)).toEqual(bytes);
});

test("bytes of every kind of buffer can be sent, and the caller may use the buffer again at once", async () => {
  const { server, port, events } = startServer();
  const client = await connect(port);
  const { ConnectionId } = await events.first("Connected");
  const buffer = Buffer.from("--one--");
  server.SendBytes(ConnectionId, buffer.subarray(2, 5));
  buffer.fill(0);
  server.SendBytes(ConnectionId, new TextEncoder().encode("two").buffer);
  server.SendBytes(ConnectionId, new DataView(new TextEncoder().encode("xthreex").buffer, 1, 5));
  server.SendText(ConnectionId, "fünf");
  expect((await client.receives("fünf")).toString()).toBe("onetwothreefünf");
});

describe("certificates", () => {
  test.each(["ecdsa", "rsa"] as const)(
    "a client that verifies our %s certificate accepts it",
    async (name) => {
      const { port } = startEchoServer(() => {}, name);
      const client = await connect(port, { args: ["-verify_return_error", ...trusting(name)] });
      await client.echoes("verified\n");
      await client.says("Verification: OK");
      await client.says(`CN = ${name}.example`);
    },
  );
});

describe("IPv6", () => {
  test("a client connects over ::1", async () => {
    await requireIPv6();
    const { server, port, events } = startEchoServer((s) => {
      s.Config("UseIPv6=True");
      s.LocalHost = "::1";
    });
    const client = await connect(port, { host: "::1" });
    await client.echoes("over IPv6\n");
    const connected = await events.first("Connected");
    expect(connected.SourceAddr).toBe("::1");
    expect(server.LocalHost).toBe("::1");
    expect(server.ConnectionLocalHost[connected.ConnectionId]).toBe("::1");
  });

  test("one socket serves both families, and shows IPv4 addresses in their own form", async () => {
    await requireIPv6();
    const { server, port, events } = startEchoServer((s) => {
      s.Config("UseIPv6=True");
      s.LocalHost = "";
    });
    const four = await connect(port, { host: "127.0.0.1" });
    const six = await connect(port, { host: "::1" });
    await Promise.all([four.echoes("four\n"), six.echoes("six\n")]);
    const connected = await events.count("Connected", 2);
    expect(connected.map((e) => e.SourceAddr)).toEqual(["127.0.0.1", "::1"]);
    const ids = connected.map((e) => e.ConnectionId);
    expect(ids.map((id) => server.ConnectionRemoteHost[id])).toEqual(["127.0.0.1", "::1"]);
    expect(ids.map((id) => server.ConnectionLocalHost[id])).toEqual(["127.0.0.1", "::1"]);
  });
});

test("100 clients at once from one host, each with an answer of its own", async () => {
  const { server, port, events } = startEchoServer((s) => s.Config("MaxHandshakesPerHost=100"));
  const clients: OpensslClient[] = [];
  for (let index = 0; index < 100; index++) {
    clients.push(new OpensslClient(port));
    // A start keeps this thread for milliseconds. Unanswered during all of them, the first clients would lengthen
    // their timers to many seconds.
    await setImmediate();
  }
  await Promise.all(
    clients.map(async (client, index) => {
      await client.established();
      await client.echoes(`I am number ${index}\n`);
    }),
  );
  expect(server.ConnectionCount).toBe(100);
  expect(new Set(server.Connections.keys()).size).toBe(100);
  expect(new Set([...server.Connections.values()].map((connection) => connection.RemotePort)).size).toBe(100);
  for (const [index, client] of clients.entries()) {
    expect(client.received.toString()).toBe(`I am number ${index}\n`);
  }

  const exits = await Promise.all(clients.map((client) => client.close()));
  expect(exits.every(({ code }) => code === 0)).toBe(true);
  const ends = await events.count("Disconnected", 100);
  expect(ends.every((e) => e.StatusCode === 0)).toBe(true);
  expect(server.ConnectionCount).toBe(0);
  expect(counters(server).handshakesCompleted).toBe(100);
});

function trusting(name: string): string[] {
  return ["-CAfile", certificateFile(`${name}.crt`)];
}
