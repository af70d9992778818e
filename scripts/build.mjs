// Builds the addon and dist/. The build tools see for themselves what is out of date.
import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { locked } from "./lib/lock.mjs";
import { capture, isMain, main, root, step } from "./lib/run.mjs";
import { needs } from "./lib/toolchain.mjs";
import { setup } from "./setup.mjs";

const bin = (script) => join(root, "node_modules", script);

// A configure that stopped half-way leaves a cache but nothing to build with.
function dropUnlessConfigured(dir) {
  const configured = /^(build\.ninja|Makefile|.*\.slnx?)$/;
  if (existsSync(dir) && readdirSync(dir).some((name) => configured.test(name))) return true;
  rmSync(dir, { recursive: true, force: true });
  return false;
}

async function generator() {
  const ninja = await capture("ninja", ["--version"]).catch(() => ({ code: 1 }));
  return ninja.code === 0 ? ["-G", "Ninja"] : [];
}

/** Compiles the addon into `<out>/Release`. `options` are CMake options. */
export async function buildAddon(out = "build", options = {}) {
  const dir = join(root, out);
  dropUnlessConfigured(dir);
  const settings = Object.entries(options).map(([name, value]) => `--CD${name}=${value}`);
  // `build`, not `compile`: that one deletes everything after a compiler error and starts again.
  const args = [bin("cmake-js/bin/cmake-js"), "build", "-l", "warn", "-d", root, "-O", dir, ...settings];
  await step(`building the addon (${out}/)`, process.execPath, args, {
    env: { npm_node_execpath: process.execPath },
  });
  return join(dir, "Release", "openssl_dtls.node");
}

/** Configures and builds the part without Node: core tests or fuzzers. */
export async function buildCore(out, options, title = `building the core (${out}/)`) {
  const dir = join(root, out);
  if (!dropUnlessConfigured(dir)) {
    const settings = Object.entries(options).map(([name, value]) => `-D${name}=${value}`);
    await step(title, "cmake", ["-S", root, "-B", dir, ...(await generator()), ...settings]);
  }
  await step(title, "cmake", ["--build", dir, "--parallel"]);
  return dir;
}

// tsc leaves behind what it made from a source that has since gone or been renamed.
function prune(dist, src) {
  if (!existsSync(dist)) return;
  for (const name of readdirSync(dist)) {
    const path = join(dist, name);
    if (statSync(path).isDirectory()) {
      if (existsSync(join(src, name))) prune(path, join(src, name));
      else rmSync(path, { recursive: true });
    } else if (!existsSync(join(src, name.replace(/(\.d\.ts|\.js)(\.map)?$/, ".ts")))) {
      rmSync(path);
    }
  }
}

export async function buildTypeScript() {
  prune(join(root, "dist"), join(root, "src"));
  await step("compiling TypeScript", process.execPath, [
    bin("typescript/bin/tsc"),
    "-p",
    "tsconfig.build.json",
  ]);
}

export async function typecheck() {
  await step("checking types", process.execPath, [bin("typescript/bin/tsc"), "-p", "tsconfig.json"]);
}

export async function build() {
  await locked(async () => {
    await buildAddon();
    await buildTypeScript();
  });
}

if (isMain(import.meta)) {
  await main(async () => {
    await setup(needs.build);
    await build();
  });
}
