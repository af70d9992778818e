// However a process or a worker ends, it ends as any other would, without a crash, and its clients are told.
import { describe, expect, test } from "vitest";
import { connect, type OpensslClient } from "./peers/openssl-client.js";
import { type Program, runProgram } from "./peers/program.js";

/** Two clients of a program, one of which has just given it the sign. */
async function connectTwo(program: Program): Promise<OpensslClient[]> {
  const port = Number(await program.prints("port"));
  const clients = [await connect(port), await connect(port)];
  clients[0]?.send("the sign\n");
  return clients;
}

/** s_client goes with success at a close_notify, and stays for ever without one. */
async function expectCloseNotify(clients: OpensslClient[]): Promise<void> {
  const exits = await Promise.all(clients.map((client) => client.exited));
  expect(exits).toEqual(clients.map(() => ({ code: 0, signal: null })));
}

/** However the socket is served. */
const sockets = [["SocketPath=uv"], ["SocketPath=linux"], ["UseConnection=True"]];

describe.each(sockets)("a process with connections open, %s", (...settings) => {
  test("process.exit(): its code, nothing on standard error, close_notify to the clients", async () => {
    const program = runProgram("ends-with-connections.mjs", ["process.exit"], { settings });
    const clients = await connectTwo(program);
    expect(await program.exited).toEqual({ code: 0, stderr: "" });
    await expectCloseNotify(clients);
    // What it sent before its end has not been lost either.
    expect(clients[0]?.received.toString()).toBe("the sign\n");
  });

  test("Shutdown: it goes by itself, with the code that was set", async () => {
    const program = runProgram("ends-with-connections.mjs", ["process.exitCode and Shutdown"], { settings });
    const clients = await connectTwo(program);
    expect(await program.exited).toEqual({ code: 7, stderr: "" });
    await expectCloseNotify(clients);
  });

  test.each(["an uncaught error", "an unhandled rejection"])("%s", async (end) => {
    const program = runProgram("ends-with-connections.mjs", [end], { settings });
    const clients = await connectTwo(program);
    const { code, stderr } = await program.exited;
    expect(code).toBe(1);
    expect(stderr).toContain("Error: this is the end");
    await expectCloseNotify(clients);
  });
});

describe.each(sockets)("workers, %s", (...settings) => {
  test("servers in several workers, the addon in no other thread, end with their process", async () => {
    const program = runProgram("workers.mjs", ["3"], { settings });
    const ports = await Promise.all([0, 1, 2].map((index) => program.prints(`port${index}`)));
    const clients = await Promise.all(ports.map((port) => connect(Number(port))));
    await Promise.all(clients.map((client, index) => client.echoes(`to worker ${index}\n`)));
    program.tell("leave");
    await expectCloseNotify(clients);
    expect(await program.exited).toEqual({ code: 0, stderr: "" });
  });

  test("a worker terminated with connections open, round after round; the others go on", async () => {
    const program = runProgram("workers.mjs", ["2"], { settings });
    const lasting: OpensslClient[] = [];
    for (let round = 0; round < 5; round++) {
      const port = Number(await program.prints(`port${round}`));
      const clients = [await connect(port), await connect(port)];
      const neighbour = await connect(Number(await program.prints(`port${round + 1}`)));
      await Promise.all(clients.map((client) => client.echoes("before the end\n")));
      program.tell("replace");
      await expectCloseNotify(clients);
      await program.prints(`terminated${round}`);
      await neighbour.echoes("not my worker\n");
      lasting.push(neighbour);
    }
    program.tell("leave");
    await expectCloseNotify(lasting);
    expect(await program.exited).toEqual({ code: 0, stderr: "" });
  });

  test("the last worker that has the addon is terminated, and the process lives on without it", async () => {
    const program = runProgram("workers.mjs", ["1"], { settings });
    const client = await connect(Number(await program.prints("port0")));
    await client.echoes("before the end\n");
    program.tell("terminate");
    await expectCloseNotify([client]);
    await program.prints("terminated0");
    program.tell("leave");
    expect(await program.exited).toEqual({ code: 0, stderr: "" });
  });
});
