// Makes a fresh clone ready to build: system packages, then npm packages. Does nothing where all is there.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { locked } from "./lib/lock.mjs";
import { Failure, isMain, main, npm, root, step } from "./lib/run.mjs";
import { ensure, needs } from "./lib/toolchain.mjs";

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new Failure(`Node.js 20.19 or later is needed; this is ${process.versions.node}.`);
}

async function installPackages() {
  const stamp = join(root, "node_modules", ".openssl-dtls-setup");
  const lock = readFileSync(join(root, "package-lock.json"));
  // A hash and not a time: git sets the times of what it checks out.
  const wanted = `${createHash("sha256").update(lock).digest("hex")} ${process.platform}-${process.arch}\n`;
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  const [command, ...args] = npm();
  const quietly = ["--no-audit", "--no-fund", "--loglevel=error"];
  await step("npm ci", command, [...args, "ci", "--include=dev", "--include=optional", ...quietly]);
  writeFileSync(stamp, wanted);
}

export async function setup(tools) {
  checkNode();
  await locked(async () => {
    await ensure(tools);
    await installPackages();
  });
}

if (isMain(import.meta)) {
  await main(() => setup(needs.test));
}
