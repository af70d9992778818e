// Child processes for the scripts: short output while all is well, the whole log when a step fails.
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
export const isWindows = process.platform === "win32";

/** An error whose message is all that the reader needs; no stack is printed for it. */
export class Failure extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

const shown = (command, args) => [command, ...args].join(" ");

/** Runs a program and gives { code, signal, output }. */
export function capture(command, args = [], { cwd = root, env, echo = false, input } = {}) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text) => {
        output += text;
        if (echo) process.stdout.write(text);
      });
    }
    if (input !== undefined) child.stdin.end(input);
    child.on("error", fail);
    child.on("close", (code, signal) => done({ code, signal, output }));
  });
}

/** Runs a program whose output is for the reader. Gives its exit code. */
export function show(command, args = [], { cwd = root, env } = {}) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: "inherit" });
    child.on("error", fail);
    child.on("close", (code, signal) => done(signal ? 1 : code));
  });
}

/** The end of a long output; all of it goes into the file `log`, if one is named. */
function shortened(output, log) {
  const lines = output.trimEnd().split("\n");
  if (log === undefined) return lines.join("\n");
  writeFileSync(log, output);
  return `${lines.slice(-40).join("\n")}\n\nThe whole log: ${relative(root, log)}`;
}

/** Runs one step silently; says its title only when it takes a while. Throws with the log when it fails. */
export async function step(title, command, args = [], { log, ...options } = {}) {
  const started = Date.now();
  let announced = false;
  const announce = setTimeout(() => {
    announced = true;
    console.log(`${title} ...`);
  }, 1500);
  let result;
  try {
    result = await capture(command, args, options);
  } catch (error) {
    throw new Failure(`${title}: cannot run ${command}: ${error.message}`);
  } finally {
    clearTimeout(announce);
  }
  if (result.code !== 0) {
    const end = result.signal ? `signal ${result.signal}` : `exit code ${result.code}`;
    const output = shortened(result.output, log);
    throw new Failure(`${output}\n\n${title} failed (${end}): ${shown(command, args)}`);
  }
  if (announced) console.log(`${title}: done in ${Math.round((Date.now() - started) / 1000)} s`);
  return result.output;
}

/** Runs a script's body and turns what it throws into a message and an exit code. */
export async function main(body) {
  try {
    const code = await body();
    if (typeof code === "number") process.exitCode = code;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.error(error.message);
    process.exitCode = error.exitCode;
  }
}

export const isMain = (meta) =>
  process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(meta.url);

/** The npm that belongs to this Node: as a command with leading arguments. */
export function npm() {
  const script = process.env.npm_execpath;
  if (script && /npm-cli\.c?js$/.test(script)) return [process.execPath, script];
  return [isWindows ? "npm.cmd" : "npm"];
}
