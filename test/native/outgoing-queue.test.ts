// What the kernel does not take at once waits, in order and within bounds; what it refuses is reported. On
// both paths to the socket.
import { type ChildProcess, execFileSync, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { SendResult, SocketPath } from "../../src/native.js";
import { certificateFile } from "../peers/certificates.js";
import { peerEnvironment } from "../peers/environment.js";
import { connect, type OpensslClient } from "../peers/openssl-client.js";
import { Watched } from "../peers/waiting.js";
import { loopback, security, settings } from "./native-endpoint.js";

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "openssl-dtls-test-"));
const preload = join(folder, "full-socket.so");

beforeAll(() => {
  const env = peerEnvironment();
  execFileSync("cc", ["-shared", "-fPIC", "-o", preload, here("full-socket.c"), "-ldl"], { env });
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Message {
  port?: number;
  connected?: boolean;
  done?: boolean;
  result?: unknown;
}

/** full-socket-server.mjs with one client connected. */
class FullSocketServer {
  readonly #child: ChildProcess;
  readonly #messages: Message[] = [];
  readonly #watched = new Watched();

  constructor(path: number) {
    const bindOptions = { ...loopback, path };
    const options = { pfx: certificateFile("ecdsa.pfx"), settings, security, bindOptions };
    const preloads = [process.env["LD_PRELOAD"], preload].filter(Boolean).join(" ");
    this.#child = fork(here("full-socket-server.mjs"), [JSON.stringify(options)], {
      env: { ...process.env, LD_PRELOAD: preloads },
      execArgv: [],
    });
    this.#child.on("message", (message: Message) => {
      this.#messages.push(message);
      this.#watched.changed();
    });
    onTestFinished(() => {
      this.#child.kill("SIGKILL");
    });
  }

  async connect(): Promise<OpensslClient> {
    const { port } = await this.#next("its port", ({ port }) => port !== undefined);
    const client = await connect(port as number);
    await this.#next("the connection", ({ connected }) => connected === true);
    return client;
  }

  async call<T>(command: string, ...parameters: unknown[]): Promise<T> {
    this.#child.send([command, ...parameters]);
    const { result } = await this.#next(`the result of ${command}`, ({ done }) => done === true);
    return result as T;
  }

  async #next(what: string, matches: (message: Message) => boolean): Promise<Message> {
    await this.#watched.until(what, () => this.#messages.some(matches));
    return this.#messages.splice(this.#messages.findIndex(matches), 1)[0] as Message;
  }
}

function tally(results: number[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const result of results) counts[result] = (counts[result] ?? 0) + 1;
  return counts;
}

function linesOf(client: OpensslClient): number[] {
  return client.received
    .toString()
    .split("\n")
    .slice(0, -1)
    .map((line) => Number.parseInt(line, 10));
}

describe.each([
  ["uv", SocketPath.uv],
  ["linux", SocketPath.linux],
])("path %s", (_, path) => {
  test("datagrams wait for a full socket and leave in their order", async () => {
    const server = new FullSocketServer(path);
    const client = await server.connect();
    await server.call("socket", "full");
    expect(tally(await server.call("send", 100, 20, 10))).toEqual({ [SendResult.sent]: 100 });
    expect(client.received.length).toBe(0);
    await server.call("socket", "");
    await client.receives(100 * 20);
    expect(linesOf(client)).toEqual(Array.from({ length: 100 }, (_, index) => index));
  });

  test("a sender that is faster than the network is told so: 1024 datagrams wait, and no more", async () => {
    const server = new FullSocketServer(path);
    await server.connect();
    await server.call("socket", "full");
    const results = await server.call<number[]>("send", 1500, 20, 16);
    const sent = results.indexOf(SendResult.blocked);
    expect(sent).toBeGreaterThanOrEqual(1024);
    expect(sent).toBeLessThanOrEqual(1024 + 64);
    expect(new Set(results.slice(0, sent))).toEqual(new Set([SendResult.sent]));
    expect(new Set(results.slice(sent))).toEqual(new Set([SendResult.blocked]));
    expect(await server.call("counters")).toMatchObject({ sends_blocked: 1500 - sent, sends_failed: 0 });
  });

  test("large datagrams fill the queue sooner: 256 KiB wait", async () => {
    const server = new FullSocketServer(path);
    await server.connect();
    await server.call("socket", "full");
    const sent = (await server.call<number[]>("send", 100, 8192, 1)).indexOf(SendResult.blocked);
    expect(sent).toBeGreaterThanOrEqual(31);
    expect(sent).toBeLessThanOrEqual(33);
    expect(await server.call("counters")).toMatchObject({ sends_failed: 0 });
  });

  test("what the system refuses is an error of its connection, at most one a second; the next one leaves", async () => {
    const server = new FullSocketServer(path);
    const client = await server.connect();
    await server.call("socket", "refuse");
    expect(tally(await server.call("send", 3, 20, 1))).toEqual({ [SendResult.sent]: 3 });
    await server.call("socket", "");
    await server.call("send", 1, 20, 1);
    expect(linesOf(await client.receives(20).then(() => client))).toEqual([0]);
    expect(await server.call("errors")).toEqual([
      { id: 1, errno: 1, reason: "EPERM: operation not permitted" },
    ]);
    expect(await server.call("counters")).toMatchObject({ sends_failed: 3 });
  });

  test("close offers the kernel once more what waits, and close_notify behind it", async () => {
    const server = new FullSocketServer(path);
    const client = await server.connect();
    await server.call("socket", "full");
    await server.call("send", 3, 20, 1);
    await server.call("closeWithRoom");
    await client.exited;
    expect(linesOf(client)).toEqual([0, 1, 2]);
  });
});

test("path linux: what the queue of the device has dropped is lost, as on any network, and holds up nothing", async () => {
  const server = new FullSocketServer(SocketPath.linux);
  const client = await server.connect();
  await server.call("socket", "lose");
  expect(tally(await server.call("send", 3, 20, 1))).toEqual({ [SendResult.sent]: 3 });
  await server.call("socket", "");
  await server.call("send", 2, 30, 1);
  await client.receives("1 ");
  expect(linesOf(client)).toEqual([0, 1]);
  expect(client.received.length).toBe(60);
  expect(await server.call("errors")).toEqual([]);
});
