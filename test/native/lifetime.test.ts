// An endpoint lives from its bind to its last report, and leaves nothing behind.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { EventKind, native } from "../../src/native.js";
import { connect } from "../peers/openssl-client.js";
import { eventually } from "../peers/waiting.js";
import { loopback, makeTable, RecordingEndpoint, settings } from "./native-endpoint.js";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

test("an endpoint that nobody holds is collected: never bound, failed to bind, or closed", async () => {
  const count = 50;
  let collected = 0;
  const registry = new FinalizationRegistry(() => collected++);
  for (let index = 0; index < count; index++) {
    for (const prepare of ["none", "fail", "close"]) {
      // The callback refers to its own endpoint, as every real one does.
      const endpoint = new native.Endpoint(settings, 1, makeTable(), () => endpoint.nextId());
      registry.register(endpoint, index);
      if (prepare === "fail") expect(() => endpoint.bind({ ...loopback, host: "192.0.2.1" })).toThrow();
      if (prepare === "close") {
        endpoint.bind(loopback);
        endpoint.close();
      }
    }
  }
  await eventually("the endpoints to be collected", () => {
    collectGarbage();
    return collected === 3 * count;
  });
});

test("a bound endpoint lives on without anybody holding it", async () => {
  let calls = 0;
  const port = (() => {
    const endpoint = new native.Endpoint({ ...settings, reportDrops: true }, 1, makeTable(), () => {
      if (++calls === 1) endpoint.close();
    });
    endpoint.bind(loopback);
    return endpoint.localAddress().port;
  })();
  for (let round = 0; round < 3; round++) {
    collectGarbage();
    await setImmediate();
  }
  const socket = createSocket("udp4");
  socket.send("garbage", port, "127.0.0.1");
  await eventually("its report, and the last call after its close", () => calls === 2);
  socket.close();
});

test("a failed bind leaves nothing behind: the endpoint can be bound again", async () => {
  const blocker = createSocket("udp4").bind(0, "127.0.0.1");
  await once(blocker, "listening");
  const endpoint = new native.Endpoint(settings, 1, makeTable(), () => {});
  const options = { ...loopback, port: blocker.address().port };
  expect(() => endpoint.bind(options)).toThrow(
    expect.objectContaining({ code: "EADDRINUSE", syscall: "bind", errno: expect.any(Number) }),
  );
  expect(() => endpoint.bind({ ...loopback, host: "host.invalid" })).toThrow(
    expect.objectContaining({ code: "ENOTFOUND", syscall: "getaddrinfo" }),
  );
  expect(() => endpoint.bind({ ...loopback, host: "::1" })).toThrow(
    expect.objectContaining({ code: "EAFNOSUPPORT" }),
  );
  blocker.close();
  await once(blocker, "close");
  endpoint.bind(options);
  expect(endpoint.localAddress()).toEqual({ address: "127.0.0.1", port: options.port });
  expect(() => endpoint.bind(options)).toThrow("bound or closed before");
  endpoint.close();
  expect(() => endpoint.bind(options)).toThrow("bound or closed before");
});

test("close frees the address before it returns; its events come later, then one call with none", async () => {
  const server = new RecordingEndpoint();
  const client = await connect(server.port);
  await server.count(EventKind.connected, 1);
  const before = server.calls.length;
  server.endpoint.close();
  server.endpoint.close();
  expect(server.calls.length).toBe(before);
  const next = new native.Endpoint(settings, 1, makeTable(), () => {});
  next.bind({ ...loopback, port: server.port });
  next.close();
  await server.released();
  expect(server.of(EventKind.disconnected).length).toBe(1);
  expect(server.calls.filter((count) => count === 0)).toEqual([0]);
  expect(server.calls.at(-1)).toBe(0);
  await client.exited; // close_notify has reached it
});

test("calls after the end answer as if nobody were connected", async () => {
  const { endpoint } = new RecordingEndpoint();
  endpoint.close();
  expect(endpoint.send(1, Buffer.alloc(1))).toBe(1);
  expect(endpoint.disconnect(1)).toBe(false);
  expect(endpoint.connection(1)).toBeUndefined();
  expect(endpoint.connectionLocalAddress(1)).toBeUndefined();
  expect(endpoint.connectionIds()).toEqual([]);
  expect(() => endpoint.localAddress()).toThrow("EBADF");
});
