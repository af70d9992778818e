// Whatever serves the socket, libuv's handle or recvmmsg and sendmmsg on a descriptor of ours, what a server
// promises is the same.
import { describe, expect, test } from "vitest";
import { counters, type DTLSServer } from "../src/index.js";
import { randomNumbers } from "./network/random.js";
import { clientHello } from "./network/records.js";
import { udpSockets } from "./network/udp-sockets.js";
import { deliverAsOneBatch } from "./peers/batch.js";
import { describePeer } from "./peers/describe-peer.js";
import { connectGnutls } from "./peers/gnutls-client.js";
import { requireIPv6 } from "./peers/ipv6.js";
import { connect } from "./peers/openssl-client.js";
import { makeServer, startEchoServer, startServer } from "./peers/server.js";
import { stranger } from "./peers/stranger.js";
import { eventually } from "./peers/waiting.js";

const random = randomNumbers(11);

function randomBytes(length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random() * 256));
}

// Of a record under AES-GCM: header, explicit nonce, tag.
const overhead = 13 + 8 + 16;
// Our path keeps the first 2048 bytes of a datagram apart from the rest; s_client makes no records past 8192.
const lengths = [1, 2047 - overhead, 2048 - overhead, 2049 - overhead, 4096, 8192];

describe.each(["uv", "linux"])("SocketPath=%s", (path) => {
  const onPath =
    (more: (server: DTLSServer) => void = () => {}) =>
    (server: DTLSServer): void => {
      server.Config(`SocketPath=${path}`);
      more(server);
    };

  test("clients of both families get their answers, and a wildcard bind tells where they came to", async () => {
    await requireIPv6();
    const { server, port, events } = startEchoServer(
      onPath((s) => {
        s.Config("UseIPv6=True");
        s.LocalHost = "";
      }),
    );
    const hosts = ["127.0.0.1", "::1"];
    for (const host of hosts) await (await connect(port, { host })).echoes(`to ${host}\n`);
    const ids = events.of("Connected").map((e) => e.ConnectionId);
    expect(ids.map((id) => server.ConnectionLocalHost[id])).toEqual(hosts);
    expect(ids.map((id) => server.ConnectionRemoteHost[id])).toEqual(hosts);
    expect(server.Config("UseIPv6")).toBe("True");
  });

  test("datagrams of any length arrive byte for byte", async () => {
    const { port, events } = startServer(onPath());
    const client = await connect(port);
    const sent = lengths.map(randomBytes);
    for (const [index, bytes] of sent.entries()) {
      client.send(bytes);
      await events.count("DataIn", index + 1);
    }
    expect(events.of("DataIn").map((e) => Buffer.from(e.DatagramB))).toEqual(sent);
  });

  test("long ones and short ones of one batch do not touch each other", async () => {
    const subject = startServer(onPath());
    const clients = await Promise.all(lengths.map(() => connect(subject.port)));
    const sent = lengths.map(randomBytes);
    let before = 0;
    await deliverAsOneBatch(
      subject,
      clients,
      (index) => sent[index] as Buffer,
      () => {
        before = subject.events.of("DataIn").length;
      },
    );
    const arrived = subject.events.of("DataIn").slice(before);
    const expected = sent.map((bytes) => bytes.toString("hex")).sort();
    expect(arrived.map((e) => Buffer.from(e.DatagramB).toString("hex")).sort()).toEqual(expected);
  });

  test("more datagrams than a batch holds are all read, and all leave in order", async () => {
    const { server, port, events } = startServer(onPath());
    const client = await connect(port);
    const { ConnectionId } = await events.first("Connected");
    const lines = Array.from({ length: 100 }, (_, index) => `line ${index}\n`);
    for (const line of lines) server.SendText(ConnectionId, line);
    await client.receives("line 99\n");
    expect(client.received.toString()).toBe(lines.join(""));

    const before = counters(server).helloVerifyRequests;
    const socket = await stranger(port);
    for (let count = 0; count < 300; count++) socket.send(clientHello());
    await eventually(
      "300 hellos to be answered",
      () => counters(server).helloVerifyRequests === before + 300,
    );
  });

  test("the longest datagram there is counts whole, and MaxPacketSize refuses longer ones whole", async () => {
    const { server, port } = startServer(onPath());
    const socket = await stranger(port);
    socket.send(Buffer.alloc(65507, 0x17));
    await eventually("it to be counted", () => counters(server).datagramsReceived === 1);
    expect(counters(server)).toMatchObject({ bytesReceived: 65507, dropOversized: 0, dropUnknownPeer: 1 });
    server.Config("MaxPacketSize=65506");
    socket.send(Buffer.alloc(65507, 0x17));
    await eventually("it to be dropped", () => counters(server).dropOversized === 1);
    socket.send(Buffer.alloc(65506, 0x17));
    await eventually("the other to be counted", () => counters(server).dropUnknownPeer === 2);
  });

  test("a client's datagram past MaxPacketSize is lost, Error 400 and a Verbose line; its connection goes on", async () => {
    const logged: string[] = [];
    const { port, events } = startEchoServer(
      onPath((server) => {
        server.Config("MaxPacketSize=1000");
        server.Config("LogLevel=2");
        server.OnLog = (e) => logged.push(`${e.ConnectionId} ${e.LogType} ${e.Message}`);
      }),
    );
    const client = await connect(port);
    const { SourcePort } = await events.first("Connected");
    client.send("x".repeat(1000));
    const description =
      "Invalid datagram received: the datagram is longer than MaxPacketSize, and was dropped whole.";
    expect(await events.first("Error")).toMatchObject({
      ConnectionId: 1,
      ErrorCode: 400,
      Description: description,
    });
    expect(logged).toContain(`1 Error Error: [400] ${description}`);
    expect(logged.filter((line) => line.includes("Dropped"))).toEqual([
      `1 Verbose Dropped from 127.0.0.1:${SourcePort}: longer than MaxPacketSize.`,
    ]);
    const longest = "y".repeat(1000 - overhead);
    await client.echoes(longest);
    expect(client.received.toString()).toBe(longest);
  });

  test("InBufferSize and OutBufferSize are those of the socket, before it is bound and after", async () => {
    const { server, port } = startServer(
      onPath((s) => {
        s.Config("InBufferSize=60000");
        s.Config("OutBufferSize=50000");
      }),
    );
    expect([server.Config("InBufferSize"), server.Config("OutBufferSize")]).toEqual(["60000", "50000"]);
    expect(server.Config("InBufferSize=70000")).toBe("70000");
    expect(server.Config("OutBufferSize=40000")).toBe("40000");
    // The system has a least size, and a largest, and takes that for what lies beyond.
    expect(Number(server.Config("InBufferSize=1"))).toBeGreaterThan(1);
    const largest = Number(server.Config("InBufferSize=2147483647"));
    expect(largest).toBeGreaterThan(70000);
    expect(largest).toBeLessThan(2147483647);
    for (const beyond of ["2147483648", "0xFFFFFFFF", String(Number.MAX_SAFE_INTEGER)]) {
      expect(server.Config(`InBufferSize=${beyond}`)).toBe(String(largest));
      expect(Number(server.Config(`OutBufferSize=${beyond}`))).toBeGreaterThan(40000);
    }

    server.Config("InBufferSize=4096");
    const socket = await stranger(port);
    for (let count = 0; count < 50; count++) socket.send(Buffer.alloc(1000));
    expect(udpSockets(port)[0]?.drops).toBeGreaterThan(0);
  });

  test("what finds the receive buffer full is counted, once, where the path knows of it", async () => {
    const { server, port } = startServer(onPath((s) => s.Config("InBufferSize=4096")));
    const socket = await stranger(port);
    const told = path === "linux";
    let dropped = 0;
    for (let burst = 1; burst <= 3; burst++) {
      // This thread reads nothing meanwhile.
      for (let count = 0; count < 50; count++) socket.send(Buffer.alloc(1000));
      dropped = udpSockets(port)[0]?.drops ?? 0;
      expect(dropped).toBeGreaterThan(0);
      const { dropUnknownPeer, dropEmpty } = counters(server);
      await eventually("the rest to be read", () => counters(server).dropUnknownPeer > dropUnknownPeer);
      // The system tells with the next one that it takes.
      socket.send("");
      await eventually("one more to be read", () => counters(server).dropEmpty > dropEmpty);
      expect(counters(server).kernelDrops).toBe(told ? dropped : 0);
    }
  });

  test("close_notify goes to all, and the port is free when Shutdown has been called", async () => {
    const { server, port, events } = startEchoServer(onPath());
    const clients = await Promise.all([connect(port), connect(port), connect(port)]);
    await events.count("Connected", 3);
    const done = server.Shutdown();
    expect(udpSockets(port)).toEqual([]);
    await done;
    expect(events.of("Disconnected").map((e) => e.StatusCode)).toEqual([0, 0, 0]);
    const exits = await Promise.all(clients.map((client) => client.exited));
    expect(exits.map(({ code }) => code)).toEqual([0, 0, 0]);
    server.LocalPort = port;
    server.StartListening();
    expect(server.LocalPort).toBe(port);
  });

  test("StopListening keeps the socket until the last connection has gone", async () => {
    const { server, port, events } = startEchoServer(onPath());
    const client = await connect(port);
    server.StopListening();
    await client.echoes("still here\n");
    await client.close();
    await events.first("Disconnected");
    await eventually("the socket to go", () => udpSockets(port).length === 0);
  });

  describePeer("gnutls", "with GnuTLS", () => {
    test("the longest datagrams that it makes, 16384 bytes, come and go whole, several at once", async () => {
      const { port } = startEchoServer(onPath());
      const clients = await Promise.all([1, 2, 3].map(() => connectGnutls(port, { mtu: 16384 })));
      await Promise.all(clients.map((client) => client.echoes(randomBytes(16384 - overhead))));
    });
  });
});

test.each([
  [
    "UseConnection=True",
    "UseConnection=True needs Linux, SocketPath=auto or linux, and ShareLocalPort=False",
  ],
  ["CaptureIPPacketInfo=True", "CaptureIPPacketInfo=True needs Linux, and SocketPath=auto or linux"],
])("what libuv's handle has not is 402 at StartListening, and nothing is bound: %s", (setting, text) => {
  const { server } = makeServer();
  server.Config("SocketPath=uv");
  server.Config(setting);
  expect(() => server.StartListening()).toThrow(
    expect.objectContaining({ code: 402, message: `Not supported: ${text}.`, systemCode: "ENOTSUP" }),
  );
  expect(server.Listening).toBe(false);
  server.Config("SocketPath=auto");
  server.StartListening();
  expect(server.Listening).toBe(true);
});

test("SocketPath counts from the next bind on", () => {
  const { server } = startServer((s) => s.Config("UseConnection=True"));
  expect(server.Config("SocketPath=uv")).toBe("uv");
  server.StopListening();
  expect(() => server.StartListening()).toThrow(expect.objectContaining({ code: 402 }));
});
