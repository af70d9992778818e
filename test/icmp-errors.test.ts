// What the network says of datagrams that have left (ICMP): a hint, which anybody can forge. It is an Error event of
// its connection and ends nothing; what is about strangers is counted, and disturbs nobody.
import { spawn } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { performance } from "node:perf_hooks";
import { describe, expect, onTestFinished, test } from "vitest";
import { counters, type DTLSServer } from "../src/index.js";
import { clientHello } from "./network/records.js";
import { describePeer, peerPath } from "./peers/describe-peer.js";
import { requireIPv6 } from "./peers/ipv6.js";
import { connect } from "./peers/openssl-client.js";
import { startEchoServer } from "./peers/server.js";
import { eventually } from "./peers/waiting.js";

interface Kind {
  host: string;
  prepare(server: DTLSServer): void;
}

const kinds: [string, Kind][] = [
  ["bound to an IPv4 address", { host: "127.0.0.1", prepare: () => {} }],
  [
    "bound to all IPv4 addresses",
    {
      host: "127.0.0.1",
      prepare: (server) => {
        server.LocalHost = "";
      },
    },
  ],
  [
    "bound to an IPv6 address",
    {
      host: "::1",
      prepare: (server) => {
        server.Config("UseIPv6=True");
        server.LocalHost = "::1";
      },
    },
  ],
  ...["127.0.0.1", "::1"].map((host): [string, Kind] => [
    `bound to all addresses, ${host}`,
    {
      host,
      prepare: (server) => {
        server.Config("UseIPv6=True");
        server.LocalHost = "";
      },
    },
  ]),
  [
    "with a socket of its own",
    { host: "127.0.0.1", prepare: (server) => void server.Config("UseConnection=True") },
  ],
];

test.each(kinds)(
  "a client that has gone without a word is an Error event of its connection, and ends nothing: %s",
  async (_, kind) => {
    if (kind.host === "::1") await requireIPv6();
    const { server, port, events } = startEchoServer(kind.prepare);
    const gone = await connect(port, { host: kind.host });
    const { ConnectionId: id } = await events.first("Connected");
    const other = await connect(port, { host: kind.host });
    await gone.kill();
    // Nobody listens at its port any more, and its machine says so. That is told in place of sending, and keeps none
    // of what is sent from leaving.
    const before = counters(server).datagramsSent;
    // More than leave by one system call: what comes of the first ones waits when the next ones are to leave.
    for (let count = 0; count < 200; count++) server.SendText(id, "are you there?\n");
    await eventually("all of them to leave", () => counters(server).datagramsSent === before + 200);
    for (let count = 0; count < 20; count++) {
      server.SendText(id, "are you there?\n");
      await other.echoes(`${count}\n`);
    }
    const errors = await events.count("Error", 1);
    for (const error of errors)
      expect(error).toMatchObject({
        ConnectionId: id,
        ErrorCode: 10061,
        Description:
          "[10061] Connection refused: the client's machine, or a router on the way, says so by ICMP (ECONNREFUSED); anybody can forge that.",
      });
    expect(counters(server).icmpErrors).toBeGreaterThan(1);
    expect(counters(server).sendsFailed).toBe(0);
    expect(events.of("Disconnected")).toEqual([]);
    expect(server.ConnectionCount).toBe(2);
  },
);

test("a client that comes back to its port is heard", async () => {
  const { server, port, events } = startEchoServer();
  const gone = await connect(port);
  const { SourcePort } = await events.first("Connected");
  await gone.kill();
  server.SendText(1, "are you there?\n");
  await events.first("Error");
  const again = await connect(port, { args: ["-bind", `127.0.0.1:${SourcePort}`] });
  await again.echoes("here I am\n");
});

test("libuv's handle tells of none", async () => {
  const { server, port, events } = startEchoServer((s) => s.Config("SocketPath=uv"));
  const gone = await connect(port);
  await events.first("Connected");
  const other = await connect(port);
  await gone.kill();
  server.SendText(1, "are you there?\n");
  for (let count = 0; count < 5; count++) await other.echoes(`${count}\n`);
  expect(events.of("Error")).toEqual([]);
  expect(counters(server)).toMatchObject({ icmpErrors: 0, sendsFailed: 0 });
});

describe("hellos from ports where nobody listens", () => {
  /** So many strangers send a hello and are gone before it is read: the answers come back. */
  async function flood(port: number, strangers: number): Promise<void> {
    const sockets: Socket[] = [];
    for (let count = 0; count < strangers; count++) {
      const socket = createSocket("udp4");
      socket.connect(port, "127.0.0.1");
      await once(socket, "connect");
      sockets.push(socket);
    }
    for (const socket of sockets) {
      socket.send(clientHello());
      socket.close();
    }
  }

  test("are a counter's, and the others go on undisturbed", async () => {
    const { server, port, events } = startEchoServer();
    const client = await connect(port);
    for (let round = 0; round < 5; round++) {
      const { icmpErrors, helloVerifyRequests } = counters(server);
      await flood(port, 100);
      // Of a connection, in the midst of what the network says of the others.
      for (let count = 0; count < 10; count++) server.SendText(1, `${round} ${count}\n`);
      await client.receives(`${round} 9\n`);
      await client.echoes(`round ${round}\n`);
      await eventually(
        "all to be answered",
        () => counters(server).helloVerifyRequests === helloVerifyRequests + 100,
      );
      // Machines limit how many such errors they send.
      await eventually("errors to come", () => counters(server).icmpErrors > icmpErrors);
    }
    expect(events.of("Error")).toEqual([]);
    expect(counters(server).sendsFailed).toBe(0);
    expect(server.ConnectionCount).toBe(1);
  });

  test("leave the event loop idle when they are over", async () => {
    const { server, port, events } = startEchoServer((s) => {
      s.DefaultIdleTimeout = 1;
    });
    const client = await connect(port);
    onTestFinished(() => void client.kill());
    await client.echoes("hello\n");
    const { helloVerifyRequests } = counters(server);
    await flood(port, 100);
    await eventually(
      "all to be answered",
      () => counters(server).helloVerifyRequests === helloVerifyRequests + 100,
    );
    const turns = (): number => performance.nodeTiming.uvMetricsInfo.loopCount;
    const before = turns();
    // A second in which nothing is sent: what waits unread would wake the loop tens of thousands of times.
    await events.first("Disconnected");
    expect(turns() - before).toBeLessThan(1000);
    expect(counters(server).icmpErrors).toBeGreaterThan(0);
  });
});

describePeer("icmpFlood", "lies about a stranger, faster than they are read", () => {
  test("make nothing fail that is sent to a client", async () => {
    const { server, port, events } = startEchoServer();
    const client = await connect(port);
    const liar = spawn(peerPath("icmpFlood"), [String(port)], { stdio: ["pipe", "ignore", "inherit"] });
    onTestFinished(async () => {
      liar.stdin.end();
      await once(liar, "exit");
    });
    await eventually("lies to come", () => counters(server).icmpErrors > 1000);
    for (let round = 0; round < 300; round++) {
      server.SendText(1, `round ${round}\n`);
      await client.receives(`round ${round}\n`);
    }
    expect(events.of("Error")).toEqual([]);
    expect(counters(server).sendsFailed).toBe(0);
  });
});
