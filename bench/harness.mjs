// What the benchmarks share: building, and a server and a load program each on a core of its own.
import { execFileSync, fork, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { buildAddon, buildStandalone, buildTypeScript } from "../scripts/build.mjs";
import { locked } from "../scripts/lib/lock.mjs";
import { Failure, show } from "../scripts/lib/run.mjs";
import { needs } from "../scripts/lib/toolchain.mjs";
import { setup } from "../scripts/setup.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const canPin = availableParallelism() > 1 && spawnSync("taskset", ["--version"]).status === 0;
const serverCore = "0";
const loadCore = "1";

/** `--name value` words over the defaults, which tell the kinds: numbers, or lists of numbers. */
export function options(defaults) {
  const words = process.argv.slice(2);
  const chosen = { ...defaults };
  for (let i = 0; i < words.length; i += 2) {
    const name = words[i].replace(/^--/, "");
    if (!(name in defaults) || words[i + 1] === undefined)
      throw new Failure(
        `not an option with a value: ${words[i]}; known: ${Object.keys(defaults).join(", ")}`,
      );
    const numbers = words[i + 1].split(",").map(Number);
    const isList = Array.isArray(defaults[name]);
    const whole = numbers.every((number) => Number.isSafeInteger(number) && number >= 0);
    if (!whole || (!isList && numbers.length > 1))
      throw new Failure(
        `${words[i]} takes ${isList ? "whole numbers with commas between" : "a whole number"}`,
      );
    chosen[name] = isList ? numbers : numbers[0];
  }
  return chosen;
}

/**
 * Builds all that is measured, with the OpenSSL that the environment asks for and apart from other builds. Gives
 * the folder of the programs. An addon that OPENSSL_DTLS_ADDON names is measured as it is.
 */
export async function prepare(...programs) {
  await setup(needs.start);
  return locked(async () => {
    process.env.OPENSSL_DTLS_ADDON ||= await buildAddon("out/bench-addon");
    await buildTypeScript();
    return buildPrograms(programs);
  });
}

/** Runs a program that needs no server to its end, on one core, with the words of the command line. */
export async function runProgram(name) {
  await setup(needs.build);
  const dir = await locked(() => buildPrograms([name]));
  const [command, args] = pinned(serverCore, join(dir, name), process.argv.slice(2));
  const code = await show(command, args);
  if (code !== 0) throw new Failure(`${name} ended with ${code}`, code);
}

async function buildPrograms(programs) {
  let dir;
  for (const program of programs)
    dir = await buildStandalone("out/bench", { OPENSSL_DTLS_BENCH: "ON" }, program);
  return dir;
}

export function makeCertificate() {
  const folder = mkdtempSync(join(tmpdir(), "openssl-dtls-bench-"));
  const key = join(folder, "key.pem");
  const certificate = join(folder, "certificate.pem");
  const path = join(folder, "both.pem");
  const request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost";
  const words = [...request.split(" "), "-keyout", key, "-out", certificate];
  execFileSync("openssl", words, { stdio: "ignore" });
  writeFileSync(path, readFileSync(key, "utf8") + readFileSync(certificate, "utf8"));
  return { path, withoutKey: certificate, remove: () => rmSync(folder, { recursive: true }) };
}

export const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

const words = (named) => Object.entries(named).flatMap(([name, value]) => [`--${name}`, String(value)]);

const pinned = (core, command, args) =>
  canPin ? ["taskset", ["-c", core, command, ...args]] : [command, args];

/** Runs a program of the server's side to its end, on the server's core, and gives the JSON it printed. */
export function measureAlone(program, named) {
  const [command, args] = pinned(serverCore, program, words(named));
  return JSON.parse(execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }));
}

/** One server process. It ends with this one, whatever happens. */
export class Server {
  /** `script` is one of bench/servers. */
  static async start(script, ...args) {
    const server = new Server(
      script,
      fork(join(here, "servers", script), args, { execArgv: ["--expose-gc"] }),
    );
    const { port } = await server.#answer();
    server.port = port;
    return server;
  }

  #process;
  #ended;

  constructor(script, process) {
    this.#process = process;
    if (canPin) spawnSync("taskset", ["-a", "-p", "-c", serverCore, String(process.pid)]);
    this.#ended = once(process, "exit").then(([code, signal]) => {
      throw new Failure(`the server ${script} ended: ${signal ?? code}`);
    });
    this.#ended.catch(() => {});
  }

  get pid() {
    return this.#process.pid;
  }

  async #answer() {
    const [answer] = await Promise.race([once(this.#process, "message"), this.#ended]);
    return answer;
  }

  /** Microseconds of CPU that it has used, in all its threads. */
  async cpu() {
    this.#process.send("cpu");
    const { user, system } = await this.#answer();
    return user + system;
  }

  /** process.memoryUsage() after a collection, with what the script tells besides. */
  async memory() {
    this.#process.send("memory");
    return this.#answer();
  }

  async stop() {
    const exited = once(this.#process, "exit");
    this.#process.disconnect();
    await exited;
  }
}

/** One load program: commands go in by lines, answers come out as lines of JSON. It ends with its input. */
export class Load {
  #process;
  #lines;
  #exited;

  constructor(program, named) {
    const [command, args] = pinned(loadCore, program, words(named));
    this.#process = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.#process.stdin.on("error", () => {}); // it has ended: the answer that does not come tells
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
    this.#exited = once(this.#process, "exit");
  }

  async answer() {
    const { value } = await this.#lines.next();
    if (value === undefined) throw new Failure(`the load program failed with ${(await this.#exited)[0]}`);
    return JSON.parse(value);
  }

  async command(line) {
    this.#process.stdin.write(`${line}\n`);
    return this.answer();
  }

  async end(line = "") {
    this.#process.stdin.end(line);
    const [code] = await this.#exited;
    if (code !== 0) throw new Failure(`the load program failed with ${code}`);
  }
}
