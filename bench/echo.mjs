// CPU per echoed datagram of DTLSServer beside Node's own plaintext dgram echo, in alternating rounds of one
// run, so that a drifting machine slows both alike.
//
//   node bench/echo.mjs [--rounds 3] [--connections 50] [--window 4] [--size 64] [--seconds 4] [--paths 0]
//
// `--paths 1` measures the other ways to serve the socket too: SocketPath=uv, a wildcard bind (packet
// information with each datagram) and UseConnection=True (a socket for each connection).
// The server is pinned to one core and the load generator to another where taskset exists and there are two.
import { join } from "node:path";
import { main } from "../scripts/lib/run.mjs";
import { Load, makeCertificate, median, options, prepare, Server } from "./harness.mjs";

async function measure(server, mode, program, { connections, window, size, seconds }) {
  const load = new Load(program, { mode, port: server.port, connections, window, size, seconds });
  await load.answer(); // all are connected
  await server.memory(); // collects
  const before = await server.cpu();
  const { echoed, lost } = await load.command("");
  const after = await server.cpu();
  await load.end("\n");
  return { microseconds: (after - before) / echoed, rate: echoed / seconds, lost };
}

await main(async () => {
  const given = options({ rounds: 3, connections: 50, window: 4, size: 64, seconds: 4, paths: 0 });
  const program = join(await prepare("load"), "load");
  const certificate = makeCertificate();
  const dtls = ["dtls.mjs", certificate.path];
  const servers = { udp: ["dgram.mjs"], dtls };
  if (given.paths) {
    servers["dtls, uv"] = [...dtls, "SocketPath=uv"];
    servers["dtls, wildcard"] = [...dtls, "LocalHost="];
    servers["dtls, own sockets"] = [...dtls, "UseConnection=True"];
  }
  const modes = Object.keys(servers);
  const widest = Math.max(...modes.map((mode) => mode.length));
  const results = Object.fromEntries(modes.map((mode) => [mode, []]));
  try {
    for (let round = 1; round <= given.rounds; round++) {
      for (const mode of modes) {
        const server = await Server.start(...servers[mode]);
        const protocol = mode === "udp" ? "udp" : "dtls";
        const result = await measure(server, protocol, program, given).finally(() => server.stop());
        results[mode].push(result);
        console.log(
          `round ${round} ${mode.padEnd(widest)} ${result.microseconds.toFixed(2)} us CPU per echo, ` +
            `${Math.round(result.rate)}/s, ${result.lost} lost`,
        );
      }
    }
  } finally {
    certificate.remove();
  }

  const [udp, plain, ...others] = modes.map((mode) => median(results[mode].map((r) => r.microseconds)));
  console.log(
    `median: DTLSServer ${plain.toFixed(2)} us, node:dgram plaintext ${udp.toFixed(2)} us, ratio ${(plain / udp).toFixed(2)}`,
  );
  others.forEach((other, index) => {
    const name = modes[index + 2];
    console.log(`median: ${name} ${other.toFixed(2)} us, ratio to dtls ${(other / plain).toFixed(2)}`);
  });
});
