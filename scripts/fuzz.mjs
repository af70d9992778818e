// Runs every libFuzzer target in fuzz/ over its corpus. FUZZ_SECONDS: time of each, 15 by default.
// Arguments name targets: node scripts/fuzz.mjs hello
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { buildStandalone } from "./build.mjs";
import { locked } from "./lib/lock.mjs";
import { capture, Failure, main, root } from "./lib/run.mjs";
import { ensure, llvm, needs } from "./lib/toolchain.mjs";

const seconds = Number(process.env.FUZZ_SECONDS ?? 15);

function targets() {
  if (!existsSync(join(root, "fuzz"))) return [];
  const all = readdirSync(join(root, "fuzz"))
    .map((name) => /^(.+)_fuzz\.cc$/.exec(name)?.[1])
    .filter(Boolean);
  const wanted = process.argv.slice(2);
  const unknown = wanted.filter((name) => !all.includes(name));
  if (unknown.length > 0)
    throw new Failure(`no such target: ${unknown.join(", ")} (there are: ${all.join(", ")})`);
  return wanted.length > 0 ? wanted : all;
}

async function fuzz(dir, name) {
  // libFuzzer writes what it finds into the first corpus, and that one stays out of the repository.
  const grown = join(root, "out", "fuzz-corpus", name);
  const artifacts = join(root, "out", "fuzz-artifacts", name);
  for (const path of [grown, artifacts]) mkdirSync(path, { recursive: true });
  const corpus = join(root, "fuzz", "corpus", name);
  const args = [
    `-max_total_time=${seconds}`,
    "-print_final_stats=1",
    "-timeout=10",
    "-rss_limit_mb=2048",
    `-artifact_prefix=${artifacts}/`,
    grown,
    corpus,
  ];
  const { code, output } = await capture(join(dir, `${name}_fuzz`), args);
  const stat = (key) => Number(new RegExp(`stat::${key}:\\s*(\\d+)`).exec(output)?.[1] ?? 0);
  const coverage = [...output.matchAll(/ cov: (\d+)/g)].at(-1)?.[1] ?? "?";
  const rate = `${stat("number_of_executed_units")} runs, ${stat("average_exec_per_sec")} exec/s, cov ${coverage}`;
  if (code !== 0) console.log(output.trimEnd());
  console.log(`fuzz ${name}: ${code === 0 ? "no findings" : `FOUND (see ${artifacts})`}, ${rate}`);
  return code === 0;
}

await main(async () => {
  const queue = targets();
  if (queue.length === 0) return console.log("fuzz: no targets");
  await ensure(needs.fuzz);
  const options = { OPENSSL_DTLS_FUZZ: "ON", CMAKE_CXX_COMPILER: `clang++-${llvm}` };
  const dir = await locked(() => buildStandalone("out/fuzz", options));
  const bad = [];
  const worker = async () => {
    for (let name = queue.shift(); name; name = queue.shift()) if (!(await fuzz(dir, name))) bad.push(name);
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker));
  if (bad.length > 0) throw new Failure(`fuzzers with findings: ${bad.join(", ")}`);
});
