// Memory of an idle established connection, in the whole server process: what RSS grows by from the first
// number of connections to each further one, divided by the connections that came.
//
//   node bench/idle-memory.mjs [--connections 1000,10000,50000] [--at-once 128] [--greet 1] [--wait 0]
//                              [--hosts 1048576]
//
// The clients are another process, each at an address of its own. With --greet 1 each has one datagram echoed
// before it falls silent, which proves its connection; with 0 it goes silent right after its handshake. At
// the end every 250th connection must echo. The server collects its garbage before each reading, --wait
// seconds after the last handshake.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure, main } from "../scripts/lib/run.mjs";
import { Load, makeCertificate, options, prepare, Server } from "./harness.mjs";
import { processMemory } from "./process-memory.mjs";

const megabytes = (bytes) => (bytes / 1e6).toFixed(1);

const columns = {
  connections: (row) => row.connections,
  "RSS MB": (row) => megabytes(row.resident),
  "bytes/connection": (row, first) =>
    row === first ? "-" : Math.round((row.resident - first.resident) / (row.connections - first.connections)),
  "peak MB": (row) => megabytes(row.peak),
  "malloc heap MB": (row) => megabytes(row.heap),
  "other anonymous MB": (row) => megabytes(row.anonymous),
  "JS used MB": (row) => megabytes(row.heapUsed),
  "JS total MB": (row) => megabytes(row.heapTotal),
  "external MB": (row) => megabytes(row.external),
};

function print(rows) {
  const names = Object.keys(columns);
  const lines = [names, ...rows.map((row) => names.map((name) => String(columns[name](row, rows[0]))))];
  const widths = names.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  for (const line of lines) console.log(line.map((cell, column) => cell.padStart(widths[column])).join("  "));
}

async function fill(server, load, given) {
  const rows = [];
  for (const count of given.connections) {
    const { established, seconds, timeouts } = await load.command(`connect ${count}`);
    await sleep(given.wait * 1000);
    const memory = await server.memory();
    if (memory.connections !== count)
      throw new Failure(`the server has ${memory.connections} connections; ${count} were made`);
    rows.push({ ...memory, ...processMemory(server.pid) });
    console.log(`${established} handshakes in ${seconds} s, ${timeouts} timeouts; ${memory.openssl}`);
  }
  const { echoed } = await load.command("echo");
  console.log(`${echoed} of the connections have echoed at the end`);
  return rows;
}

await main(async () => {
  const given = options({
    connections: [1000, 10000, 50000],
    "at-once": 128,
    greet: 1,
    wait: 0,
    hosts: 1 << 20,
  });
  const most = given.connections.at(-1);
  if (given.connections.some((count, index) => count <= (given.connections[index - 1] ?? 0)))
    throw new Failure("--connections wants rising numbers");
  const program = join(await prepare("crowd"), "crowd");
  const certificate = makeCertificate();
  let server;
  let load;
  try {
    const limits = [`MaxConnections=${most}`, `MaxHandshakesPerHost=${given["at-once"]}`];
    server = await Server.start("dtls.mjs", certificate.path, ...limits);
    const { connections: _, wait: __, ...named } = given;
    load = new Load(program, { port: server.port, ...named });
    print(await fill(server, load, given));
    await load.end();
  } finally {
    await server?.stop();
    certificate.remove();
  }
});
