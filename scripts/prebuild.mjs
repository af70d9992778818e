// `npm run prebuild`: a release build of the addon into prebuilds/<platform>-<arch>/.
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isMain, main, root, step } from "./lib/run.mjs";
import { needs } from "./lib/toolchain.mjs";
import { setup } from "./setup.mjs";

export async function prebuild() {
  // prebuildify moves the addon out of build/Release; it gets a build/ of its own.
  const work = join(root, "out", "prebuild");
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  cpSync(join(root, "package.json"), join(work, "package.json"));
  const prebuildify = join(root, "node_modules", "prebuildify", "bin.js");
  const args = [prebuildify, "--napi", "--strip", "--tag-libc", "--out", root, work];
  await step("building a prebuild", process.execPath, args, {
    env: { PREBUILD_NODE_GYP: join(root, "scripts", "prebuild-node-gyp.mjs") },
  });
}

if (isMain(import.meta)) {
  await main(async () => {
    await setup(needs.build);
    await prebuild();
  });
}
