// What a Java client (JSSE) does with a connection beside talking: it resumes sessions and loses datagrams.
import { afterAll, beforeAll, beforeEach, expect, onTestFailed, test } from "vitest";
import { counters } from "../src/index.js";
import { LossyProxy } from "./network/lossy-proxy.js";
import { ContentType, recordTypes } from "./network/records.js";
import { describePeer } from "./peers/describe-peer.js";
import { JavaClient } from "./peers/java-client.js";
import { startEchoServer } from "./peers/server.js";

const suite = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384";

describePeer("java", "a Java client", () => {
  let client: JavaClient;
  beforeAll(() => {
    client = new JavaClient();
  });
  afterAll(() => client.kill());
  beforeEach(() => {
    onTestFailed(() => console.error(client.describe()));
  });

  test("hears the server's Disconnect", async () => {
    const { server, port, events } = startEchoServer();
    await client.connect(port, suite);
    server.Disconnect((await events.first("Connected")).ConnectionId);
    await client.closedByServer();
    expect((await events.first("Disconnected")).StatusCode).toBe(0);
  });

  test("resumes its session", async () => {
    const { server, port } = startEchoServer((s) => s.Config("ReuseSSLSession=True"));
    expect((await client.connect(port, suite)).resumed).toBe(false);
    await client.close();
    expect((await client.resume(port, suite)).resumed).toBe(true);
    await client.echoes("resumed");
    await client.close();
    expect(counters(server).handshakesResumed).toBe(1);
  });

  test("loses the server's final flight, and gets it again", async () => {
    const { server, port } = startEchoServer();
    const proxy = await LossyProxy.start(port, ({ datagram, direction }) => {
      const final = direction === "toClient" && recordTypes(datagram).includes(ContentType.changeCipherSpec);
      return final && proxy.dropped.length === 0 ? "drop" : "pass";
    });
    await client.connect(proxy.port, suite);
    expect(proxy.dropped).toHaveLength(1);
    await client.echoes("complete");
    expect(counters(server).finalFlightsResent).toBe(1);
    await client.close();
  });

  test("does not mind a server that keeps connections alive: it is never asked", async () => {
    const lines: string[] = [];
    const { server, port, events } = startEchoServer((s) => {
      s.KeepAlive = true;
      s.OnLog = (e) => lines.push(e.Message);
    });
    await client.connect(port, suite);
    await client.echoes("no heartbeats");
    const { ConnectionId } = await events.first("Connected");
    expect(
      lines.filter((line) => line.startsWith(`Connection ${ConnectionId} is not kept alive`)),
    ).toHaveLength(1);
    expect(counters(server).heartbeatRequestsSent).toBe(0);
    await client.close();
  });
});
