#!/usr/bin/env node
// prebuildify calls node-gyp; this takes its place and hands the build to cmake-js. Arguments seen:
// rebuild --target=... --devdir=... --arch=x64 --release. Only the architecture means something to us; the CMake
// options come from scripts/prebuild.mjs.
import { join } from "node:path";
import { main, root, show } from "./lib/run.mjs";

await main(async () => {
  const arch = process.argv.map((arg) => /^--arch=(.+)$/.exec(arg)?.[1]).find(Boolean) ?? process.arch;
  const cmakeJs = join(root, "node_modules", "cmake-js", "bin", "cmake-js");
  const options = Object.entries(JSON.parse(process.env.OPENSSL_DTLS_PREBUILD_OPTIONS ?? "{}"));
  const settings = options.map(([name, value]) => `--CD${name}=${value}`);
  const common = ["-l", "warn", "-d", root, "-O", join(process.cwd(), "build"), "-a", arch, ...settings];
  const run = (command) =>
    show(process.execPath, [cmakeJs, command, ...common], {
      cwd: root,
      env: { npm_node_execpath: process.execPath },
    });
  return (await run("configure")) || (await run("build"));
});
