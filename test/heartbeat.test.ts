// Keep-alive by the Heartbeat extension (RFC 6520) with a real peer, GnuTLS: it asks, it answers, or it does not.
import { afterAll, beforeAll, expect, test } from "vitest";
import { counters, type DTLSServer } from "../src/index.js";
import { LossyProxy, type Passing } from "./network/lossy-proxy.js";
import { ContentType, recordTypes } from "./network/records.js";
import { describePeer } from "./peers/describe-peer.js";
import { GnutlsCli } from "./peers/gnutls-cli.js";
import { connectGnutls, GnutlsClient, type GnutlsOffer } from "./peers/gnutls-client.js";
import { startEchoServer } from "./peers/server.js";
import { SuiteServer } from "./peers/suite-server.js";
import { eventually } from "./peers/waiting.js";

/** KeepAlive, and settings such as "KeepAliveTime=1". */
function keepingAlive(...settings: string[]): (server: DTLSServer) => void {
  return (server) => {
    server.KeepAlive = true;
    for (const setting of settings) server.Config(setting);
  };
}

describePeer("gnutls", "a GnuTLS client", () => {
  test("its heartbeat requests are answered, whatever they carry", async () => {
    const { server, port } = startEchoServer(keepingAlive());
    const client = new GnutlsClient(port, { heartbeat: "allow" });
    expect((await client.established()).heartbeat).toBe(true);
    for (const payload of [1, 16, 17, 1000]) expect(await client.ping(payload)).toBe(true);
    await client.echoes("still talking");
    expect(counters(server)).toMatchObject({
      heartbeatRequestsReceived: 4,
      heartbeatResponsesSent: 4,
      heartbeatRequestsSent: 0,
      dropHeartbeat: 0,
    });
  });

  test("without KeepAlive the server does not offer the extension", async () => {
    const { server, port } = startEchoServer();
    const client = new GnutlsClient(port, { heartbeat: "allow" });
    expect((await client.established()).heartbeat).toBe(false);
    await client.echoes("no harm done");

    const insisting = await connectGnutls(port, { heartbeat: "insist" });
    expect(await insisting.ping(16, 100)).toBe(false);
    expect(counters(server)).toMatchObject({ heartbeatResponsesSent: 0, dropHeartbeat: 1 });
    await insisting.echoes("no harm done");
  });

  test("turning KeepAlive off silences live connections, turning it on gives them their voice back", async () => {
    const { server, port } = startEchoServer(keepingAlive());
    const client = await connectGnutls(port, { heartbeat: "allow" });
    server.KeepAlive = false;
    expect(await client.ping(16, 100)).toBe(false);
    expect(counters(server)).toMatchObject({ heartbeatRequestsReceived: 0, dropHeartbeat: 1 });
    server.KeepAlive = true;
    expect(await client.ping()).toBe(true);
  });

  test("silent for KeepAliveTime, it is asked, and asked again for as long as it answers", async () => {
    const { server, port, events } = startEchoServer(keepingAlive("KeepAliveTime=1", "KeepAliveInterval=1"));
    const client = await connectGnutls(port, { heartbeat: "allow" });
    await client.receivesPings(2);
    await eventually("both answers", () => counters(server).heartbeatResponsesReceived === 2);
    expect(counters(server).heartbeatRequestsSent).toBe(2);
    await client.echoes("still talking");
    expect(events.names()).toEqual(["ConnectionRequest", "Connected"]);
  });

  test("mute for KeepAliveMaxRetries requests, it is disconnected with 10060", async () => {
    const settings = ["KeepAliveTime=1", "KeepAliveInterval=1", "KeepAliveMaxRetries=1"];
    const { server, port, events } = startEchoServer(keepingAlive(...settings));
    const client = await connectGnutls(port, { heartbeat: "allow", mute: true });
    const { ConnectionId } = await events.first("Connected");
    const ended = await events.first("Disconnected");
    expect([ended.ConnectionId, ended.StatusCode]).toEqual([ConnectionId, 10060]);
    expect(ended.Description).toMatch(/heartbeat/i);
    expect(server.ConnectionCount).toBe(0);
    expect(counters(server)).toMatchObject({ heartbeatRequestsSent: 1, keepAliveEnded: 1 });
    await client.closedByServer();
    expect(client.pingsReceived).toBe(1);
  });

  test("with KeepAliveMode=2 it may not ask, and is asked all the same", async () => {
    const { server, port } = startEchoServer(keepingAlive("KeepAliveTime=1", "KeepAliveMode=2"));
    const client = new GnutlsClient(port, { heartbeat: "allow" });
    expect((await client.established()).heartbeat).toBe(false);
    const insisting = await connectGnutls(port, { heartbeat: "insist" });
    expect(await insisting.ping(16, 100)).toBe(false);
    expect(counters(server)).toMatchObject({ heartbeatResponsesSent: 0, dropHeartbeat: 1 });
    await insisting.echoes("no harm done");

    await Promise.all([client.receivesPings(1), insisting.receivesPings(1)]);
    await eventually("both answers", () => counters(server).heartbeatResponsesReceived === 2);
  });

  test("in a resumed session heartbeats are agreed on anew", async () => {
    const { server, port } = startEchoServer((s) => {
      keepingAlive("KeepAliveTime=1")(s);
      s.Config("ReuseSSLSession=True");
    });
    const first = await connectGnutls(port, { heartbeat: "allow" });
    const session = await first.session();
    await first.close();

    // Insisting: GnuTLS does not read this extension of a resumed session's ServerHello.
    const second = new GnutlsClient(port, { heartbeat: "insist", resume: session });
    expect((await second.established()).resumed).toBe(true);
    expect(await second.ping()).toBe(true);
    await second.receivesPings(1);
    await eventually("its answer", () => counters(server).heartbeatResponsesReceived === 1);

    server.KeepAlive = false;
    const third = new GnutlsClient(port, { heartbeat: "insist", resume: session });
    expect((await third.established()).resumed).toBe(true);
    expect(await third.ping(16, 100)).toBe(false);
    await third.echoes("resumed");
  });
});

describePeer("gnutlsCli", "gnutls-cli --heartbeat", () => {
  test("answers heartbeat requests and talks on", async () => {
    const { server, port, events } = startEchoServer(keepingAlive("KeepAliveTime=1"));
    const client = new GnutlsCli(port);
    await client.established();
    await client.echoes("before");
    await eventually("an answer", () => counters(server).heartbeatResponsesReceived > 0);
    // After a request it waits for data, and its standard input waits with it.
    const { ConnectionId } = await events.first("Connected");
    server.SendText(ConnectionId, "wake up\n");
    await client.receives("wake up");
    await client.echoes("after");
    expect(await client.close()).toBe(0);
    expect((await events.first("Disconnected")).StatusCode).toBe(0);
  });
});

/** The same below the component, where a second is not the shortest time. */
describePeer("gnutls", "a server that soon asks", () => {
  let server: SuiteServer;
  beforeAll(() => {
    const endpoint = { heartbeatMode: 1, keepAliveTime: 25, keepAliveInterval: 25 };
    server = new SuiteServer("ecdsa", { endpoint });
  });
  afterAll(() => server.close());

  const families: GnutlsOffer[] = [
    { cipher: "AES-128-GCM" },
    { cipher: "AES-256-GCM" },
    { cipher: "CHACHA20-POLY1305" },
    { cipher: "AES-128-CCM" },
    { cipher: "AES-256-CCM" },
    { cipher: "AES-128-CCM-8" },
    { cipher: "AES-256-CCM-8" },
    { cipher: "AES-128-CBC", mac: "SHA1" },
    { cipher: "AES-128-CBC", mac: "SHA256" },
    { cipher: "AES-256-CBC", mac: "SHA1" },
    { cipher: "AES-256-CBC", mac: "SHA384" },
    { cipher: "CAMELLIA-128-CBC", mac: "SHA256" },
  ];

  const cells = families.flatMap((family) => [true, false].map((ems) => ({ mac: "AEAD", ...family, ems })));

  test.each(cells)("asks and answers over $cipher with $mac, extended master secret $ems", async (cell) => {
    const client = new GnutlsClient(server.port, { ...(cell as GnutlsOffer), heartbeat: "allow" });
    expect(await client.established()).toMatchObject({ heartbeat: true, ems: cell.ems });
    expect(await client.ping()).toBe(true);
    const answered = server.count("heartbeatResponsesReceived");
    await client.receivesPings(2);
    await eventually("an answer", () => server.count("heartbeatResponsesReceived") > answered);
    await client.echoes("still talking");
    await client.close();
    expect(client.complaints).toEqual([]);
  });

  test.each(families.filter(({ mac }) => mac !== undefined))(
    "neither asks nor answers over $cipher with $mac without encrypt-then-MAC",
    async (family) => {
      const client = new GnutlsClient(server.port, { ...family, etm: false, heartbeat: "allow" });
      expect(await client.established()).toMatchObject({ heartbeat: false, etm: false });
      expect((await server.newest()).inert).toMatch(/encrypt-then-MAC/i);
      const insisting = await connectGnutls(server.port, { ...family, etm: false, heartbeat: "insist" });
      const dropped = server.count("dropHeartbeat");
      expect(await insisting.ping(16, 100)).toBe(false);
      expect(server.count("dropHeartbeat")).toBe(dropped + 1);
      const other = await connectGnutls(server.port, { heartbeat: "allow" });
      await other.receivesPings(2);
      for (const silent of [client, insisting]) {
        expect(silent.pingsReceived).toBe(0);
        await silent.echoes("still talking");
      }
    },
  );

  test.each(["forbid", undefined] as const)("does not ask a client with heartbeat %s", async (heartbeat) => {
    const client = await connectGnutls(server.port, heartbeat ? { heartbeat } : {});
    const connection = await server.newest();
    expect(connection.inert).toMatch(/^the client does not/);
    const other = await connectGnutls(server.port, { heartbeat: "allow" });
    await other.receivesPings(3);
    await client.echoes("left alone");
    expect(client.pingsReceived).toBe(0);
    expect(client.complaints).toEqual([]);
  });

  test("asks a mute client without end, and hears it when it speaks again", async () => {
    const client = await connectGnutls(server.port, { heartbeat: "allow", mute: true });
    await client.receivesPings(5);
    await client.echoes("mute of heartbeats alone");
    const answered = server.count("heartbeatResponsesReceived");
    await client.setMute(false);
    await eventually("an answer", () => server.count("heartbeatResponsesReceived") > answered);
    expect((await server.newest()).fault).toBeUndefined();
  });

  test("asks while data flows both ways, and answers at the same time", async () => {
    const client = await connectGnutls(server.port, { heartbeat: "allow" });
    for (let round = 0; round < 20; round++) {
      const [pong] = await Promise.all([client.ping(), client.echoes(`round ${round}`)]);
      expect(pong).toBe(true);
    }
    await client.receivesPings(1);
    await client.echoes("the last word");
    expect(client.complaints).toEqual([]);
  });

  test("asks again when its request or the answer is lost", async () => {
    const requests: Buffer[] = [];
    const lose = { toClient: 2, toServer: 1 };
    const proxy = await LossyProxy.start(server.port, ({ datagram, direction }: Passing) => {
      if (!recordTypes(datagram).includes(ContentType.heartbeat)) return "pass";
      if (direction === "toClient") requests.push(datagram);
      return lose[direction]-- > 0 ? "drop" : "pass";
    });
    const client = await connectGnutls(proxy.port, { heartbeat: "allow" });
    const answered = server.count("heartbeatResponsesReceived");
    await eventually("an answer", () => server.count("heartbeatResponsesReceived") > answered);
    expect(requests.length).toBeGreaterThanOrEqual(4);
    expect(client.pingsReceived).toBeGreaterThanOrEqual(2);
    // Sealed anew: a repetition is no replay.
    const sequences = requests.map((datagram) => datagram.readUIntBE(5, 6));
    expect(new Set(sequences).size).toBe(requests.length);
    await client.echoes("still talking");
  });
});
