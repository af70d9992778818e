// A server whose parent has it meet a full or refusing socket: see outgoing-queue.test.ts.
import { readFileSync } from "node:fs";
import { EVENT_STRIDE, EventKind, native } from "../../dist/native.js";

const { pfx, settings, security, bindOptions } = JSON.parse(process.argv[2]);
const table = new Int32Array(256 * EVENT_STRIDE);
const errors = [];
let connection = 0;

const endpoint = new native.Endpoint(settings, 1, table, (count, slab) => {
  for (let event = 0; event < count; event++) {
    const [kind, id, , , , errno, offset, length] = table.subarray(event * EVENT_STRIDE);
    if (kind === EventKind.connectionRequest) endpoint.answerRequest(id, true);
    if (kind === EventKind.connected) {
      connection = id;
      process.send({ connected: true });
    }
    if (kind === EventKind.error)
      errors.push({ id, errno, reason: Buffer.from(slab.subarray(offset, offset + length)).toString() });
  }
});
const [entry] = native.openStore(readFileSync(pfx), "secret", 0);
endpoint.setSecurityContext(
  new native.SecurityContext({
    certificates: [entry.certificate],
    privateKey: entry.privateKey,
    ...security,
    ticketSecret: new Uint8Array(0),
  }),
);
endpoint.bind(bindOptions);
process.send({ port: endpoint.localAddress().port });

const commands = {
  socket: (mode) => {
    process.env.FULL_SOCKET = mode;
  },
  // Each send's SendResult; a turn of the loop after every `turn` of them.
  send: async (count, size, turn) => {
    const results = [];
    for (let index = 0; index < count; index++) {
      const text = `${index} `.padEnd(size, ".").slice(0, size - 1);
      results.push(endpoint.send(connection, Buffer.from(`${text}\n`)));
      if ((index + 1) % turn === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    return results;
  },
  errors: () => errors,
  counters: () =>
    Object.fromEntries(endpoint.counters().map((value, index) => [native.seam.counters[index], value])),
  // In one turn, so that libuv has no time to send what waits.
  closeWithRoom: () => {
    process.env.FULL_SOCKET = "";
    endpoint.close();
  },
};

process.on("message", async ([command, ...parameters]) => {
  process.send({ done: true, result: await commands[command](...parameters) });
});
process.on("disconnect", () => process.exit());
