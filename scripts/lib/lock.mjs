// One set-up or build at a time in a tree: `npm start` and `npm test` may run in two terminals.
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "./run.mjs";

const path = join(root, "out", ".lock");
let depth = 0;

function tryLock() {
  try {
    const file = openSync(path, "wx");
    writeSync(file, String(process.pid));
    closeSync(file);
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
}

function holderIsGone() {
  try {
    const holder = Number(readFileSync(path, "utf8"));
    // An empty file belongs to a process that has not written its number yet.
    if (!holder) return false;
    process.kill(holder, 0);
    return false;
  } catch (error) {
    return error.code === "ESRCH";
  }
}

export async function locked(body) {
  if (depth === 0) {
    mkdirSync(join(root, "out"), { recursive: true });
    for (let tries = 0; !tryLock(); tries++) {
      if (holderIsGone()) {
        rmSync(path, { force: true });
        continue;
      }
      if (tries === 10) console.log(`waiting for another build in this tree (lock file: out/.lock) ...`);
      await sleep(200);
    }
    process.once("exit", release);
  }
  depth++;
  try {
    return await body();
  } finally {
    depth--;
    if (depth === 0) release();
  }
}

function release() {
  process.removeListener("exit", release);
  rmSync(path, { force: true });
}
