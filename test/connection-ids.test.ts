import { expect, onTestFinished, test } from "vitest";
import { selectionOf } from "../src/certificate/certificate.js";
import { identityOf } from "../src/certificate/selection.js";
import { Endpoint, type EndpointHandler } from "../src/endpoint.js";
import { native } from "../src/native.js";
import { connect } from "./peers/openssl-client.js";
import { certificate, startServer } from "./peers/server.js";
import { Watched } from "./peers/waiting.js";

test("ids are never used again: not after a restart of listening, a Shutdown or a Reset", async () => {
  const { server, port, events } = startServer();
  await connect(port);
  await events.count("Connected", 1);
  server.StopListening();
  server.StartListening();
  await connect(port);
  await events.count("Connected", 2);
  await server.Shutdown();
  server.StartListening();
  await connect(server.LocalPort);
  await events.count("Connected", 3);
  server.Reset();
  server.SSLCert = certificate("ecdsa");
  server.LocalHost = "127.0.0.1";
  server.StartListening();
  await connect(server.LocalPort);
  const connected = await events.count("Connected", 4);
  expect(connected.map((e) => e.ConnectionId)).toEqual([1, 2, 3, 4]);
});

test("ids past 32 bits cross into JavaScript whole", async () => {
  const first = 2 ** 52 + 2 ** 32 + 1;
  const seen: [string, number][] = [];
  const watched = new Watched();
  const note = (what: string, id: number): void => {
    seen.push([what, id]);
    watched.changed();
  };
  const handler: EndpointHandler = {
    wantsData: () => true,
    connectionRequest: (id, _address, _port, answer) => {
      note("requested", id);
      answer(true);
    },
    clientCertificate: () => {},
    connected: (id) => note("connected", id),
    handshakeFailed: (id) => note("failed", id),
    data: (id, payload) => note(payload.toString(), id),
    disconnected: (id) => note("disconnected", id),
    error: (id) => note("error", id),
    progress: () => {},
    limitReached: () => {},
    dropped: () => {},
    batchEnd: () => {},
    released: () => note("released", 0),
  };
  const settings = {
    maxConnections: 10,
    maxHandshakes: 10,
    maxHandshakesPerHost: 10,
    maxConnectionsPerHost: 0,
    maxPacketSize: 65535,
    handshakeMtu: 1200,
    handshakeTimeout: 60_000,
    idleTimeout: 0,
    pauseBound: 65536,
    reportProgress: false,
    reportDrops: false,
  };
  const endpoint = new Endpoint(settings, first, handler, (report) => report());
  onTestFinished(() => endpoint.close());
  endpoint.bind({ host: "127.0.0.1", port: 0, ipv6: false, receiveBuffer: 0, sendBuffer: 0 });
  const identity = identityOf(selectionOf(certificate("ecdsa")));
  if (!identity) throw new Error("the test's certificate has no key");
  endpoint.setSecurityContext(
    new native.SecurityContext({ ...identity, requestClientCertificate: false, cipherList: "", groups: "" }),
  );
  const client = await connect(endpoint.localAddress().port);
  expect(endpoint.connectionIds()).toEqual([first]);
  client.send("hello\n");
  await watched.until("the text to arrive", () => seen.length === 3);
  endpoint.close();
  await watched.until("the end", () => seen.length === 5);
  expect(seen).toEqual([
    ["requested", first],
    ["connected", first],
    ["hello\n", first],
    ["disconnected", first],
    ["released", 0],
  ]);
  expect(endpoint.nextId()).toBe(first + 1);
});
