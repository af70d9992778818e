// The two suites, core tests and vitest, and the counts that they leave in out/results. Run as a script, it
// prints the counts of a lane.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { capture, isMain, root, show } from "./run.mjs";

const results = join(root, "out", "results");

/** For vitest, in lanes beside `npm test`: leaves out what neither a Node line nor an OpenSSL can change. */
export const withoutScripts = [
  "--exclude=test/unit/openssl-source.test.ts",
  "--exclude=test/unit/docs.test.ts",
  "--exclude=test/unit/ipworks-names.test.ts",
];

/** Leaves out every variant of what OpenSSL does alone, for lanes that look at something else. */
export const withoutVariants = [
  "suites-*",
  "cipher-suites",
  "offered-algorithms",
  "certificate-properties",
  "certificate-chain",
  "stores-of-every-age",
].map((name) => `--exclude=test/${name}.test.ts`);

/** Leaves out what the core and the kernel do alone, for lanes in which neither changes, or core tests do it too. */
export const withoutNetworks = [
  "dont-fragment",
  "heartbeat",
  "lossy-network",
  "marked-packets",
  "resumption",
].map((name) => `--exclude=test/${name}.test.ts`);

const isRun = (lane) => (name) => name.startsWith(`${lane}-`) && name.endsWith(".json");

export function resetResults(lane) {
  mkdirSync(results, { recursive: true });
  for (const name of readdirSync(results).filter(isRun(lane))) rmSync(join(results, name));
}

/** Adds up what the suites of a lane have left: { passed, failed }. */
export function totals(lane) {
  const sum = { passed: 0, failed: 0 };
  if (!existsSync(results)) return sum;
  for (const name of readdirSync(results).filter(isRun(lane))) {
    const run = JSON.parse(readFileSync(join(results, name), "utf8"));
    sum.passed += run.passed ?? run.numPassedTests;
    sum.failed += run.failed ?? run.numFailedTests;
    // What could not even be loaded has no tests to count, and yet it failed.
    if (run.success === false && run.numFailedTests === 0) sum.failed++;
  }
  return sum;
}

/** Runs core_tests: its output only if it fails, or if it was given arguments. Gives the exit code. */
export async function runCoreTests(dir, lane, { args = [], env = {} } = {}) {
  const { code, signal, output } = await capture(join(dir, "core_tests"), ["--no-colors", ...args], { env });
  const counts = /test cases:\s*\d+\s*\|\s*(\d+) passed\s*\|\s*(\d+) failed/.exec(output);
  const passed = Number(counts?.[1] ?? 0);
  // A crash ends the process before doctest counts anything.
  const failed = Math.max(Number(counts?.[2] ?? 0), code === 0 ? 0 : 1);
  writeFileSync(join(results, `${lane}-core.json`), JSON.stringify({ passed, failed }));
  if (code !== 0 || args.length > 0) console.log(output.trimEnd());
  console.log(`core tests: ${passed} passed, ${failed} failed${signal ? ` (${signal})` : ""}`);
  // doctest is content with a filter that no test matches.
  const ran = counts === null || passed + failed > 0;
  return code === 0 && ran ? 0 : 1;
}

/** Runs vitest under the given Node; quiet shows its output only if it fails. Gives the exit code. */
export async function runVitest(lane, { node = process.execPath, args = [], env = {}, quiet = false } = {}) {
  const report = join(results, `${lane}-vitest.json`);
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const command = [join(root, "node_modules", "vitest", "vitest.mjs"), "run", ...reporters, ...args];
  if (!quiet) return show(node, command, { env });
  const { code, output } = await capture(node, command, { env });
  if (code !== 0) console.log(output.trimEnd());
  return code ?? 1;
}

if (isMain(import.meta)) {
  const { passed, failed } = totals(process.argv[2] ?? "test");
  console.log(`${passed} passed, ${failed} failed`);
}
