// A host has several addresses: what the server sends leaves from the one that the client has reached, and
// the server knows which that is.
import { createSocket, type RemoteInfo } from "node:dgram";
import { once } from "node:events";
import { describe, expect, onTestFinished, test } from "vitest";
import { counters, type DTLSServer } from "../src/index.js";
import { begins, clientHello, HandshakeType } from "./network/records.js";
import { deliverAsOneBatch } from "./peers/batch.js";
import { requireIPv6 } from "./peers/ipv6.js";
import { connect } from "./peers/openssl-client.js";
import { startEchoServer } from "./peers/server.js";

const everywhere = (server: DTLSServer): void => {
  server.LocalHost = "";
};
const bothFamilies = (server: DTLSServer): void => {
  server.LocalHost = "";
  server.Config("UseIPv6=True");
};
const capturing = (server: DTLSServer): void => {
  server.Config("CaptureIPPacketInfo=True");
};

/** Who answers a hello that is sent to this address, by a socket that takes answers from anywhere. */
async function answererOf(host: string, port: number): Promise<string> {
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
  onTestFinished(() => void socket.close());
  socket.bind(0);
  await once(socket, "listening");
  if (host.endsWith(".255")) socket.setBroadcast(true);
  const answer = once(socket, "message") as Promise<[Buffer, RemoteInfo]>;
  socket.send(clientHello(), port, host);
  const [datagram, from] = await answer;
  expect(begins(datagram, HandshakeType.helloVerifyRequest)).toBe(true);
  expect(from.port).toBe(port);
  return from.address;
}

/** Of a client: nobody has it just now. */
async function freePort(): Promise<number> {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  return port;
}

describe("a HelloVerifyRequest leaves from the address that the hello was sent to", () => {
  test("on a socket for IPv4", async () => {
    const { port } = startEchoServer(everywhere);
    for (const host of ["127.0.0.1", "127.0.0.2", "127.1.2.3"])
      expect(await answererOf(host, port)).toBe(host);
  });

  test("on a socket for both families", async () => {
    await requireIPv6();
    const { port } = startEchoServer(bothFamilies);
    for (const host of ["127.0.0.1", "127.0.0.2", "::1"]) expect(await answererOf(host, port)).toBe(host);
  });

  test.each([
    ["IPv4", everywhere],
    ["both families", bothFamilies],
  ])("and if that is a broadcast address, from one of the interface: %s", async (_, prepare) => {
    await requireIPv6();
    const { server, port } = startEchoServer(prepare);
    expect(await answererOf("127.255.255.255", port)).toBe("127.0.0.1");
    expect(counters(server).sendsFailed).toBe(0);
  });
});

// s_client's socket is connected: what comes from another address does not reach it.
describe.each([
  ["one socket", () => {}],
  ["sockets of their own", (server: DTLSServer) => void server.Config("UseConnection=True")],
])("clients that have reached different addresses, served by %s", (_, sockets) => {
  test("hear from these, and ConnectionLocalHost tells them exactly", async () => {
    await requireIPv6();
    const hosts = ["127.0.0.1", "127.0.0.2", "::1"];
    const { server, port, events } = startEchoServer((s) => {
      bothFamilies(s);
      sockets(s);
    });
    for (const [index, host] of hosts.entries()) {
      const client = await connect(port, { host });
      await client.echoes(`to ${host}\n`);
      await client.echoes(`again to ${host}\n`);
      const { ConnectionId: id } = (await events.count("Connected", index + 1))[index] ?? { ConnectionId: 0 };
      expect(server.ConnectionLocalHost[id]).toBe(host);
      expect(server.ConnectionLocalPort[id]).toBe(port);
      expect(server.Connections.get(id)?.LocalHost).toBe(host);
    }
    expect(counters(server).sendsFailed).toBe(0);
  });

  test("from the same port of theirs, are different connections", async () => {
    const { server, port, events } = startEchoServer((s) => {
      everywhere(s);
      sockets(s);
    });
    const source = await freePort();
    const args = ["-bind", `127.0.0.1:${source}`];
    const one = await connect(port, { host: "127.0.0.1", args });
    const other = await connect(port, { host: "127.0.0.2", args });
    await Promise.all([one.echoes("one\n"), other.echoes("other\n")]);
    expect(events.of("DataIn").map((e) => e.Datagram)).toEqual(expect.arrayContaining(["one\n", "other\n"]));
    expect(events.of("Disconnected")).toEqual([]);
    expect([...server.Connections.values()].map((c) => [c.RemotePort, c.LocalHost])).toEqual([
      [source, "127.0.0.1"],
      [source, "127.0.0.2"],
    ]);
    expect(counters(server).restarts).toBe(0);
    await one.close();
    await other.echoes("alone\n");
  });
});

describe("DestinationAddress", () => {
  test("is empty without CaptureIPPacketInfo", async () => {
    const { server, port, events } = startEchoServer(everywhere);
    await (await connect(port, { host: "127.0.0.2" })).echoes("hello\n");
    expect(server.Config("DestinationAddress")).toBe("");
    expect(server.ConnectionLocalHost[events.of("DataIn")[0]?.ConnectionId ?? 0]).toBe("127.0.0.2");
  });

  test("is the address that the datagram was sent to, for each of a batch its own", async () => {
    await requireIPv6();
    const seen: [string, string][] = [];
    const subject = startEchoServer((s) => {
      bothFamilies(s);
      capturing(s);
      s.on("DataIn", (e) => seen.push([e.Datagram, s.Config("DestinationAddress")]));
    });
    const hosts = ["127.0.0.1", "::1", "127.0.0.2", "127.0.0.1"];
    const clients = await Promise.all(hosts.map((host) => connect(subject.port, { host })));
    expect(subject.server.Config("DestinationAddress")).toBe("");
    await deliverAsOneBatch(
      subject,
      clients,
      (index) => `${hosts[index]}\n`,
      () => seen.splice(0),
    );
    expect(seen).toHaveLength(hosts.length);
    for (const [host, destination] of seen) expect(`${destination}\n`).toBe(host);
    expect(subject.server.Config("destinationaddress")).toBe(seen.at(-1)?.[1]);
  });

  test("stays that of the last datagram when its connection and the socket are gone", async () => {
    const { server, port } = startEchoServer((s) => {
      everywhere(s);
      capturing(s);
    });
    const client = await connect(port, { host: "127.0.0.2" });
    await client.echoes("hello\n");
    await client.close();
    expect(server.Config("DestinationAddress")).toBe("127.0.0.2");
    await server.Shutdown();
    expect(server.Config("DestinationAddress")).toBe("127.0.0.2");
    server.Reset();
    expect(server.Config("DestinationAddress")).toBe("");
  });

  test("is told on a socket bound to one address, too; CaptureIPPacketInfo counts from the next bind on", async () => {
    const { server, port, events } = startEchoServer(capturing);
    server.Config("CaptureIPPacketInfo=False");
    const client = await connect(port);
    await client.echoes("hello\n");
    expect(server.Config("DestinationAddress")).toBe("127.0.0.1");
    expect(server.ConnectionLocalHost[events.of("DataIn")[0]?.ConnectionId ?? 0]).toBe("127.0.0.1");
    await server.Shutdown();
    server.StartListening();
    expect(server.Config("DestinationAddress")).toBe("");
    await (await connect(server.LocalPort)).echoes("hello again\n");
    expect(server.Config("DestinationAddress")).toBe("");
  });
});
