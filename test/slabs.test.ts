// A datagram belongs to its listener for good: nothing that comes later, and nothing that is done to another,
// changes it; and what nobody holds any more is collected.
import { MessageChannel } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import { deliverAsOneBatch } from "./peers/batch.js";
import { connect } from "./peers/openssl-client.js";
import { runProgram } from "./peers/program.js";
import { startServer } from "./peers/server.js";

test("datagrams that are kept do not change", async () => {
  const { server, port, events } = startServer();
  const kept: { datagram: Buffer; copy: string }[] = [];
  server.OnDataIn = (e) => {
    kept.push({ datagram: e.DatagramB, copy: e.DatagramB.toString("latin1") });
    server.SendText(e.ConnectionId, "next\n");
  };
  const client = await connect(port);
  for (let round = 0; round < 100; round++) {
    const size = [1, 40, 1200, 4000, 8192][round % 5] ?? 1;
    client.send(Buffer.alloc(size, round + 1));
    await client.receives((round + 1) * 5);
  }
  expect(events.of("DataIn").length).toBeGreaterThanOrEqual(100);
  for (const { datagram, copy } of kept) expect(datagram.toString("latin1")).toBe(copy);
});

test("a small datagram does not keep the memory of a large batch", async () => {
  const target = startServer();
  let kept: Buffer[] = [];
  target.server.OnDataIn = (e) => kept.push(e.DatagramB);
  const clients = [await connect(target.port), await connect(target.port)];
  const datagrams = [Buffer.from("s"), Buffer.alloc(8000, "l")];
  await deliverAsOneBatch(
    target,
    clients,
    (index) => datagrams[index] ?? "",
    () => {
      kept = [];
    },
  );
  const [small, large] = kept.sort((a, b) => a.length - b.length);
  expect([small?.length, large?.length]).toEqual([1, 8000]);
  expect(small?.buffer).not.toBe(large?.buffer);
});

test("a listener that tries to transfer a datagram's memory takes nothing from its neighbours", async () => {
  const target = startServer();
  let kept: Buffer[] = [];
  target.server.OnDataIn = (e) => kept.push(e.DatagramB);
  const clients = [await connect(target.port), await connect(target.port)];
  await deliverAsOneBatch(
    target,
    clients,
    (index) => Buffer.alloc(3000, index + 1),
    () => {
      kept = [];
    },
  );
  const [one, two] = kept as [Buffer, Buffer];
  expect(one.buffer).toBe(two.buffer);

  const { port1, port2 } = new MessageChannel();
  try {
    // Node 20 sends a copy; since 21 it throws DataCloneError.
    const transfer = () => port1.postMessage(one, [one.buffer as ArrayBuffer]);
    if (Number(process.versions.node.split(".")[0]) >= 21) {
      expect(transfer).toThrow(expect.objectContaining({ name: "DataCloneError" }));
    } else {
      transfer();
    }
  } finally {
    port1.close();
    port2.close();
  }
  expect([one.length, two.length]).toEqual([3000, 3000]);
  expect([one[0], two[0]].sort()).toEqual([1, 2]);
});

describe("what nobody holds is collected", () => {
  test.each(["that never listened", "that was shut down"])("a server %s", async (what) => {
    const program = runProgram("collected-server.mjs", [what], { nodeOptions: ["--expose-gc"] });
    expect(await program.exited).toEqual({ code: 0, stderr: "" });
    expect(program.stdout).toBe("collected\n");
  });
});
