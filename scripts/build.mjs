// Builds the addon and dist/. The build tools see for themselves what is out of date.
import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { chosenOpenssl } from "./build-openssl.mjs";
import { locked } from "./lib/lock.mjs";
import { capture, isMain, main, root, step } from "./lib/run.mjs";
import { needs } from "./lib/toolchain.mjs";
import { setup } from "./setup.mjs";

const bin = (script) => join(root, "node_modules", script);

const isConfigured = (dir) =>
  existsSync(dir) && readdirSync(dir).some((name) => /^(build\.ninja|Makefile|.*\.slnx?)$/.test(name));

// A configure that stopped half-way leaves a cache but nothing to build with.
function dropHalfConfigured(dir) {
  if (!isConfigured(dir)) rmSync(dir, { recursive: true, force: true });
}

async function generator() {
  const ninja = await capture("ninja", ["--version"]).catch(() => ({ code: 1 }));
  return ninja.code === 0 ? ["-G", "Ninja"] : [];
}

/** Compiles the addon into `<out>/Release`. `options` are CMake options. */
export async function buildAddon(out = "build", options = {}) {
  const dir = join(root, out);
  dropHalfConfigured(dir);
  const title = `building the addon (${out}/)`;
  const chosen = { ...(await chosenOpenssl()), ...options };
  const settings = Object.entries(chosen).map(([name, value]) => `--CD${name}=${value}`);
  const cmakeJs = (command) =>
    step(
      title,
      process.execPath,
      [bin("cmake-js/bin/cmake-js"), command, "-l", "warn", "-d", root, "-O", dir, ...settings],
      { env: { npm_node_execpath: process.execPath } },
    );
  // `build` passes options on only where nothing is configured yet.
  if (settings.length > 0) await cmakeJs("configure");
  // `build`, not `compile`: that one deletes everything after a compiler error and starts again.
  await cmakeJs("build");
  return join(dir, "Release", "openssl_dtls.node");
}

/** Configures and builds what does without Node: core tests, fuzzers, the load generator. Gives the folder. */
export async function buildStandalone(out, options, target = "all") {
  const dir = join(root, out);
  dropHalfConfigured(dir);
  const title = `building ${target === "all" ? "" : `${target} `}(${out}/)`;
  const chosen = { ...(await chosenOpenssl()), ...options };
  const settings = Object.entries(chosen).map(([name, value]) => `-D${name}=${value}`);
  // Every time, so that a changed option counts. CMake refuses another generator than the first one.
  const made = isConfigured(dir) ? [] : await generator();
  await step(title, "cmake", ["-S", root, "-B", dir, ...made, ...settings]);
  await step(title, "cmake", ["--build", dir, "--parallel", "--target", target]);
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
