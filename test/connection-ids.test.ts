import { expect, test } from "vitest";
import { certificate } from "./peers/certificates.js";
import { connect } from "./peers/openssl-client.js";
import { startServer } from "./peers/server.js";

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
