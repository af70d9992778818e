// `npm test`: set up, build, then every test. Arguments go to vitest: npm test -- test/config.test.ts
import { build, buildStandalone, typecheck } from "./build.mjs";
import { locked } from "./lib/lock.mjs";
import { main } from "./lib/run.mjs";
import { resetResults, runCoreTests, runVitest, totals } from "./lib/suites.mjs";
import { needs } from "./lib/toolchain.mjs";
import { setup } from "./setup.mjs";

await main(async () => {
  await setup(needs.test);
  const core = await locked(async () => {
    await build();
    return buildStandalone("out/core", { OPENSSL_DTLS_CORE_TESTS: "ON" });
  });
  await typecheck();

  resetResults("test");
  const coreCode = await runCoreTests(core, "test");
  const vitestCode = await runVitest("test", { args: process.argv.slice(2) });
  const { passed, failed } = totals("test");
  console.log(`all tests: ${passed} passed, ${failed} failed`);
  return coreCode || vitestCode;
});
