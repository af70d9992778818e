// `npm test`: set up, build, then every test. With arguments, one suite:
//
//   npm test -- core -tc='*restart*'      core tests; the rest goes to doctest
//   npm test -- test/echo.test.ts         vitest, with these arguments
import { build, buildStandalone, typecheck } from "./build.mjs";
import { locked } from "./lib/lock.mjs";
import { main } from "./lib/run.mjs";
import { resetResults, runCoreTests, runVitest, totals } from "./lib/suites.mjs";
import { needs } from "./lib/toolchain.mjs";
import { setup } from "./setup.mjs";

const given = process.argv.slice(2);
const core = given.length === 0 || given[0] === "core";
const vitest = given[0] !== "core";

await main(async () => {
  await setup(needs.test);
  const dir = await locked(async () => {
    if (vitest) await build();
    return core ? buildStandalone("out/core", { OPENSSL_DTLS_CORE_TESTS: "ON" }) : undefined;
  });
  if (vitest) await typecheck();

  resetResults("test");
  const coreCode = core ? await runCoreTests(dir, "test", { args: given.slice(1) }) : 0;
  const vitestCode = vitest ? await runVitest("test", { args: given }) : 0;
  if (given.length === 0) {
    const { passed, failed } = totals("test");
    console.log(`all tests: ${passed} passed, ${failed} failed`);
  }
  return coreCode || vitestCode;
});
