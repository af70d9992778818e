// Events reach JavaScript whole and in order, whatever the table holds and whatever listeners do.
import { AsyncLocalStorage } from "node:async_hooks";
import { existsSync, readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, inject, test } from "vitest";
import { EventKind } from "../../src/native.js";
import { connect } from "../peers/openssl-client.js";
import { block } from "../peers/waiting.js";
import { makeTable, RecordingEndpoint } from "./native-endpoint.js";

const clients = 6;
const size = 8000; // six of them are more than a slab holds

/** What lies unread in the socket's receive buffer, with the system's overhead; undefined outside Linux. */
function unreadBytes(port: number): number | undefined {
  if (!existsSync("/proc/net/udp")) return undefined;
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  // sl, local and remote address, state, tx_queue:rx_queue
  const socket = readFileSync("/proc/net/udp", "utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .find(([, address]) => address === local);
  return Number.parseInt(socket?.[4]?.split(":")[1] ?? "0", 16);
}

/** Datagrams of several clients that lie in the socket when the loop turns: one batch. */
async function batchFrom(server: RecordingEndpoint): Promise<void> {
  const connected = await Promise.all(Array.from({ length: clients }, () => connect(server.port)));
  await server.count(EventKind.connected, clients);
  for (const [index, client] of connected.entries()) client.send(Buffer.alloc(size, index));
  for (let waited = 0; waited < inject("patience"); waited += 50) {
    block(50);
    // The overhead at most doubles a datagram's size: half of them are there.
    const unread = unreadBytes(server.port);
    if (unread === undefined ? waited >= 500 : unread >= clients * size) return;
  }
  throw new Error("waited in vain for the clients' datagrams");
}

function bytesOf(server: RecordingEndpoint): Map<number, number> {
  const perConnection = new Map<number, number>();
  for (const { id, bytes } of server.of(EventKind.data)) {
    expect(bytes.equals(Buffer.alloc(bytes.length, bytes[0]))).toBe(true);
    perConnection.set(id, (perConnection.get(id) ?? 0) + bytes.length);
  }
  return perConnection;
}

const all = new Map(Array.from({ length: clients }, (_, index) => [index + 1, size]));

async function untilAllArrived(server: RecordingEndpoint): Promise<void> {
  const total = () => server.of(EventKind.data).reduce((sum, { bytes }) => sum + bytes.length, 0);
  await server.until("all bytes", () => total() >= clients * size);
}

test("a batch comes in one call, unless its bytes are more than a slab takes", async () => {
  const server = new RecordingEndpoint();
  const slabs: number[] = [];
  server.onCall = (_, slab) => {
    if (!slab) return;
    expect(slab.byteOffset).toBe(0);
    expect(slab.byteLength).toBe(slab.buffer.byteLength);
    slabs.push(slab.byteLength);
  };
  await batchFrom(server);
  await untilAllArrived(server);
  expect(Math.max(...server.calls)).toBeGreaterThan(1);
  expect(Math.max(...slabs)).toBeGreaterThan(size);
  expect(Math.max(...slabs)).toBeLessThanOrEqual(32 * 1024);
  expect(bytesOf(server)).toEqual(all);
});

test("a table of a single event gets them one by one", async () => {
  const server = new RecordingEndpoint(makeTable(1));
  await batchFrom(server);
  await untilAllArrived(server);
  expect(Math.max(...server.calls)).toBe(1);
  expect(bytesOf(server)).toEqual(all);
});

test("the rest of a batch is delivered after a close in the middle of it, then the events of the close", async () => {
  const server = new RecordingEndpoint();
  server.onReport = ({ kind }) => {
    if (kind === EventKind.data) server.endpoint.close();
  };
  await batchFrom(server);
  await server.released();
  const kinds = server.reports.map(({ kind }) => kind);
  const data = server.of(EventKind.data).length;
  expect(data).toBeGreaterThan(1);
  expect(kinds.slice(-clients - data, -clients)).toEqual(new Array(data).fill(EventKind.data));
  expect(kinds.slice(-clients)).toEqual(new Array(clients).fill(EventKind.disconnected));
});

test("calls made by listeners never come back as nested calls, and promises run after the batch", async () => {
  const server = new RecordingEndpoint();
  let depth = 0;
  const depths: number[] = [];
  server.onReport = ({ kind, id }) => {
    depth++;
    depths.push(depth);
    if (kind === EventKind.data) server.endpoint.disconnect(id);
    queueMicrotask(() => depths.push(depth));
    depth--;
  };
  let running = false;
  server.onCall = () => {
    expect(running).toBe(false);
    running = true;
    queueMicrotask(() => {
      running = false;
    });
  };
  await batchFrom(server);
  await server.count(EventKind.disconnected, clients);
  expect(new Set(depths)).toEqual(new Set([0, 1]));
});

test("AsyncLocalStorage keeps the store of the bind, through garbage collections", async () => {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  const storage = new AsyncLocalStorage<string>();
  const server = storage.run("bound here", () => new RecordingEndpoint());
  const stores = new Set<string | undefined>();
  server.onCall = () => stores.add(storage.getStore());
  const client = await connect(server.port);
  for (let round = 1; round <= 3; round++) {
    collectGarbage();
    client.send("data");
    await server.count(EventKind.data, round);
  }
  expect(stores).toEqual(new Set(["bound here"]));
});
