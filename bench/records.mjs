// CPU per record opened and sealed: our own record protection, by slots and by suite, beside OpenSSL's SSL
// objects doing the same in memory. bench/records.cc says how.
//
//   node bench/records.mjs [--rounds 5] [--milliseconds 40] [--part slots|ssl|suites]
//   OPENSSL_DTLS_OPENSSL=source node bench/records.mjs        with the OpenSSL that releases have
//
// Pinned to one core where taskset exists.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { buildStandalone } from "../scripts/build.mjs";
import { locked } from "../scripts/lib/lock.mjs";
import { Failure, main, show } from "../scripts/lib/run.mjs";
import { needs } from "../scripts/lib/toolchain.mjs";
import { setup } from "../scripts/setup.mjs";

await main(async () => {
  await setup(needs.build);
  const dir = await locked(() => buildStandalone("out/bench", { OPENSSL_DTLS_BENCH: "ON" }, "records"));
  const command = [join(dir, "records"), ...process.argv.slice(2)];
  const pinned = spawnSync("taskset", ["--version"]).status === 0 ? ["taskset", "-c", "0"] : [];
  const [program, ...words] = [...pinned, ...command];
  const code = await show(program, words);
  if (code !== 0) throw new Failure(`records ended with ${code}`, code);
});
