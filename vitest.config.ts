import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: {
    // Tests may import the package by its own name, as a user does.
    alias: [{ find: /^openssl-dtls$/, replacement: fileURLToPath(new URL("src/index.ts", import.meta.url)) }],
  },
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/peers/certificates.setup.ts", "test/peers/programs.setup.ts"],
    // Processes rather than threads: a crash in the addon then costs one test file, not the run.
    pool: "forks",
    // Most tests wait for timers and child processes; vitest's default would leave one worker on two cores.
    maxWorkers: 3,
    // Limits of what must happen, for machines under load: the slowest test takes 5 s on a quiet one.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
