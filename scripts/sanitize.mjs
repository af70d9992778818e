// ASan and UBSan over the core tests and the vitest suite, with the OpenSSL of releases where it is to be had.
// Arguments go to vitest.
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { buildAddon, buildTypeScript } from "./build.mjs";
import { opensslIsAvailable } from "./build-openssl.mjs";
import { locked } from "./lib/lock.mjs";
import { Failure, main, root, step } from "./lib/run.mjs";
import {
  resetResults,
  runCoreTests,
  runVitest,
  totals,
  withoutNetworks,
  withoutScripts,
  withoutVariants,
} from "./lib/suites.mjs";
import { needs } from "./lib/toolchain.mjs";
import { releaseOpenssl } from "./prebuild.mjs";
import { setup } from "./setup.mjs";

const orderlyExit = pathToFileURL(join(root, "scripts", "lib", "orderly-exit.mjs")).href;
const logs = join(root, "out", "asan", "logs");

/** The blocks of the sanitizers' logs that concern us: every error, and the leaks that our sources allocated. */
function readLogs() {
  const ours = /\/binding\/(core|net|node)\//;
  // V8's heap pages and its notes on which of them point where, made in whoever's call needed room or stored a
  // pointer; a process that ends by process.exit() or an uncaught error never gives them back.
  const remembered = /#[12] .* in v8::internal::(Heap_\w*BarrierSlow|MemoryChunk::|Page::)/;
  const errors = [];
  const leaks = new Map();
  for (const name of readdirSync(logs)) {
    const text = readFileSync(join(logs, name), "utf8");
    const isError = /ERROR: AddressSanitizer|runtime error:/.test(text);
    // A test may abort a process on purpose.
    const onPurpose = /AddressSanitizer: ABRT/.test(text) && !/__ubsan/.test(text) && !ours.test(text);
    if (isError && !onPurpose) errors.push(text);
    // Node and V8 leave memory to the exit. Suppressing them by name would hide what we leak through them.
    for (const block of text.split(/\n\n/)) {
      const frames = block.replace(/.*\n/, "").replace(/0x\w+/g, "");
      const isLeak = /(Direct|Indirect) leak of/.test(block) && !remembered.test(block);
      if (isLeak && ours.test(block)) leaks.set(frames, block);
    }
  }
  return { errors, leaks: [...leaks.values()] };
}

async function runUnderNode(addon, args) {
  const libasan = (await step("libasan", "c++", ["-print-file-name=libasan.so"])).trim();
  rmSync(logs, { recursive: true, force: true });
  mkdirSync(logs, { recursive: true });
  const env = {
    OPENSSL_DTLS_ADDON: addon,
    LD_PRELOAD: libasan,
    // gcc's UBSan ignores its log_path for its own messages. Made to abort, it leaves ASan's report of that.
    ASAN_OPTIONS: `detect_leaks=1:abort_on_error=1:handle_abort=1:log_path=${join(logs, "asan")}`,
    UBSAN_OPTIONS: `abort_on_error=1:print_stacktrace=1:log_path=${join(logs, "ubsan")}`,
    // Without this the stacks break off inside OpenSSL, and no leak of an SSL object would show our own frames.
    // It slows every malloc down, so only the processes that vitest starts get it.
    OPENSSL_DTLS_WORKER_ASAN_OPTIONS: "fast_unwind_on_malloc=0",
    // Every process leaks a little of Node's own; the logs are read instead. The flag holds for errors too, so
    // those abort.
    LSAN_OPTIONS: "exitcode=0",
    NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ""} --import=${orderlyExit}`,
  };
  // A worker takes seconds to start this way, so the files share two.
  const slow = ["--no-isolate", "--maxWorkers=2", "--testTimeout=120000", "--hookTimeout=120000"];
  const code = await runVitest("asan", {
    args: [
      ...slow,
      ...(args.length > 0 ? args : [...withoutScripts, ...withoutVariants, ...withoutNetworks]),
    ],
    env,
  });
  const { errors, leaks } = readLogs();
  for (const text of [...errors, ...leaks]) console.log(text);
  console.log(`sanitizers: ${errors.length} errors, ${leaks.length} leaks from our sources`);
  return code !== 0 || errors.length > 0 || leaks.length > 0;
}

await main(async () => {
  await setup(needs.test);
  const options = { OPENSSL_DTLS_SANITIZE: "ON", OPENSSL_DTLS_CORE_TESTS: "ON" };
  const release = (await opensslIsAvailable()) ? await releaseOpenssl() : undefined;
  if (release) options.OPENSSL_DTLS_OPENSSL_ROOT = release.prefix;
  console.log(`sanitizers: OpenSSL ${release?.version ?? "of the system, or as chosen"}`);
  const addon = await locked(async () => {
    await buildTypeScript();
    return buildAddon("out/asan", options);
  });
  resetResults("asan");
  // Side by side: the core tests are one thread, and vitest's wait much.
  const [coreCode, bad] = await Promise.all([
    runCoreTests(join(root, "out", "asan"), "asan", {
      env: { UBSAN_OPTIONS: "halt_on_error=1:print_stacktrace=1" },
    }),
    runUnderNode(addon, process.argv.slice(2)),
  ]);
  const { passed, failed } = totals("asan");
  console.log(`under sanitizers: ${passed} passed, ${failed} failed`);
  if (coreCode || bad) throw new Failure("the sanitizer lane failed");
});
