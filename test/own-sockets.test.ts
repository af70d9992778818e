// UseConnection: each connection has a socket of its own, connected to its client.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { describe, expect, onTestFinished, test } from "vitest";
import { counters, type DTLSServer } from "../src/index.js";
import { udpSockets } from "./network/udp-sockets.js";
import { connect } from "./peers/openssl-client.js";
import { runProgram } from "./peers/program.js";
import { makeServer, startEchoServer } from "./peers/server.js";
import { eventually } from "./peers/waiting.js";

const ownSockets = (server: DTLSServer): void => {
  server.Config("UseConnection=True");
};

/** The ports of the clients that have a socket of their own; the one that listens comes first, as 0. */
function remotePorts(port: number): number[] {
  return udpSockets(port)
    .map(({ remotePort }) => remotePort)
    .sort((a, b) => a - b);
}

const sorted = (ports: number[]): number[] => ports.sort((a, b) => a - b);

test.each([
  ["on one address", "127.0.0.1"],
  ["on all addresses", ""],
])("a connection's socket comes and goes with it, however it ends: %s", async (_, host) => {
  const { server, port, events } = startEchoServer((s) => {
    ownSockets(s);
    s.LocalHost = host;
  });
  expect(remotePorts(port)).toEqual([0]);
  const clients = await Promise.all(Array.from({ length: 5 }, () => connect(port)));
  const connected = await events.count("Connected", 5);
  const source = (id: number): number => connected.find((e) => e.ConnectionId === id)?.SourcePort ?? 0;
  expect(remotePorts(port)).toEqual(sorted([0, ...connected.map((e) => e.SourcePort)]));
  await Promise.all(clients.map((client, index) => client.echoes(`I am ${index}\n`)));

  await clients[0]?.close();
  await events.count("Disconnected", 1);
  const left = new Set(server.Connections.keys());
  expect(remotePorts(port)).toEqual(sorted([0, ...[...left].map(source)]));

  const [disconnected = 0] = left;
  server.Disconnect(disconnected);
  left.delete(disconnected);
  await events.count("Disconnected", 2);
  expect(remotePorts(port)).toEqual(sorted([0, ...[...left].map(source)]));

  await (await connect(port)).echoes("one more\n");
  expect(remotePorts(port)).toHaveLength(1 + left.size + 1);
  await server.Shutdown();
  expect(remotePorts(port)).toEqual([]);
});

test("a client that begins anew from its port has one socket, and is heard", async () => {
  const { port, events } = startEchoServer(ownSockets);
  let client = await connect(port);
  const { SourcePort } = await events.first("Connected");
  for (let life = 2; life <= 4; life++) {
    await client.kill();
    client = await connect(port, { args: ["-bind", `127.0.0.1:${SourcePort}`] });
    await client.echoes(`life ${life}\n`);
    await events.count("Disconnected", life - 1);
    expect(remotePorts(port)).toEqual([0, SourcePort]);
  }
});

test("12 clients at once, and what each of them hears is its own", async () => {
  const { port, events } = startEchoServer(ownSockets);
  const clients = await Promise.all(Array.from({ length: 12 }, () => connect(port)));
  await Promise.all(clients.map((client, index) => client.echoes(`number ${index}\n`)));
  for (const [index, client] of clients.entries())
    expect(client.received.toString()).toBe(`number ${index}\n`);
  expect(remotePorts(port)).toHaveLength(13);
  expect(events.of("Error")).toEqual([]);
});

test("where the process may open no more files the common socket serves, and an Error event tells", async () => {
  const program = runProgram("settings-server.mjs", [], {
    settings: ["UseConnection=True"],
    under: ["sh", "-c", 'ulimit -n 100 && exec "$@"', "sh"],
  });
  const port = Number(await program.prints("port"));
  const first = await connect(port);
  await first.echoes("first\n");
  program.tell("exhaust");
  expect(await program.prints("exhausted")).toBe("EMFILE");
  const second = await connect(port);
  await second.echoes("second\n");
  expect(await program.prints("error")).toBe(
    "2 [10024] Too many open files: UseConnection has no socket for this connection, the common one serves it (EMFILE).",
  );
  expect(remotePorts(port)).toHaveLength(2);
  await first.echoes("still first\n");

  program.tell("release");
  await program.prints("released");
  const third = await connect(port);
  await third.echoes("third\n");
  await second.echoes("still second\n");
  expect(remotePorts(port)).toHaveLength(3);
  await second.close();
  await eventually("the second one's end", () => program.stdout.includes("disconnected 2\n"));
  program.tell("leave");
  expect(await program.exited).toEqual({ code: 0, stderr: "" });
});

test("it has the buffer sizes that are set when it comes, and what it drops is counted", async () => {
  const { server, port } = startEchoServer(ownSockets);
  server.Config("InBufferSize=4096");
  const source = createSocket({ type: "udp4", reuseAddr: true });
  onTestFinished(() => void source.close());
  source.bind(0, "127.0.0.1");
  await once(source, "listening");
  const { port: sourcePort } = source.address();
  await connect(port, { args: ["-bind", `127.0.0.1:${sourcePort}`] });
  source.connect(port, "127.0.0.1");
  await once(source, "connect");
  // From the client's address, so to its socket: this thread reads nothing meanwhile.
  for (let count = 0; count < 50; count++) source.send(Buffer.alloc(1000));
  const drops = udpSockets(port).find(({ remotePort }) => remotePort === sourcePort)?.drops ?? 0;
  expect(drops).toBeGreaterThan(0);
  // The system tells with the next one that it takes.
  const before = counters(server);
  expect(before.kernelDrops).toBe(0);
  await eventually(
    "the burst to be read",
    () => counters(server).datagramsReceived > before.datagramsReceived,
  );
  source.send("one more");
  await eventually("the drops to be told", () => counters(server).kernelDrops > 0);
  expect(counters(server).kernelDrops).toBe(drops);
});

describe("the port", () => {
  test("is not shared with another server: 10048", () => {
    const { port } = startEchoServer(ownSockets);
    const { server } = makeServer();
    server.LocalPort = port;
    for (const setting of ["UseConnection=True", "UseConnection=False"]) {
      server.Config(setting);
      expect(() => server.StartListening()).toThrow(expect.objectContaining({ code: 10048 }));
    }
  });

  test("shared by ShareLocalPort leaves no room for UseConnection: 402, before anything is bound", () => {
    const { server } = makeServer();
    ownSockets(server);
    server.Config("ShareLocalPort=True");
    expect(() => server.StartListening()).toThrow(
      expect.objectContaining({ code: 402, message: expect.stringContaining("ShareLocalPort=False") }),
    );
    expect(server.Listening).toBe(false);
    server.Config("ShareLocalPort=False");
    server.StartListening();
    expect(() => server.Config("UseConnection=False")).toThrow(expect.objectContaining({ code: 117 }));
  });
});
