#!/usr/bin/env node
// prebuildify calls node-gyp; this takes its place and hands the build to cmake-js. Arguments seen:
// rebuild --target=... --devdir=... --arch=x64 --release. Only the architecture means something to us.
import { join } from "node:path";
import { main, root, show } from "./lib/run.mjs";

await main(() => {
  const arch = process.argv.map((arg) => /^--arch=(.+)$/.exec(arg)?.[1]).find(Boolean) ?? process.arch;
  const cmakeJs = join(root, "node_modules", "cmake-js", "bin", "cmake-js");
  const out = join(process.cwd(), "build");
  return show(process.execPath, [cmakeJs, "rebuild", "-d", root, "-O", out, "-a", arch], {
    cwd: root,
    env: { npm_node_execpath: process.execPath },
  });
});
