// What `npm test` does with the system's OpenSSL, for the lines that deps/openssl-source.mjs builds. Arguments
// name lines; by default all but the release's: scripts/sanitize.mjs does that one.
//
// The release's line: every core test, and the whole vitest suite with the addon that ships. Another line: every
// core test, the load generator and the addon compiled, and the tests of vitest that show whose functions run.
import { join } from "node:path";
import { lines, releaseLine } from "../deps/openssl-source.mjs";
import { buildAddon, buildStandalone, buildTypeScript } from "./build.mjs";
import { openssl, opensslIsAvailable } from "./build-openssl.mjs";
import { locked } from "./lib/lock.mjs";
import { Failure, main, root } from "./lib/run.mjs";
import { resetResults, runCoreTests, runVitest, totals, withoutScripts } from "./lib/suites.mjs";
import { needs } from "./lib/toolchain.mjs";
import { prebuild } from "./prebuild.mjs";
import { setup } from "./setup.mjs";

const smoke = ["test/native/openssl.test.ts", "test/echo.test.ts"];

/** Builds against one line: { addon, core }, the addon and the folder of core_tests. */
async function buildWith(line, prefix) {
  const out = `out/openssl-${line}`;
  const options = {
    OPENSSL_DTLS_OPENSSL_ROOT: prefix,
    OPENSSL_DTLS_CORE_TESTS: "ON",
    OPENSSL_DTLS_BENCH: "ON",
  };
  return locked(async () => {
    await buildTypeScript();
    if (line === releaseLine) return { addon: await prebuild(), core: await buildStandalone(out, options) };
    return { addon: await buildAddon(out, options), core: join(root, out) };
  });
}

async function run(line) {
  const lane = `openssl-${line}`;
  const { prefix, version } = await openssl(line);
  const { addon, core } = await buildWith(line, prefix);
  resetResults(lane);
  console.log(`OpenSSL ${version}:`);
  const coreCode = await runCoreTests(core, lane);
  const args = line === releaseLine ? withoutScripts : smoke;
  const env = { OPENSSL_DTLS_ADDON: addon, OPENSSL_DTLS_LEGACY: "built-in" };
  const vitestCode = await runVitest(lane, { args, env, quiet: true });
  const { passed, failed } = totals(lane);
  console.log(`  ${passed} passed, ${failed} failed`);
  return coreCode === 0 && vitestCode === 0;
}

await main(async () => {
  const picked = process.argv.slice(2);
  const unknown = picked.filter((line) => !lines[line]);
  if (unknown.length > 0) throw new Failure(`no such line of OpenSSL: ${unknown.join(", ")}`);
  await setup(needs.test.filter((name) => name !== "openssl"));
  const failures = [];
  const others = Object.keys(lines).filter((line) => line !== releaseLine);
  for (const line of picked.length > 0 ? picked : others) {
    if (!(await opensslIsAvailable(line))) {
      console.log(
        `OpenSSL ${line}: NOT TESTED. It is not built, and this machine has no Debian archive to take it from; ` +
          `see node scripts/build-openssl.mjs --line=${line} --tarball=... --sha256=...`,
      );
    } else if (!(await run(line))) {
      failures.push(line);
    }
  }
  if (failures.length > 0) throw new Failure(`failed with OpenSSL ${failures.join(", ")}`);
});
