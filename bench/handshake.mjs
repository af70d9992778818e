// Server CPU per full handshake (DTLS 1.2, cookie exchange, ECDHE-ECDSA-AES128-GCM-SHA256 under a P-256
// certificate) beside what the same OpenSSL needs in memory, in alternating rounds of one run.
//
//   node bench/handshake.mjs [--rounds 5] [--handshakes 3000] [--at-once 64] [--tickets 0] [--mutual 0]
//
// Three figures a round: OpenSSL alone and our core with it, both in memory, and the process of a DTLSServer,
// with kernel and JavaScript. Its connections stay open, as they would. With --tickets 1 the servers issue
// session tickets and keep sessions (ReuseSSLSession), all three of them. With --mutual 1 another server takes its
// turn too, which asks its clients for certificates (P-256) and verifies them; nobody listens to its
// SSLClientAuthentication.
import { join } from "node:path";
import { Failure, main } from "../scripts/lib/run.mjs";
import { Load, makeCertificate, measureAlone, median, options, prepare, Server } from "./harness.mjs";

// As OpenSSL names them, and the setting. An ECDSA certificate wants its own curve among them (RFC 8422 5.1).
const exchanges = {
  X25519: { groups: "X25519:P-256", setting: "x25519,ecdhe_secp256r1" },
  "P-256": { groups: "P-256", setting: "ecdhe_secp256r1" },
};

// As many as V8 takes to compile what runs: a server that has run for a minute is measured.
const warmUp = 4000;

async function measureServer(programs, certificate, { groups, setting }, given, mutual = false) {
  const total = warmUp + given.handshakes;
  const settings = [
    `MaxConnections=${total}`,
    `MaxHandshakes=${given["at-once"]}`,
    `ReuseSSLSession=${given.tickets}`,
    `TLS12SupportedGroups=${setting}`,
    ...(mutual ? [`clients=${certificate.withoutKey}`] : []),
  ];
  const server = await Server.start("dtls.mjs", certificate.path, ...settings);
  try {
    const named = { port: server.port, "at-once": given["at-once"], greet: 0, "keep-every": 0, groups };
    const load = new Load(
      join(programs, "crowd"),
      mutual ? { ...named, certificate: certificate.path } : named,
    );
    await load.command(`connect ${warmUp}`);
    await server.memory(); // collects
    const before = await server.cpu();
    const { timeouts } = await load.command(`connect ${total}`);
    const after = await server.cpu();
    const { connections, openssl } = await server.memory();
    await load.end();
    if (connections !== total) throw new Failure(`the server has ${connections} connections of ${total}`);
    return { microseconds: (after - before) / given.handshakes, timeouts, openssl };
  } finally {
    await server.stop();
  }
}

async function measureRound(programs, certificate, exchange, given) {
  const { handshakes, tickets } = given;
  const program = join(programs, "memory-handshake");
  const memory = measureAlone(program, {
    certificate: certificate.path,
    groups: exchange.groups,
    handshakes,
    tickets,
  });
  const server = await measureServer(programs, certificate, exchange, given);
  if (memory.openssl !== server.openssl)
    throw new Failure(`the server runs ${server.openssl}, the comparison ${memory.openssl}`);
  const { openssl, bare, core } = memory;
  const mutual = given.mutual ? await measureServer(programs, certificate, exchange, given, true) : undefined;
  return {
    openssl,
    bare,
    core,
    server: server.microseconds,
    mutual: mutual?.microseconds,
    timeouts: server.timeouts + (mutual?.timeouts ?? 0),
  };
}

const figures = ({ bare, core, server, mutual }) =>
  `OpenSSL ${bare.toFixed(1)} us, core ${core.toFixed(1)} us, server ${server.toFixed(1)} us` +
  (mutual === undefined ? "" : `, with client certificates ${mutual.toFixed(1)} us`);

await main(async () => {
  const given = options({ rounds: 5, handshakes: 3000, "at-once": 64, tickets: 0, mutual: 0 });
  const programs = await prepare("crowd", "memory-handshake");
  const certificate = makeCertificate();
  const rounds = Object.fromEntries(Object.keys(exchanges).map((name) => [name, []]));
  try {
    for (let round = 1; round <= given.rounds; round++) {
      for (const [name, exchange] of Object.entries(exchanges)) {
        const result = await measureRound(programs, certificate, exchange, given);
        rounds[name].push(result);
        console.log(`round ${round} ${name.padEnd(6)} ${figures(result)}, ${result.timeouts} timeouts`);
      }
    }
  } finally {
    certificate.remove();
  }

  for (const [name, results] of Object.entries(rounds)) {
    const of = (measure) => median(results.map(measure));
    const medians = {
      bare: of((r) => r.bare),
      core: of((r) => r.core),
      server: of((r) => r.server),
      mutual: given.mutual ? of((r) => r.mutual) : undefined,
    };
    console.log(
      `median  ${name.padEnd(6)} ${figures(medians)}; to ${results[0].openssl} alone: ` +
        `core ${of((r) => r.core / r.bare).toFixed(2)}, server ${of((r) => r.server / r.bare).toFixed(2)}`,
    );
  }
});
