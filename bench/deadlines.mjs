// CPU per deadline set, moved and expired, with a thousand entries and with a million: the wheel promises that
// their number does not matter. bench/deadlines.cc says how.
//
//   node bench/deadlines.mjs [--rounds 5] [--entries 1000,1000000]
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
  const dir = await locked(() => buildStandalone("out/bench", { OPENSSL_DTLS_BENCH: "ON" }, "deadlines"));
  const command = [join(dir, "deadlines"), ...process.argv.slice(2)];
  const pinned = spawnSync("taskset", ["--version"]).status === 0 ? ["taskset", "-c", "0"] : [];
  const [program, ...words] = [...pinned, ...command];
  const code = await show(program, words);
  if (code !== 0) throw new Failure(`deadlines ended with ${code}`, code);
});
