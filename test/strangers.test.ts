// What anybody on the network may send gets no event, keeps no state and disturbs nobody; it is counted by
// reason.
import type { Socket } from "node:dgram";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { type CounterName, counters, type LogEvent } from "../src/index.js";
import { randomNumbers } from "./network/random.js";
import { begins, ContentType, clientHello, cookieOf, HandshakeType, record } from "./network/records.js";
import { connect } from "./peers/openssl-client.js";
import { startEchoServer, startServer } from "./peers/server.js";
import { stranger } from "./peers/stranger.js";
import { eventually } from "./peers/waiting.js";

async function answerTo(socket: Socket, datagram: Uint8Array): Promise<Buffer> {
  const answer = once(socket, "message");
  socket.send(datagram);
  return (await answer)[0];
}

const handshakeOf = (messageType: number): Buffer =>
  record({ type: ContentType.handshake }, Buffer.from([messageType, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]));

describe("a stranger's datagram is dropped and counted", () => {
  test.each<[string, Uint8Array, CounterName]>([
    ["nothing at all", Buffer.alloc(0), "dropEmpty"],
    ["longer than MaxPacketSize", Buffer.alloc(4000, 0x16), "dropOversized"],
    ["one byte", Buffer.from([22]), "dropMalformedHello"],
    ["text", Buffer.from("GET / HTTP/1.1\r\n\r\n"), "dropUnknownPeer"],
    [
      "application data",
      record({ type: ContentType.applicationData, epoch: 1 }, Buffer.alloc(40)),
      "dropUnknownPeer",
    ],
    ["an alert", record({ type: ContentType.alert }, Buffer.from([2, 40])), "dropUnknownPeer"],
    ["a hello of TLS over TCP", clientHello({ recordVersion: 0x0303 }), "dropMalformedHello"],
    ["a hello of DTLS 9.9", clientHello({ recordVersion: 0xf6f6 }), "dropMalformedHello"],
    ["a ServerHello", handshakeOf(HandshakeType.serverHello), "dropUnknownPeer"],
    ["a hello cut short", clientHello().subarray(0, 40), "dropMalformedHello"],
    ["a later fragment of a hello", clientHello({ fragmentOffset: 10 }), "dropHelloFragment"],
  ])("%s", async (_, datagram, reason) => {
    const { server, port, events } = startServer((s) => s.Config("MaxPacketSize=2000"));
    const socket = await stranger(port);
    const answers: Buffer[] = [];
    socket.on("message", (answer) => answers.push(answer));
    socket.send(datagram);
    await eventually(`${reason} to be counted`, () => counters(server)[reason] === 1);
    expect(dropped()).toEqual([`${reason} 1`]);
    // An answer to what came later has overtaken none to this.
    expect(begins(await answerTo(socket, clientHello()), HandshakeType.helloVerifyRequest)).toBe(true);
    expect(answers).toHaveLength(1);
    expect(events.all).toEqual([]);

    function dropped(): string[] {
      const counted = Object.entries(counters(server));
      return counted
        .filter(([name, n]) => name.startsWith("drop") && n > 0)
        .map(([name, n]) => `${name} ${n}`);
    }
  });
});

describe("a hello without a valid cookie", () => {
  test("is answered by a HelloVerifyRequest no longer than itself, and by nothing else", async () => {
    const { server, port, events } = startServer();
    const socket = await stranger(port);
    const hello = clientHello();
    const answer = await answerTo(socket, hello);
    expect(begins(answer, HandshakeType.helloVerifyRequest)).toBe(true);
    expect(answer.length).toBeLessThanOrEqual(hello.length);
    expect(cookieOf(answer).length).toBeGreaterThanOrEqual(16);
    expect(counters(server).helloVerifyRequests).toBe(1);
    expect(counters(server).handshakesStarted).toBe(0);
    expect(events.all).toEqual([]);
  });

  test("a cookie is worth nothing from another address, nor when it is changed", async () => {
    const { server, port, events } = startServer();
    const [one, other] = [await stranger(port), await stranger(port)];
    const cookie = cookieOf(await answerTo(one, clientHello()));
    const withCookie = clientHello({ cookie, messageSequence: 1 });
    expect(begins(await answerTo(other, withCookie), HandshakeType.helloVerifyRequest)).toBe(true);
    const changed = Buffer.from(cookie);
    changed.writeUInt8(changed.readUInt8(5) ^ 1, 5);
    const withChanged = clientHello({ cookie: changed, messageSequence: 1 });
    expect(begins(await answerTo(one, withChanged), HandshakeType.helloVerifyRequest)).toBe(true);
    expect(counters(server).dropBadCookie).toBe(2);
    expect(events.all).toEqual([]);

    // And from its own address it opens the door.
    one.send(withCookie);
    await events.first("ConnectionRequest");
    expect(counters(server).handshakesStarted).toBe(1);
  });

  test("a thousand of them start no handshake", async () => {
    const { server, port, events } = startServer();
    const socket = await stranger(port);
    const answers: Buffer[] = [];
    socket.on("message", (answer) => answers.push(answer));
    for (let count = 0; count < 1000; count += 50) {
      for (let index = 0; index < 50; index++) socket.send(clientHello());
      await eventually("the answers", () => counters(server).helloVerifyRequests >= count + 50);
    }
    expect(counters(server).handshakesStarted).toBe(0);
    expect(events.all).toEqual([]);
  });
});

test("a flood of garbage does not disturb a connection that echoes", async () => {
  const { server, port, events } = startEchoServer();
  const client = await connect(port);
  const socket = await stranger(port);
  const random = randomNumbers(7);
  const sent = 40 * 100;
  for (let round = 0; round < 40; round++) {
    for (let count = 0; count < 100; count++) {
      const garbage = Buffer.from(Array.from({ length: 1 + random() * 120 }, () => random() * 256));
      // Half of it looks like records at first sight.
      if (count % 2 === 0) record({ type: 20 + (count % 5) }, garbage).copy(garbage);
      socket.send(garbage);
    }
    await client.echoes(`message ${round}\n`);
  }
  await eventually("the garbage to be counted", () => {
    const { dropUnknownPeer, dropMalformedHello, dropHelloFragment } = counters(server);
    return dropUnknownPeer + dropMalformedHello + dropHelloFragment === sent;
  });
  expect(events.names()).toEqual(["ConnectionRequest", "Connected"]);
  expect(events.of("DataIn")).toHaveLength(40);
  expect(server.ConnectionCount).toBe(1);
});

test("while nobody listens, a hello gets no answer at all", async () => {
  const { server, port } = startEchoServer();
  const client = await connect(port);
  server.StopListening();
  const socket = await stranger(port);
  const answers: Buffer[] = [];
  socket.on("message", (answer) => answers.push(answer));
  socket.send(clientHello());
  await eventually("the hello to be counted", () => counters(server).dropNotAccepting === 1);
  await client.echoes("as before\n");
  expect(answers).toEqual([]);
});

test("at MaxConnections a hello is dropped silently, with one line in the log, until there is room", async () => {
  const lines: string[] = [];
  const { server, port, events } = startEchoServer((s) => {
    s.Config("MaxConnections=1");
    s.OnLog = (e) => lines.push(e.Message);
  });
  const first = await connect(port);
  const second = connect(port);
  await eventually("the limit to be counted", () => counters(server).dropMaxConnections >= 1);
  expect(events.of("ConnectionRequest")).toHaveLength(1);
  await eventually("the log", () =>
    lines.some((line) => line.startsWith("Maximum number of connections reached.")),
  );
  await first.close();
  await (await second).echoes("at last\n");
});

describe("a burst of attempts, each from a port of its own", () => {
  /** Twice the bound of any level would come of these in one second, if nothing were left out. */
  const attempts = 40;

  async function knock(port: number): Promise<void> {
    const sockets = await Promise.all(Array.from({ length: attempts }, () => stranger(port)));
    await Promise.all(
      sockets.map(async (socket) => {
        const cookie = cookieOf(await answerTo(socket, clientHello()));
        socket.send(clientHello({ cookie, messageSequence: 1 }));
      }),
    );
  }

  /** Lines that were logged, and those that a line says were left out, of one level. */
  function tally(lines: LogEvent[], level: number) {
    const ofLevel = lines.filter((e) => e.LogLevel === level);
    const summaries = ofLevel.flatMap((e) => /^Left out (\d+) lines? about handshakes/.exec(e.Message) ?? []);
    const leftOut = summaries.filter((_, index) => index % 2 === 1).reduce((sum, n) => sum + Number(n), 0);
    const told = ofLevel.filter((e) => e.ConnectionId !== 0).length;
    return { told, leftOut };
  }

  test.each([1, 2, 3])("fires all its events, and a bounded number of lines at level %i", async (level) => {
    const lines: LogEvent[] = [];
    const { server, port, events } = startServer((s) => {
      s.Config(`LogLevel=${level}`);
      s.Config("MaxHandshakesPerHost=1000");
      s.OnLog = (e) => lines.push(e);
    });
    const began = performance.now();
    await knock(port);
    await events.count("ConnectionRequest", attempts);
    const failed = await events.count("Connected", attempts);
    expect(failed.map((e) => e.StatusCode)).not.toContain(0);
    await server.Shutdown();

    // A second may have begun before, and another at the end.
    const seconds = Math.ceil((performance.now() - began) / 1000) + 1;
    const one = tally(lines, 1);
    expect(one.told).toBeLessThanOrEqual(10 * seconds);
    expect(one.told + one.leftOut).toBe(2 * attempts); // requested, failed
    if (level === 1) return;
    const two = tally(lines, 2);
    expect(two.told).toBeLessThanOrEqual(20 * seconds);
    expect(two.told + two.leftOut).toBeGreaterThanOrEqual(3 * attempts); // started, hello, failed
  });
});
