// One set-up or build at a time in a tree: `npm start` and `npm test` may run in two terminals.
import {
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "./run.mjs";

// The locks that this process holds, and how often.
const held = new Map();

function tryLock(path) {
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

/** The process that holds the lock, if it has gone. */
function goneHolder(path) {
  let holder = 0;
  try {
    holder = Number(readFileSync(path, "utf8"));
    // An empty file belongs to a process that has not written its number yet.
    if (holder) process.kill(holder, 0);
    return undefined;
  } catch (error) {
    return error.code === "ESRCH" ? holder : undefined;
  }
}

// Several may wait for the same dead process: who comes late must not remove the lock that another has taken
// since. A rename is seen by one of them only, and what it brought can be looked at and put back.
function dropLockOf(holder, path) {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (error.code === "ENOENT") return;
    throw error;
  }
  if (Number(readFileSync(aside, "utf8")) !== holder) linkSync(aside, path);
  rmSync(aside);
}

async function take(path, what) {
  mkdirSync(dirname(path), { recursive: true });
  for (let tries = 0; !tryLock(path); tries++) {
    const gone = goneHolder(path);
    if (gone) {
      dropLockOf(gone, path);
      continue;
    }
    if (tries === 10) console.log(`waiting for another ${what} (lock file: ${relative(root, path)}) ...`);
    await sleep(200);
  }
}

function release(path) {
  held.delete(path);
  rmSync(path, { force: true });
}

process.once("exit", () => {
  for (const path of held.keys()) release(path);
});

/** Runs `body` while this process has the lock file; a process that has it already goes on at once. */
export async function lockedBy(path, what, body) {
  if (!held.has(path)) await take(path, what);
  held.set(path, (held.get(path) ?? 0) + 1);
  try {
    return await body();
  } finally {
    const depth = held.get(path) - 1;
    if (depth === 0) release(path);
    else held.set(path, depth);
  }
}

/** Holds the whole tree. */
export const locked = (body) => lockedBy(join(root, "out", ".lock"), "build in this tree", body);

/** apt-get fails where another one of ours installs something at the time. */
export const lockedApt = (body) => lockedBy(join(root, "out", ".apt-lock"), "installation of packages", body);
