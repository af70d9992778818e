// CPU per echoed datagram of DTLSServer beside Node's own plaintext dgram echo, in alternating rounds of one
// run, so that a drifting machine slows both alike.
//
//   node bench/echo.mjs [--rounds 3] [--connections 50] [--window 4] [--size 64] [--seconds 4]
//
// The server is pinned to one core and the load generator to another where taskset exists and there are two.
import { main } from "../scripts/lib/run.mjs";
import { Measurement, makeCertificate, median, options, prepare } from "./harness.mjs";

await main(async () => {
  const given = options({ rounds: 3, connections: 50, window: 4, size: 64, seconds: 4 });
  const load = await prepare();
  const certificate = makeCertificate();
  const results = { udp: [], dtls: [] };
  try {
    for (let round = 1; round <= given.rounds; round++) {
      for (const mode of ["udp", "dtls"]) {
        const measurement = await Measurement.start(mode, certificate.path);
        const result = await measurement.echo(load, given).finally(() => measurement.stop());
        results[mode].push(result);
        console.log(
          `round ${round} ${mode.padEnd(4)} ${result.microseconds.toFixed(2)} us CPU per echo, ` +
            `${Math.round(result.rate)}/s, ${result.lost} lost`,
        );
      }
    }
  } finally {
    certificate.remove();
  }

  const [udp, dtls] = ["udp", "dtls"].map((mode) => median(results[mode].map((r) => r.microseconds)));
  console.log(
    `median: DTLSServer ${dtls.toFixed(2)} us, node:dgram plaintext ${udp.toFixed(2)} us, ratio ${(dtls / udp).toFixed(2)}`,
  );
});
