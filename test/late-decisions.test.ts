import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { counters } from "../src/index.js";
import { connect, OpensslClient } from "./peers/openssl-client.js";
import { startEchoServer, startServer } from "./peers/server.js";
import { eventually } from "./peers/waiting.js";

/** A promise and what resolves it. */
function held(): { promise: Promise<void>; release: () => void } {
  let release = (): void => {};
  const promise = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { promise, release };
}

test("a request waits for an async listener, and the handshake goes on when it accepts", async () => {
  const { promise, release } = held();
  const { port, events } = startEchoServer((server) => {
    server.OnConnectionRequest = () => promise;
  });
  const client = new OpensslClient(port);
  await events.first("ConnectionRequest");
  await delay(50);
  expect(client.status).not.toContain("CONNECTION ESTABLISHED");
  release();
  await client.established();
  await client.echoes("hello\n");
});

test("a request refused by an async listener draws an alert, and no Connected", async () => {
  const { port, events } = startServer((server) => {
    server.OnConnectionRequest = async (e) => {
      await delay(10);
      e.Accept = false;
    };
  });
  await new OpensslClient(port).says("alert access denied");
  expect(events.names()).toEqual(["ConnectionRequest"]);
});

test("a listener that rejects refuses, and Error tells of it", async () => {
  const { port, events } = startServer((server) => {
    server.OnConnectionRequest = () => Promise.reject(new Error("no database"));
  });
  await new OpensslClient(port).says("alert access denied");
  const error = await events.first("Error");
  expect(error).toMatchObject({ ConnectionId: 0, ErrorCode: 10022 });
  expect(error.Description).toContain("listener failed (ConnectionRequest): no database");
});

test("the socket closes with a request that is refused after StopListening", async () => {
  const { promise, release } = held();
  const { server, port, events } = startServer((subject) => {
    subject.OnConnectionRequest = async (e) => {
      await promise;
      e.Accept = false;
    };
  });
  new OpensslClient(port);
  await events.first("ConnectionRequest");
  server.StopListening();
  expect(server.LocalPort).toBe(port);
  release();
  await eventually("the socket to close", () => server.LocalPort === 0);
});

test("an answer that comes after Shutdown is of no consequence", async () => {
  const { promise, release } = held();
  const { server, port, events } = startServer((subject) => {
    subject.OnConnectionRequest = () => promise;
  });
  new OpensslClient(port);
  await events.first("ConnectionRequest");
  await server.Shutdown();
  release();
  await promise;
  server.StartListening();
  server.OnConnectionRequest = null;
  await connect(server.LocalPort);
  expect((await events.first("Connected")).StatusCode).toBe(0);
  expect(counters(server)).toMatchObject({ connectionRequests: 2, handshakesCompleted: 1 });
});

test("an async DataIn listener that fails is reported, and its connection goes on", async () => {
  const { port, events } = startServer((server) => {
    server.OnDataIn = async (e) => {
      server.SendBytes(e.ConnectionId, e.DatagramB);
      throw new Error("full disk");
    };
  });
  const client = await connect(port);
  await client.echoes("one\n");
  await client.echoes("two\n");
  const errors = await events.count("Error", 2);
  expect(errors.map((e) => e.ConnectionId)).toEqual([1, 1]);
  expect(errors[0]?.Description).toContain("full disk");
});
