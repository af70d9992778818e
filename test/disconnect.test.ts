// Either side can end a connection, or idleness; both sides then know, and the server's listeners get a
// Disconnected event with code 0.
import { describe, expect, test } from "vitest";
import { counters, type DTLSError } from "../src/index.js";
import { LossyProxy } from "./network/lossy-proxy.js";
import { connect, OpensslClient } from "./peers/openssl-client.js";
import { startEchoServer, startServer } from "./peers/server.js";
import { eventually } from "./peers/waiting.js";

test("Disconnect tells the client by close_notify", async () => {
  const { server, port, events } = startEchoServer();
  const client = await connect(port);
  const { ConnectionId } = await events.first("Connected");
  server.Disconnect(ConnectionId);
  expect(server.ConnectionCount).toBe(0);
  expect(events.of("Disconnected")).toEqual([]);

  const ended = await events.first("Disconnected");
  expect([ended.ConnectionId, ended.StatusCode, ended.Description]).toEqual([ConnectionId, 0, "OK"]);
  // s_client goes with success at a close_notify, and stays for ever without one.
  expect(await client.exited).toEqual({ code: 0, signal: null });
});

test("what was sent before Disconnect arrives before the end", async () => {
  const { server, port } = startEchoServer((s) => {
    s.OnConnected = (e) => {
      s.SendText(e.ConnectionId, "farewell\n");
      s.Disconnect(e.ConnectionId);
    };
  });
  const client = new OpensslClient(port);
  await client.exited;
  expect(client.received.toString()).toBe("farewell\n");
  expect(server.ConnectionCount).toBe(0);
});

test("the client's close_notify is a normal end", async () => {
  const { server, port, events } = startEchoServer();
  const client = await connect(port);
  await client.echoes("last words\n");
  expect((await client.close()).code).toBe(0);
  const ended = await events.first("Disconnected");
  expect([ended.StatusCode, ended.Description]).toEqual([0, "OK"]);
  expect(server.ConnectionCount).toBe(0);
});

test("a connection that ends takes no other with it", async () => {
  const { server, port, events } = startEchoServer();
  const [stays, leaves] = [await connect(port), await connect(port)];
  const [, second] = await events.count("Connected", 2);
  server.Disconnect(second?.ConnectionId ?? 0);
  await leaves.exited;
  await stays.echoes("still here\n");
  expect(server.ConnectionCount).toBe(1);
});

test("a listener may end its own connection in the middle of its data", async () => {
  const { server, port, events } = startEchoServer((s) => {
    s.OnDataIn = (e) => s.Disconnect(e.ConnectionId);
  });
  const client = await connect(port);
  client.send("one\n");
  await client.exited;
  await events.first("Disconnected");
  expect(events.of("DataIn").map((e) => e.Datagram)).toEqual(["one\n"]);
  expect(server.ConnectionCount).toBe(0);
});

test("a connection idle for DefaultIdleTimeout seconds is closed, one that is used is not", async () => {
  const { server, port, events } = startEchoServer((s) => {
    s.DefaultIdleTimeout = 1;
    s.Config("LogLevel=1");
  });
  const reasons: string[] = [];
  server.OnLog = (e) => reasons.push(e.Message);
  const idle = await connect(port);
  const busy = await connect(port);
  const [first] = await events.count("Connected", 2);
  const timer = setInterval(() => busy.send("busy\n"), 100);
  try {
    const ended = await events.first("Disconnected");
    expect([ended.ConnectionId, ended.StatusCode, ended.Description]).toEqual([first?.ConnectionId, 0, "OK"]);
    expect(counters(server).connectionsIdle).toBe(1);
    expect(server.ConnectionCount).toBe(1);
  } finally {
    clearInterval(timer);
  }
  expect((await idle.exited).code).toBe(0);
  expect(reasons).toContain(`Connection ${first?.ConnectionId} closed: idle for 1 seconds.`);
});

describe("data and the end of its connection in one batch", () => {
  /** A client whose datagrams wait for `release` from now on. */
  async function connectHeld(port: number): Promise<{ client: OpensslClient; proxy: LossyProxy }> {
    const proxy = await LossyProxy.start(port);
    const client = await connect(proxy.port);
    proxy.rule = ({ direction }) => (direction === "toServer" ? "hold" : "pass");
    return { client, proxy };
  }

  test("a listener of a client's last data may make any call: what it sends is lost", async () => {
    const closed: number[] = [];
    const seen: unknown[] = [];
    const { server, port, events } = startServer((s) => {
      s.OnDataIn = (e) => {
        closed.push(counters(s).connectionsClosed);
        seen.push(s.ConnectionCount, s.ConnectionRemoteHost[e.ConnectionId], [...s.Connections.keys()]);
        seen.push(s.Connections.get(e.ConnectionId)?.RemoteHost, s.ConnectionLocalHost[e.ConnectionId]);
        s.SendBytes(e.ConnectionId, e.DatagramB);
        s.SendText(e.ConnectionId, "too late");
        s.PauseData(e.ConnectionId);
        s.ProcessData(e.ConnectionId);
        s.Disconnect(e.ConnectionId);
      };
    });
    const { client, proxy } = await connectHeld(port);
    const { ConnectionId } = await events.first("Connected");
    client.send("last words\n");
    await eventually("the data", () => proxy.held.length === 1);
    await client.close();
    await eventually("the close_notify", () => proxy.held.length === 2);
    proxy.release();

    const ended = await events.first("Disconnected");
    expect([ended.ConnectionId, ended.StatusCode]).toEqual([ConnectionId, 0]);
    // The core had seen the end when the listener was called; the listener had not.
    expect(closed).toEqual([1]);
    expect(seen).toEqual([1, "127.0.0.1", [ConnectionId], "127.0.0.1", "127.0.0.1"]);
    await eventually("the id to be unknown", () => {
      try {
        server.SendText(ConnectionId, "much too late");
        return false;
      } catch (error) {
        return (error as DTLSError).code === 126;
      }
    });
  });

  test("after Disconnect the listener gets nothing more of that connection, and calls for it throw", async () => {
    const { server, port, events } = startServer((s) => {
      s.OnDataIn = (e) => {
        s.Disconnect(e.ConnectionId);
        expect(() => s.SendText(e.ConnectionId, "x")).toThrow(expect.objectContaining({ code: 126 }));
        expect(() => s.Disconnect(e.ConnectionId)).toThrow(expect.objectContaining({ code: 126 }));
      };
    });
    const { client, proxy } = await connectHeld(port);
    client.send("one\n");
    await eventually("the first datagram", () => proxy.held.length === 1);
    client.send("two\n");
    await eventually("the second datagram", () => proxy.held.length === 2);
    proxy.release();
    await client.exited;
    await events.first("Disconnected");
    expect(counters(server).applicationRecordsReceived).toBe(2);
    expect(events.of("DataIn").map((e) => e.Datagram)).toEqual(["one\n"]);
  });

  test("in Disconnected the id is unknown to every call", async () => {
    const outcomes: unknown[] = [];
    const attempt = (call: () => unknown): void => {
      try {
        outcomes.push(call());
      } catch (error) {
        outcomes.push((error as DTLSError).code);
      }
    };
    const { port, events } = startServer((s) => {
      s.OnDataIn = () => {};
      s.OnDisconnected = (e) => {
        attempt(() => s.SendText(e.ConnectionId, "x"));
        attempt(() => s.Disconnect(e.ConnectionId));
        attempt(() => s.PauseData(e.ConnectionId));
        attempt(() => s.ProcessData(e.ConnectionId));
        attempt(() => s.ConnectionRemoteHost[e.ConnectionId]);
        outcomes.push(s.ConnectionCount);
      };
    });
    const { client, proxy } = await connectHeld(port);
    client.send("last words\n");
    await eventually("the data", () => proxy.held.length === 1);
    await client.close();
    await eventually("the close_notify", () => proxy.held.length === 2);
    proxy.release();
    await events.first("Disconnected");
    expect(outcomes).toEqual([126, 126, 126, 126, 126, 0]);
  });

  test("StopListening in the first of its data takes nothing from the rest", async () => {
    const lines: string[] = [];
    const { server, port, events } = startServer((s) => {
      s.OnLog = (e) => lines.push(e.Message);
      s.OnDataIn = () => s.StopListening();
    });
    const { client, proxy } = await connectHeld(port);
    for (const [index, text] of ["one\n", "two\n", "three\n"].entries()) {
      client.send(text);
      await eventually(text, () => proxy.held.length === index + 1);
    }
    await client.close();
    await eventually("the close_notify", () => proxy.held.length === 4);
    proxy.release();
    const { ConnectionId } = await events.first("Disconnected");
    expect(events.of("DataIn").map((e) => e.Datagram)).toEqual(["one\n", "two\n", "three\n"]);
    expect(lines).toContain(`Connection ${ConnectionId} closed: closed by peer.`);
    await server.Shutdown();
  });
});
