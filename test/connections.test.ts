import { expect, test } from "vitest";
import { connect } from "./peers/openssl-client.js";
import { startServer } from "./peers/server.js";

const unknown = expect.objectContaining({ code: 126 });

test("the collection and the arrays show the open connections, and nothing of those that ended", async () => {
  const { server, port, events } = startServer();
  const clients = [await connect(port), await connect(port)];
  const [one, two] = await events.count("Connected", 2);
  const expected = [one, two].map((e) => ({
    ConnectionId: e?.ConnectionId,
    LocalHost: "127.0.0.1",
    LocalPort: port,
    RemoteHost: "127.0.0.1",
    RemotePort: e?.SourcePort,
  }));
  expect(server.ConnectionCount).toBe(2);
  expect(server.Connections.size).toBe(2);
  expect([...server.Connections.keys()]).toEqual([1, 2]);
  expect([...server.Connections.values()].map((connection) => ({ ...connection }))).toEqual(expected);
  expect([...server.Connections].map(([id]) => id)).toEqual([1, 2]);
  const seen: unknown[] = [];
  server.Connections.forEach((connection, id, all) => void seen.push([connection.RemotePort, id, all]));
  expect(seen).toEqual(expected.map((c) => [c.RemotePort, c.ConnectionId, server.Connections]));
  for (const connection of expected) {
    const id = Number(connection.ConnectionId);
    expect(server.ConnectionConnectionId[id]).toBe(id);
    expect(server.ConnectionLocalHost[id]).toBe(connection.LocalHost);
    expect(server.ConnectionLocalPort[id]).toBe(connection.LocalPort);
    expect(server.ConnectionRemoteHost[id]).toBe(connection.RemoteHost);
    expect(server.ConnectionRemotePort[id]).toBe(connection.RemotePort);
  }
  expect(Object.entries(server.ConnectionRemotePort)).toEqual([
    ["1", one?.SourcePort],
    ["2", two?.SourcePort],
  ]);

  await clients[0]?.close();
  await events.first("Disconnected");
  expect(server.Connections.has(1)).toBe(false);
  expect(server.Connections.get(1)).toBeUndefined();
  expect(() => server.ConnectionRemoteHost[1]).toThrow(unknown);
  expect(() => server.SendText(1, "x")).toThrow(unknown);
  expect([...server.Connections.keys()]).toEqual([2]);
});

test("in Disconnected the connection is gone already", async () => {
  const found: unknown[] = [];
  const { port, events } = startServer((server) => {
    server.OnDisconnected = (e) => found.push(server.Connections.get(e.ConnectionId), server.ConnectionCount);
  });
  await (await connect(port)).close();
  await events.first("Disconnected");
  expect(found).toEqual([undefined, 0]);
});

test("on a wildcard address the local address is the one that the peer reached", async () => {
  const { server, port, events } = startServer((subject) => {
    subject.LocalHost = "";
  });
  expect(server.LocalHost).toBe("0.0.0.0");
  await connect(port);
  const { ConnectionId: id } = await events.first("Connected");
  expect(server.ConnectionLocalPort[id]).toBe(port);
  expect(server.ConnectionLocalHost[id]).toBe("127.0.0.1");
});

test("connections may be ended while they are walked over", async () => {
  const { server, port, events } = startServer();
  await Promise.all([connect(port), connect(port), connect(port)]);
  await events.count("Connected", 3);
  const met: number[] = [];
  for (const connection of server.Connections.values()) {
    met.push(connection.ConnectionId);
    for (const id of server.Connections.keys()) {
      if (id !== 1) server.Disconnect(id);
    }
  }
  expect(met).toEqual([1]);
  const kept = server.Connections.get(1);
  server.Disconnect(1);
  expect(() => kept?.LocalHost).toThrow(unknown);
  expect(kept?.RemoteHost).toBe("127.0.0.1");
});
