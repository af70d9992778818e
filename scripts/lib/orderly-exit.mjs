// Loaded into every Node process of the sanitizer lane (NODE_OPTIONS=--import). vitest ends its workers by a
// signal, and LeakSanitizer reports only from a process that exits by itself.
import { ChildProcess } from "node:child_process";

const script = process.argv[1]?.replaceAll("\\", "/") ?? "";

if (script.endsWith("/vitest.mjs")) {
  process.env.ASAN_OPTIONS += `:${process.env.OPENSSL_DTLS_WORKER_ASAN_OPTIONS}`;
  // vitest allows half a second before SIGKILL; looking for leaks takes longer.
  const kill = ChildProcess.prototype.kill;
  ChildProcess.prototype.kill = function (signal) {
    return signal === "SIGKILL" ? true : kill.call(this, signal);
  };
} else if (script.endsWith("/workers/forks.js")) {
  process.on("SIGTERM", () => {
    // Without its channel the loop runs dry and Node tears the environment down, finalizers included. What a
    // test has left open keeps it alive: then out, without that.
    process.disconnect?.();
    setTimeout(() => process.reallyExit(0), 3000).unref();
  });
}
