// What the benchmarks share: setting up and building, starting a server on its own core, reading its CPU.
import { execFileSync, fork, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build, buildStandalone } from "../scripts/build.mjs";
import { locked } from "../scripts/lib/lock.mjs";
import { Failure } from "../scripts/lib/run.mjs";
import { needs } from "../scripts/lib/toolchain.mjs";
import { setup } from "../scripts/setup.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const canPin = availableParallelism() > 1 && spawnSync("taskset", ["--version"]).status === 0;

/** `--name value` words over the defaults; all are numbers. */
export function options(defaults) {
  const words = process.argv.slice(2);
  const chosen = { ...defaults };
  for (let i = 0; i + 1 < words.length; i += 2) {
    const name = words[i].replace(/^--/, "");
    if (!(name in defaults))
      throw new Failure(`unknown option ${words[i]}; known: ${Object.keys(defaults).join(", ")}`);
    chosen[name] = Number(words[i + 1]);
  }
  return chosen;
}

/** Builds all that is measured. Gives the path of the load generator. */
export async function prepare() {
  await setup(needs.start);
  await build();
  const dir = await locked(() => buildStandalone("out/bench", { OPENSSL_DTLS_BENCH: "ON" }, "load"));
  return join(dir, "load");
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
  return { path, remove: () => rmSync(folder, { recursive: true }) };
}

export const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** One server process and the load against it. */
export class Measurement {
  static async start(mode, certificate, settings = []) {
    const script = join(here, "servers", mode === "udp" ? "dgram.mjs" : "dtls.mjs");
    const server = fork(script, [certificate, ...settings], { execArgv: ["--expose-gc"] });
    if (canPin) spawnSync("taskset", ["-a", "-p", "-c", "0", String(server.pid)]);
    const exited = once(server, "exit").then(() => {
      throw new Failure(`the ${mode} server ended before it listened`);
    });
    const [{ port }] = await Promise.race([once(server, "message"), exited]);
    return new Measurement(mode, server, port);
  }

  constructor(mode, server, port) {
    this.mode = mode;
    this.server = server;
    this.port = port;
  }

  async mark() {
    this.server.send("mark");
    const [use] = await once(this.server, "message");
    return use;
  }

  async echo(load, { connections, window, size, seconds }) {
    const options = { mode: this.mode, port: this.port, connections, window, size, seconds };
    const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const client = canPin ? spawn("taskset", ["-c", "1", load, ...words]) : spawn(load, words);
    client.stderr.pipe(process.stderr);
    const lines = createInterface({ input: client.stdout })[Symbol.asyncIterator]();
    const exited = once(client, "exit");
    await lines.next();
    const before = await this.mark();
    client.stdin.write("\n");
    const { value: line } = await lines.next();
    const after = await this.mark();
    client.stdin.end("\n");
    const [code] = await exited;
    if (code !== 0 || !line) throw new Error(`the load generator failed with ${code}`);
    const { echoed, lost } = JSON.parse(line);
    const cpu = after.cpu.user + after.cpu.system - before.cpu.user - before.cpu.system;
    return { microseconds: cpu / echoed, rate: echoed / seconds, lost };
  }

  async stop() {
    const exited = once(this.server, "exit");
    this.server.disconnect();
    await exited;
  }
}
