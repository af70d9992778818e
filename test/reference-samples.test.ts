/**
 * The code samples of the component's reference, line by line: `+=` becomes `OnX =`, `Connections.Values`
 * becomes `Connections.values()`, Console becomes an array. Each is proved with a real client.
 */
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { Certificate, CertStoreTypes, DTLSServer } from "../src/index.js";
import { certificateFolder } from "./peers/certificates.js";
import { connect, OpensslClient } from "./peers/openssl-client.js";

const folder = certificateFolder();
const pathToCert = folder.pfx("cert", folder.selfSigned("cert_subject"), "cert_password");
const client = folder.selfSigned("client");

let console: string[] = [];
const writeLine = (line: string) => void console.push(line);
const shows = (line: string | RegExp) => vi.waitFor(() => expect(console.join("\n")).toMatch(line), 10_000);

beforeEach(() => {
  console = [];
});

function component(): DTLSServer {
  const dtlsserver = new DTLSServer();
  onTestFinished(() => dtlsserver.Shutdown());
  return dtlsserver;
}

test("the sample Getting Started listens until it is told to stop", async () => {
  const dtlsserver = component();
  dtlsserver.SSLCert = new Certificate(
    pathToCert,
    CertStoreTypes.cstPFXFile,
    "cert_password",
    "cert_subject",
  );
  dtlsserver.StartListening();
  writeLine(`Listening on: ${dtlsserver.LocalHost}:${dtlsserver.LocalPort}`);
  const loop = (async () => {
    while (dtlsserver.Listening) {
      await dtlsserver.DoEvents();
    }
  })();

  expect(console[0]).toMatch(/^Listening on: 0\.0\.0\.0:[1-9]\d*$/);
  await connect(dtlsserver.LocalPort);
  dtlsserver.StopListening();
  await loop;
});

function handlingIncomingConnections(dtlsserver: DTLSServer, answer: string): void {
  dtlsserver.OnConnected = (e) => {
    if (e.StatusCode === 0) {
      writeLine(`Successful connection from ${e.SourceAddr}:${e.SourcePort}`);
      writeLine(`ConnectionId: ${e.ConnectionId}`);
    } else {
      writeLine(`Connection failed from ${e.SourceAddr}:${e.SourcePort}`);
      writeLine(`Error code: ${e.StatusCode}`);
      writeLine(`Error description: ${e.Description}`);
    }
  };
  dtlsserver.OnSSLClientAuthentication = (e) => {
    if (e.Accept) return;
    writeLine(
      `Client provided the following certificate:\nIssuer: ${e.CertIssuer}\nSubject: ${e.CertSubject}`,
    );
    writeLine(`The following problems have been determined for this certificate: ${e.Status}`);
    writeLine("Would you like to accept anyways? [y/n] ");
    if (answer === "y") e.Accept = true;
  };
  dtlsserver.SSLCert = new Certificate(
    pathToCert,
    CertStoreTypes.cstPFXFile,
    "cert_password",
    "cert_subject",
  );
  dtlsserver.SSLAuthenticateClients = true;
  dtlsserver.StartListening();
  writeLine(`Listening on: ${dtlsserver.LocalHost}:${dtlsserver.LocalPort}`);
}

test("the sample Handling Incoming Connections: a client's certificate is accepted", async () => {
  const dtlsserver = component();
  handlingIncomingConnections(dtlsserver, "y");
  await connect(dtlsserver.LocalPort, { args: ["-cert", client.certificate, "-key", client.key] });
  await shows(/Subject: CN=client\n.*Certificate is self-signed\n/);
  await shows(/Successful connection from 127\.0\.0\.1:\d+\nConnectionId: 1$/);
});

test("the sample Handling Incoming Connections: a client's certificate is refused", async () => {
  const dtlsserver = component();
  handlingIncomingConnections(dtlsserver, "n");
  const args = ["-cert", client.certificate, "-key", client.key];
  await new OpensslClient(dtlsserver.LocalPort, { args }).says("alert unknown ca");
  await shows(
    /Connection failed from 127\.0\.0\.1:\d+\nError code: 404\nError description: Invalid certificate/,
  );
});

test("the sample Handling Incoming Connections: a client without a certificate fails", async () => {
  const dtlsserver = component();
  handlingIncomingConnections(dtlsserver, "y");
  new OpensslClient(dtlsserver.LocalPort);
  await shows(/Error code: 404\n/);
});

test("the sample Sending and Receiving Data sends to all, and shows what comes", async () => {
  const dtlsserver = component();
  dtlsserver.OnDataIn = (e) => {
    writeLine(`Packet received from: ${e.ConnectionId}`);
    writeLine(`Packet: ${e.Datagram}`);
  };
  dtlsserver.SSLCert = new Certificate(
    pathToCert,
    CertStoreTypes.cstPFXFile,
    "cert_password",
    "cert_subject",
  );
  dtlsserver.StartListening();
  writeLine(`Listening on: ${dtlsserver.LocalHost}:${dtlsserver.LocalPort}`);

  const peers = [await connect(dtlsserver.LocalPort), await connect(dtlsserver.LocalPort)];
  // Broadcast data
  for (const c of dtlsserver.Connections.values()) {
    dtlsserver.SendText(c.ConnectionId, "Hello world!");
  }
  await Promise.all(peers.map((peer) => peer.receives("Hello world!")));
  peers[0]?.send("from the client\n");
  await shows(/Packet received from: [12]\nPacket: from the client\n/);
});

test("the sample Removing Connections tells of each end", async () => {
  const dtlsserver = component();
  dtlsserver.OnDisconnected = (e) => {
    if (e.StatusCode === 0) {
      writeLine(`Connection removed: ${e.ConnectionId}`);
    } else {
      writeLine(`Connection removed: ${e.ConnectionId}`);
      writeLine(`Error code: ${e.StatusCode}`);
      writeLine(`Error description: ${e.Description}`);
    }
  };
  dtlsserver.DefaultIdleTimeout = 60; // Remove connections inactive for 60 seconds
  dtlsserver.SSLCert = new Certificate(
    pathToCert,
    CertStoreTypes.cstPFXFile,
    "cert_password",
    "cert_subject",
  );
  dtlsserver.StartListening();
  writeLine(`Listening on: ${dtlsserver.LocalHost}:${dtlsserver.LocalPort}`);

  const peers = await Promise.all([1, 2, 3].map(() => connect(dtlsserver.LocalPort)));
  await vi.waitFor(() => expect(dtlsserver.ConnectionCount).toBe(3));
  const [removed, ...others] = [...dtlsserver.Connections.keys()];
  dtlsserver.Disconnect(Number(removed));
  await shows(`Connection removed: ${removed}`);
  expect([...dtlsserver.Connections.keys()]).toEqual(others);
  for (const peer of peers) await peer.close();
  for (const id of others) await shows(`Connection removed: ${id}`);
  expect(dtlsserver.ConnectionCount).toBe(0);
  expect(console.join("\n")).not.toContain("Error");
});
