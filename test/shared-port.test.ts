// ShareLocalPort: processes that share a port share its clients. Without it nobody else gets the port.
import { expect, test } from "vitest";
import { connect, type OpensslClient } from "./peers/openssl-client.js";
import { type Program, runProgram } from "./peers/program.js";
import { makeServer, startServer } from "./peers/server.js";

const clientCount = 24;
const inUse = expect.objectContaining({ code: 10048, systemCode: "EADDRINUSE" });

async function shareWith(port: string, settings: string[]): Promise<Program> {
  const program = runProgram("settings-server.mjs", [], {
    settings: ["ShareLocalPort=True", `LocalPort=${port}`, ...settings],
  });
  await program.prints("port");
  return program;
}

/** The process that answers; it must be the same one as before. */
async function serverOf(client: OpensslClient, text: string): Promise<number> {
  const already = client.received.length;
  client.send(`${text}\n`);
  await client.receives(` ${text}\n`);
  return Number(/^(\d+) /.exec(client.received.subarray(already).toString())?.[1]);
}

test.each([
  ["on one address", []],
  ["on all addresses of both families", ["LocalHost=", "UseIPv6=True"]],
  ["by libuv's handle", ["SocketPath=uv"]],
])("two processes share a port, and each serves its clients to the end: %s", async (_, settings) => {
  const first = await shareWith("0", settings);
  const port = await first.prints("port");
  const second = await shareWith(port, settings);
  const clients = await Promise.all(Array.from({ length: clientCount }, () => connect(Number(port))));

  const servers = await Promise.all(clients.map((client) => serverOf(client, "one")));
  expect(new Set(servers)).toEqual(new Set([first.pid, second.pid]));
  expect(await Promise.all(clients.map((client) => serverOf(client, "two")))).toEqual(servers);

  // One leaves: its clients hear so, those of the other one and whoever comes now are served.
  first.tell("leave");
  await Promise.all(
    clients.filter((_, index) => servers[index] === first.pid).map((client) => client.exited),
  );
  const staying = clients.filter((_, index) => servers[index] === second.pid);
  staying.push(await connect(Number(port)), await connect(Number(port)));
  expect(new Set(await Promise.all(staying.map((client) => serverOf(client, "three"))))).toEqual(
    new Set([second.pid]),
  );
  expect(await first.exited).toEqual({ code: 0, stderr: "" });
});

test.each(["SocketPath=uv", "SocketPath=linux"])(
  "a port is shared only if all want it: 10048, %s",
  async (path) => {
    const { port } = startServer((server) => server.Config(path));
    const { server } = makeServer();
    server.LocalPort = port;
    server.Config(path);
    expect(() => server.StartListening()).toThrow(inUse);
    server.Config("ShareLocalPort=True");
    expect(() => server.StartListening()).toThrow(inUse);

    const sharing = startServer((subject) => {
      subject.Config(path);
      subject.Config("ShareLocalPort=True");
    });
    const { server: alone } = makeServer();
    alone.LocalPort = sharing.port;
    alone.Config(path);
    expect(() => alone.StartListening()).toThrow(inUse);
    alone.Config("ShareLocalPort=True");
    alone.StartListening();
    expect(alone.LocalPort).toBe(sharing.port);
  },
);
