// What GnuTLS does with a connection beside talking: it presents certificates, resumes sessions, tries to
// renegotiate, loses datagrams.
import { expect, test } from "vitest";
import { counters, type DTLSServer } from "../src/index.js";
import { LossyProxy } from "./network/lossy-proxy.js";
import { ContentType, recordTypes } from "./network/records.js";
import { certificateFile } from "./peers/certificates.js";
import { describePeer } from "./peers/describe-peer.js";
import { connectGnutls, GnutlsClient } from "./peers/gnutls-client.js";
import { startEchoServer } from "./peers/server.js";

const certificate = { certificate: certificateFile("client.crt"), key: certificateFile("client.key") };

function authenticating(accept: boolean): (server: DTLSServer) => void {
  return (server) => {
    server.SSLAuthenticateClients = true;
    server.OnSSLClientAuthentication = (e) => {
      e.Accept = accept;
    };
  };
}

const resuming = (server: DTLSServer): void => {
  server.Config("ReuseSSLSession=True");
};

describePeer("gnutls", "a GnuTLS client", () => {
  test("hears the server's Disconnect", async () => {
    const { server, port, events } = startEchoServer();
    const client = await connectGnutls(port);
    server.Disconnect((await events.first("Connected")).ConnectionId);
    await client.closedByServer();
    expect(client.complaints).toEqual([]);
  });

  test("tries to renegotiate: it is refused, and the connection goes on", async () => {
    const { server, port, events } = startEchoServer();
    const client = await connectGnutls(port);
    await client.echoes("before");
    expect(await client.rehandshake()).toBe("refused");
    await client.echoes("after");
    expect(counters(server)).toMatchObject({ renegotiationsRefused: 1, handshakesStarted: 1 });
    await client.close();
    expect((await events.first("Disconnected")).StatusCode).toBe(0);
  });

  test("with a certificate that is accepted is let in", async () => {
    const { port, events } = startEchoServer(authenticating(true));
    const client = await connectGnutls(port, { certificate });
    await client.echoes("let in");
    const [event] = events.of("SSLClientAuthentication");
    expect(event?.CertSubject).toBe("CN=client.example, O=Example");
  });

  test("with a certificate that is refused gets an alert", async () => {
    const { port, events } = startEchoServer(authenticating(false));
    const client = new GnutlsClient(port, { certificate });
    expect(await client.failure()).toMatch(/^GNUTLS_E_FATAL_ALERT_RECEIVED alert=(42|48)$/);
    expect((await events.first("Connected")).StatusCode).toBe(404);
  });

  test("without a certificate where one is required gets an alert", async () => {
    const { port } = startEchoServer(authenticating(true));
    const client = new GnutlsClient(port);
    expect(await client.failure()).toBe("GNUTLS_E_FATAL_ALERT_RECEIVED alert=40");
  });

  test.each([true, false])("resumes its session, extended master secret %s", async (ems) => {
    const { server, port } = startEchoServer(resuming);
    const first = await connectGnutls(port, { ems });
    const session = await first.session();
    await first.close();
    for (const text of ["resumed", "resumed again"]) {
      const client = new GnutlsClient(port, { ems, resume: session });
      expect(await client.established()).toMatchObject({ resumed: true, ems });
      await client.echoes(text);
      await client.close();
    }
    expect(counters(server).handshakesResumed).toBe(2);
  });

  test("resumes a session with its certificate, and is asked for anew", async () => {
    const { port, events } = startEchoServer((server) => {
      authenticating(true)(server);
      resuming(server);
    });
    const first = await connectGnutls(port, { certificate });
    const session = await first.session();
    await first.close();
    const second = new GnutlsClient(port, { certificate, resume: session });
    expect((await second.established()).resumed).toBe(true);
    await second.echoes("resumed");
    const subjects = events.of("SSLClientAuthentication").map((e) => e.CertSubject);
    expect(subjects).toEqual(Array(2).fill("CN=client.example, O=Example"));
  });

  test("finds its session refused once ReuseSSLSession is off, and shakes hands in full", async () => {
    const { server, port } = startEchoServer(resuming);
    const first = await connectGnutls(port);
    const session = await first.session();
    await first.close();
    server.Config("ReuseSSLSession=False");
    const second = new GnutlsClient(port, { resume: session });
    expect((await second.established()).resumed).toBe(false);
    await second.echoes("from the start");
  });

  test("loses the server's final flight, and gets it again", async () => {
    const { server, port } = startEchoServer(resuming);
    const proxy = await LossyProxy.start(port, ({ datagram, direction }) => {
      const final = direction === "toClient" && recordTypes(datagram).includes(ContentType.changeCipherSpec);
      return final && proxy.dropped.length === 0 ? "drop" : "pass";
    });
    const client = new GnutlsClient(proxy.port);
    expect((await client.established()).resumed).toBe(false);
    expect(proxy.dropped).toHaveLength(1);
    await client.echoes("complete");
    expect(counters(server).finalFlightsResent).toBe(1);
    expect(client.complaints).toEqual([]);

    const again = new GnutlsClient(port, { resume: await client.session() });
    expect((await again.established()).resumed).toBe(true);
  });
});
