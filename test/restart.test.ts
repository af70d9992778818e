// A client that lost its state comes back from the same address and port (RFC 6347 4.2.8): it gets a new
// connection, and the old one ends only when the new handshake has completed.
import { expect, test } from "vitest";
import { counters } from "../src/index.js";
import { connect, OpensslClient } from "./peers/openssl-client.js";
import { startEchoServer } from "./peers/server.js";

test("a client killed without close_notify reconnects from the same port", async () => {
  const { server, port, events } = startEchoServer();
  const first = await connect(port);
  await first.echoes("before\n");
  const old = await events.first("Connected");
  await first.kill();
  expect(server.ConnectionCount).toBe(1);

  const second = await connect(port, { args: ["-bind", `127.0.0.1:${old.SourcePort}`] });
  await second.echoes("after\n");

  const ended = await events.first("Disconnected");
  expect(ended.ConnectionId).toBe(old.ConnectionId);
  expect(ended.StatusCode).toBe(10054);
  expect(ended.Description).toContain("replaced by a new handshake from the same address");
  const [, renewed] = await events.count("Connected", 2);
  expect(renewed?.StatusCode).toBe(0);
  expect(renewed?.SourcePort).toBe(old.SourcePort);
  expect(renewed?.ConnectionId).toBeGreaterThan(old.ConnectionId);
  expect(events.names()).toEqual([
    "ConnectionRequest",
    "Connected",
    "ConnectionRequest",
    "Disconnected",
    "Connected",
  ]);
  expect([...server.Connections.keys()]).toEqual([renewed?.ConnectionId]);
  expect(counters(server).restarts).toBe(1);
});

test("a refused restart leaves the old connection alone", async () => {
  const { server, port, events } = startEchoServer((s) => {
    s.on("ConnectionRequest", (e) => {
      e.Accept = s.ConnectionCount === 0;
    });
  });
  const first = await connect(port);
  const old = await events.first("Connected");
  await first.kill();
  const second = new OpensslClient(port, { args: ["-bind", `127.0.0.1:${old.SourcePort}`] });
  await second.says("alert access denied");
  await second.exited;
  expect([...server.Connections.keys()]).toEqual([old.ConnectionId]);
  expect(events.of("Disconnected")).toEqual([]);
});

test("five lives of one client, one after the other", async () => {
  const { server, port, events } = startEchoServer();
  let client = await connect(port);
  const { SourcePort } = await events.first("Connected");
  for (let life = 2; life <= 5; life++) {
    await client.kill();
    client = await connect(port, { args: ["-bind", `127.0.0.1:${SourcePort}`] });
    await client.echoes(`life ${life}\n`);
  }
  const ends = await events.count("Disconnected", 4);
  expect(ends.map((e) => e.StatusCode)).toEqual([10054, 10054, 10054, 10054]);
  expect(server.ConnectionCount).toBe(1);
});
