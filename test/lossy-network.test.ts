// Handshakes complete although the network loses, doubles, delays or forges datagrams, and then no datagram is
// delivered twice.
import { describe, expect, test } from "vitest";
import { counters } from "../src/index.js";
import { type Direction, LossyProxy, losesEvery, type Passing } from "./network/lossy-proxy.js";
import { begins, ContentType, HandshakeType, record, recordTypes } from "./network/records.js";
import { connect, OpensslClient } from "./peers/openssl-client.js";
import { startEchoServer } from "./peers/server.js";
import { eventually } from "./peers/waiting.js";

const isServerHello = ({ datagram, direction }: Passing): boolean =>
  direction === "toClient" && begins(datagram, HandshakeType.serverHello);

/** A ChangeCipherSpec, with the Finished behind it. */
const isFinish = (direction: Direction) => (passing: Passing) =>
  passing.direction === direction && recordTypes(passing.datagram).includes(ContentType.changeCipherSpec);

describe("a lost datagram is sent again", () => {
  test.each<[string, (passing: Passing) => boolean]>([
    ["the first ClientHello", ({ direction }) => direction === "toServer"],
    ["the HelloVerifyRequest", ({ datagram }) => begins(datagram, HandshakeType.helloVerifyRequest)],
    ["the ServerHello flight", isServerHello],
    ["the client's Finished", isFinish("toServer")],
    ["the final flight", isFinish("toClient")],
  ])("%s", async (_, matches) => {
    const { port, events } = startEchoServer();
    let seen = 0;
    const proxy = await LossyProxy.start(port, (p) => (matches(p) && seen++ === 0 ? "drop" : "pass"));
    const client = await connect(proxy.port);
    await client.echoes("made it\n");
    expect(seen).toBeGreaterThanOrEqual(2);
    expect(proxy.dropped).toHaveLength(1);
    expect(events.of("Connected").map((e) => e.StatusCode)).toEqual([0]);
    expect(events.of("ConnectionRequest")).toHaveLength(1);
  });
});

test("a lost flight of the server's is counted when it is sent again, and the log at level 2 tells of it", async () => {
  const lines: string[] = [];
  const { server, port } = startEchoServer((s) => {
    s.OnLog = (e) => lines.push(`${e.LogType} ${e.Message}`);
    s.Config("LogLevel=2");
  });
  let seen = 0;
  const proxy = await LossyProxy.start(port, (p) => (isServerHello(p) && seen++ === 0 ? "drop" : "pass"));
  await connect(proxy.port);
  expect(counters(server).flightsRetransmitted).toBeGreaterThanOrEqual(1);
  await eventually("the line", () =>
    lines.some((line) => /^Verbose Retransmitted flight: (1 datagram|[1-9]\d* datagrams)\.$/.test(line)),
  );
});

test("a network that loses a fifth of all datagrams only slows handshakes down", async () => {
  const { server, port, events } = startEchoServer();
  const proxy = await LossyProxy.start(port, losesEvery(5));
  const clients = Array.from({ length: 8 }, () => new OpensslClient(proxy.port));
  await Promise.all(clients.map((client) => client.established()));
  await events.count("Connected", 8);
  expect(proxy.dropped.length).toBeGreaterThan(5);

  proxy.rule = () => "pass";
  await Promise.all(clients.map((client, index) => client.echoes(`through at last, ${index}\n`)));
  expect(events.of("Connected").every((e) => e.StatusCode === 0)).toBe(true);
  expect(server.ConnectionCount).toBe(8);
});

test("datagrams that come twice make one handshake, and each message is delivered once", async () => {
  const { server, port, events } = startEchoServer();
  const proxy = await LossyProxy.start(port, () => "duplicate");
  const client = await connect(proxy.port);
  for (const text of ["one\n", "two\n", "three\n"]) await client.echoes(text);
  expect(events.of("ConnectionRequest")).toHaveLength(1);
  expect(events.of("Connected").map((e) => e.StatusCode)).toEqual([0]);
  expect(events.of("DataIn").map((e) => e.Datagram)).toEqual(["one\n", "two\n", "three\n"]);
  await eventually("the doubles to be counted", () => counters(server).dropUnauthenticated >= 3);
  expect(client.received.toString()).toBe("one\ntwo\nthree\n");
});

test("flights whose datagrams overtake each other arrive all the same", async () => {
  const { port, events } = startEchoServer((s) => s.Config("HandshakeMTU=256"));
  // Every other datagram is late by more than the whole flight takes.
  const proxy = await LossyProxy.start(port, ({ index }) => (index % 2 === 0 ? 30 : "pass"));
  const client = await connect(proxy.port);
  await client.echoes("sorted out\n");
  expect(events.of("Connected").map((e) => e.StatusCode)).toEqual([0]);
});

test("forged clear text from the client's address ends neither a handshake nor a connection", async () => {
  const { server, port, events } = startEchoServer();
  const proxy = await LossyProxy.start(port);
  const forge = (client: number, sequence: number) => {
    const fatal = Buffer.from([2, 40]);
    for (const datagram of [
      record({ type: ContentType.applicationData, sequence }, Buffer.from("forged")),
      record({ type: ContentType.heartbeat, sequence: sequence + 1 }, Buffer.from([1, 0, 0])),
      record({ type: ContentType.changeCipherSpec, sequence: sequence + 2 }, Buffer.from([1])),
      record({ type: ContentType.alert, sequence: sequence + 3 }, fatal),
      record({ type: ContentType.handshake, sequence: sequence + 4 }, Buffer.alloc(40, 99)),
      record({ type: ContentType.applicationData, epoch: 1, sequence: 77 }, Buffer.alloc(60, 7)),
      record({ type: ContentType.alert, epoch: 1, sequence: 78 }, Buffer.alloc(30, 7)),
      Buffer.from("not a record at all"),
    ]) {
      proxy.inject(client, datagram);
    }
  };
  // In the middle of the handshake: behind the ServerHello flight, which they overtake.
  proxy.rule = ({ direction, datagram, client }) => {
    if (direction !== "toClient" || !begins(datagram, HandshakeType.serverHello)) return "pass";
    forge(client, 100);
    return 20;
  };
  const client = await connect(proxy.port);
  proxy.rule = () => "pass";
  await client.echoes("shaken hands\n");
  forge(0, 200);
  await client.echoes("still here\n");
  await eventually("the forgeries to be counted", () => counters(server).dropUnauthenticated >= 2);
  expect(events.of("Connected").map((e) => e.StatusCode)).toEqual([0]);
  expect(events.of("DataIn").map((e) => e.Datagram)).toEqual(["shaken hands\n", "still here\n"]);
  expect(events.of("Disconnected")).toEqual([]);
});

test("a client that falls silent in its handshake ends it at the deadline: 10060", async () => {
  const { server, port, events } = startEchoServer((s) => s.Config("HandshakeTimeout=1"));
  const proxy = await LossyProxy.start(port, (p) => (isServerHello(p) ? "drop" : "pass"));
  const client = new OpensslClient(proxy.port);
  await events.first("ConnectionRequest");
  await client.kill();
  const connected = await events.first("Connected");
  expect(connected.StatusCode).toBe(10060);
  expect(server.ConnectionCount).toBe(0);
  expect(counters(server).handshakesTimedOut).toBe(1);
});
