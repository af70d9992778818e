// A server listens, stops, goes on and starts again as often as it likes; what a call promises is true when the
// call returns.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { expect, test } from "vitest";
import { Certificate, DTLSServer } from "../src/index.js";
import { certificate, certificateFile } from "./peers/certificates.js";
import { withCode } from "./peers/errors.js";
import { connect, OpensslClient } from "./peers/openssl-client.js";
import { makeServer, startEchoServer, startServer } from "./peers/server.js";
import { eventually } from "./peers/waiting.js";

test("StartListening binds before it returns, Shutdown releases before it returns", () => {
  const { server } = makeServer();
  expect(server.Listening).toBe(false);
  expect(server.LocalPort).toBe(0);
  server.StartListening();
  expect(server.Listening).toBe(true);
  const port = server.LocalPort;
  expect(port).toBeGreaterThan(0);

  void server.Shutdown();
  expect(server.Listening).toBe(false);
  expect(server.LocalPort).toBe(0);
  // The port is free on the next line already.
  const { server: next } = makeServer();
  next.LocalPort = port;
  next.StartListening();
  expect(next.LocalPort).toBe(port);
});

test("after Shutdown and after Reset anybody may have the port, connections or not", async () => {
  for (const end of ["Shutdown", "Reset"] as const) {
    const { server, port } = startEchoServer();
    const client = await connect(port);
    await client.echoes("hello\n");
    void server[end]();
    const socket = createSocket("udp4").bind(port, "127.0.0.1");
    await once(socket, "listening");
    await new Promise<void>((resolve) => socket.close(resolve));
    expect((await client.exited).code).toBe(0);
  }
});

test("start, stop and start again on the same port, with a client each time", async () => {
  const { server, port, events } = startEchoServer();
  const ids: number[] = [];
  for (let round = 1; round <= 3; round++) {
    const client = await connect(port);
    await client.echoes(`round ${round}\n`);
    ids.push(...server.Connections.keys());
    await server.Shutdown();
    expect((await client.exited).code).toBe(0);
    expect(events.of("Disconnected")).toHaveLength(round);
    server.LocalPort = port;
    server.StartListening();
    expect(server.LocalPort).toBe(port);
  }
  // An id is never given again.
  expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
  expect(ids).toHaveLength(3);
});

test("Shutdown resolves when all events have fired: every connection is disconnected, code 0", async () => {
  const { server, port, events } = startEchoServer();
  const clients = [await connect(port), await connect(port), await connect(port)];
  await events.count("Connected", 3);
  const shutdown = server.Shutdown();
  expect(server.ConnectionCount).toBe(0);
  expect(events.of("Disconnected")).toEqual([]);
  await shutdown;
  expect(events.of("Disconnected").map((e) => e.StatusCode)).toEqual([0, 0, 0]);
  for (const client of clients) expect((await client.exited).code).toBe(0);
});

test("Shutdown aborts a handshake in progress: Connected with 10053", async () => {
  const { server, port, events } = startServer((s) => {
    s.SSLAuthenticateClients = true;
    s.on("SSLClientAuthentication", () => new Promise(() => {}));
  });
  const args = ["-cert", certificateFile("client.crt"), "-key", certificateFile("client.key")];
  const client = new OpensslClient(port, { args });
  await events.first("SSLClientAuthentication");
  await server.Shutdown();
  expect(events.of("Connected").map((e) => e.StatusCode)).toEqual([10053]);
  expect(events.of("Disconnected")).toEqual([]);
  await client.kill();
});

test("Shutdown and StopListening of an idle server do nothing: no event, no line, all properties as they were", async () => {
  const { server, events } = makeServer();
  const lines: string[] = [];
  const listener = () => {};
  server.OnLog = (e) => lines.push(e.Message);
  server.OnDataIn = listener;
  server.LocalPort = 4433;
  server.DefaultIdleTimeout = 5;
  server.Config("MaxHandshakes=7");
  await server.Shutdown();
  await server.Shutdown();
  server.StopListening();
  await server.DoEvents();
  expect(events.all).toEqual([]);
  expect(lines).toEqual([]);
  expect(server).toMatchObject({ LocalPort: 4433, DefaultIdleTimeout: 5, OnDataIn: listener });
  expect(server.Config("MaxHandshakes")).toBe("7");
  expect(server.SSLCertSubject).toBe("CN=ecdsa.example, O=Example");

  // All that was set stays usable.
  server.LocalPort = 0;
  server.StartListening();
  await connect(server.LocalPort);
  await events.first("Connected");
});

test("Reset of an idle server restores the defaults and keeps the listeners, without an event", async () => {
  const { server, events } = makeServer();
  const listener = () => {};
  server.OnDataIn = listener;
  server.DefaultIdleTimeout = 5;
  server.Config("MaxHandshakes=7");
  server.Reset();
  await server.DoEvents();
  expect(events.all).toEqual([]);
  expect(server).toMatchObject({
    LocalHost: "",
    DefaultIdleTimeout: 0,
    SSLCertSubject: "",
    OnDataIn: listener,
  });
  expect(server.Config("MaxHandshakes")).toBe("1000");
});

test("StopListening keeps the connections and lets nobody else in; StartListening goes on", async () => {
  const { server, port, events } = startEchoServer();
  const early = await connect(port);
  server.StopListening();
  expect(server.Listening).toBe(false);
  expect(server.LocalPort).toBe(port);

  const late = new OpensslClient(port);
  await early.echoes("still connected\n");
  expect(events.of("ConnectionRequest")).toHaveLength(1);

  server.StartListening();
  expect(server.LocalPort).toBe(port);
  // The late client's retransmitted hello finds the door open.
  await late.established();
  await late.echoes("let in after all\n");
  await early.echoes("never left\n");
  expect(server.ConnectionCount).toBe(2);
});

test("after StopListening the socket closes with the last connection", async () => {
  const { server, port, events } = startEchoServer();
  const client = await connect(port);
  server.StopListening();
  expect(() => {
    server.LocalPort = 0;
  }).toThrow(withCode(106));
  await client.close();
  await events.first("Disconnected");
  const { server: next } = makeServer();
  next.LocalPort = port;
  await eventually("the port to be free", () => {
    try {
      next.StartListening();
      return true;
    } catch {
      return false;
    }
  });
  server.LocalPort = 0;
});

test("UseIPv6 reads what the open socket is, and holds for the next", async () => {
  const { server, port } = startEchoServer();
  const client = await connect(port);
  server.StopListening();
  expect(server.Config("UseIPv6=True")).toBe("False");
  server.StartListening();
  expect(server.LocalHost).toBe("127.0.0.1");
  await server.Shutdown();
  await client.exited;
  expect(server.Config("UseIPv6")).toBe("True");
  server.LocalHost = "::1";
  server.StartListening();
  expect(server.LocalHost).toBe("::1");
});

test("settings of the bind that were changed while a connection kept the socket open are named, and wait", async () => {
  const logged: string[] = [];
  const { server, port } = startEchoServer((s) => {
    s.Config("QOSDSCPValue=10");
  });
  const client = await connect(port);
  server.StopListening();
  server.StartListening();
  server.OnLog = (e) => logged.push(`${e.LogType} ${e.Message}`);
  server.StopListening();
  const changed = [
    ...["CaptureIPPacketInfo=True", "DontFragment=True", "QOSDSCPValue=12", "QOSTrafficType=4"],
    ...["UseConnection=True", "UseIPv6=True", "SocketPath=linux"],
  ];
  for (const text of changed) server.Config(text);
  server.Config("InBufferSize=100000");
  server.StartListening();
  await client.echoes("on the socket there is\n");
  const names = changed.map((text) => text.slice(0, text.indexOf("=")));
  expect(logged).toEqual([
    "Info Stopped listening.",
    `Info Listening on 127.0.0.1:${port}.`,
    `Info Kept the socket that is open. Settings that wait for the next bind: ${names.join(", ")}.`,
  ]);

  logged.length = 0;
  server.StopListening();
  for (const name of names) server.Config(`${name}=`);
  server.Config("QOSDSCPValue=10");
  server.Config("ShareLocalPort=True");
  server.StartListening();
  await client.echoes("and again\n");
  expect(logged.at(-1)).toBe(
    "Info Kept the socket that is open. Settings that wait for the next bind: ShareLocalPort.",
  );

  await server.Shutdown();
  logged.length = 0;
  server.StartListening();
  await server.DoEvents();
  expect(logged).toEqual([expect.stringMatching(/^Info Listening on 127\.0\.0\.1:/)]);
});

test("Reset restores the defaults, keeps the listeners, and goes on with the ids", async () => {
  const { server, port, events } = startEchoServer((s) => {
    s.DefaultIdleTimeout = 100;
    s.SSLAuthenticateClients = false;
    s.Config("LogLevel=3");
    s.Config("MaxConnections=7");
  });
  await connect(port);
  const first = await events.first("Connected");
  server.Reset();
  const fresh = new DTLSServer();
  expect(server.Listening).toBe(false);
  expect(server.LocalHost).toBe("");
  expect(server.DefaultIdleTimeout).toBe(fresh.DefaultIdleTimeout);
  expect(server.SSLCertSubject).toBe("");
  for (const name of ["LogLevel", "MaxConnections", "LocalHost", "LocalPort"]) {
    expect(server.Config(name)).toBe(fresh.Config(name));
  }
  expect((await events.first("Disconnected")).ConnectionId).toBe(first.ConnectionId);

  server.LocalHost = "127.0.0.1";
  server.SSLCert = certificate("ecdsa");
  server.StartListening();
  await (await connect(server.LocalPort)).echoes("the same listeners\n");
  const [, second] = await events.count("Connected", 2);
  expect(second?.ConnectionId).toBeGreaterThan(first.ConnectionId);
});

test("a certificate replaced while listening serves the handshakes that start afterwards", async () => {
  const { server, port } = startEchoServer();
  const before = await connect(port);
  server.SSLCert = certificate("replacement");
  const after = await connect(port);
  await before.says("CN = ecdsa.example");
  await after.says("CN = replacement.example");
  await before.echoes("the old connection goes on\n");

  // By the flat properties, subject last.
  server.SSLCertStoreType = certificate("rsa").StoreType;
  server.SSLCertStore = certificateFile("rsa.pem");
  await (await connect(port)).says("CN = replacement.example");
  server.SSLCertSubject = "CN=rsa.example";
  expect(server.SSLCertSubject).toBe("CN=rsa.example, O=Example");
  await (await connect(port)).says("CN = rsa.example");
});

test("an unusable certificate set while listening throws 404 and changes nothing", async () => {
  const { server, port } = startEchoServer();
  const subject = server.SSLCertSubject;
  expect(() => {
    server.SSLCert = new Certificate(certificateFile("rsa.crt"));
  }).toThrow(withCode(404));
  expect(() => {
    server.SSLCert = new Certificate();
  }).toThrow(withCode(404));
  expect(server.SSLCertSubject).toBe(subject);
  const client = await connect(port);
  await client.says("CN = ecdsa.example");
});

test("an address that changes while it is in use throws, and is not changed", async () => {
  const { server, port } = startEchoServer();
  expect(() => {
    server.LocalPort = 1;
  }).toThrow(withCode(106));
  expect(() => {
    server.LocalHost = "::1";
  }).toThrow(withCode(107));
  expect(() => server.Config("MaxConnections=5")).toThrow(withCode(108));
  expect([server.LocalPort, server.LocalHost]).toEqual([port, "127.0.0.1"]);
  await connect(port);
});

test("StartListening while listening: 104, and it goes on", async () => {
  const { server, port } = startEchoServer();
  expect(() => server.StartListening()).toThrow(withCode(104));
  await (await connect(port)).echoes("undisturbed\n");
});

test("a port in use: 10048 with EADDRINUSE, and a later try may succeed", async () => {
  const { server: first, port } = startServer();
  const { server } = makeServer();
  server.LocalPort = port;
  expect(() => server.StartListening()).toThrow(
    expect.objectContaining({ code: 10048, systemCode: "EADDRINUSE", name: "DTLSError" }),
  );
  expect(server.Listening).toBe(false);
  expect(server.LocalPort).toBe(port);
  await first.Shutdown();
  server.StartListening();
  expect(server.Listening).toBe(true);
});

test("an address of no interface here: 10049; an unknown host: 11001", () => {
  const { server } = makeServer();
  server.LocalHost = "192.0.2.1";
  expect(() => server.StartListening()).toThrow(withCode(10049));
  server.LocalHost = "no-such-host.invalid";
  expect(() => server.StartListening()).toThrow(
    expect.objectContaining({ code: expect.toBeOneOf([11001, 11002]) }),
  );
  server.LocalHost = "::1";
  expect(() => server.StartListening()).toThrow(withCode(10047));
  server.LocalHost = "localhost";
  server.StartListening();
  expect(server.LocalHost).toBe("127.0.0.1");
});

test("no certificate with its key: 404, and nothing is bound", () => {
  const { server: holder, port } = startServer();
  void holder.Shutdown();
  const server = new DTLSServer();
  server.LocalHost = "127.0.0.1";
  server.LocalPort = port;
  expect(() => server.StartListening()).toThrow(withCode(404));
  server.SSLCertStoreType = certificate("rsa").StoreType;
  server.SSLCertStore = certificateFile("rsa.crt");
  expect(() => server.StartListening()).toThrow(withCode(404));
  const { server: other } = makeServer();
  other.LocalPort = port;
  other.StartListening();
});

test("two servers in one process keep their clients apart", async () => {
  const one = startEchoServer();
  const two = startEchoServer(() => {}, "rsa");
  const [first, second] = [await connect(one.port), await connect(two.port)];
  await Promise.all([first.echoes("to one\n"), second.echoes("to two\n")]);
  await one.server.Shutdown();
  await second.echoes("two goes on\n");
  expect(one.events.of("DataIn").map((e) => e.Datagram)).toEqual(["to one\n"]);
});
