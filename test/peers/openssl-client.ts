/**
 * `openssl s_client` over DTLS 1.2, as a child process: its standard output is what the server sent, byte for
 * byte, its standard error tells of the handshake.
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { onTestFailed, onTestFinished } from "vitest";
import { peerEnvironment } from "./environment.js";
import { Watched } from "./waiting.js";

export interface OpensslExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface OpensslOptions {
  /** Default: 127.0.0.1. */
  host?: string;
  /** More arguments. Default: none. */
  args?: string[];
  /** Default: -dtls1_2. */
  version?: "-dtls1" | "-dtls1_2";
  /** More of the environment: OPENSSL_CONF, for what has no argument. Default: none. */
  env?: NodeJS.ProcessEnv;
}

/** Of failed tests with many clients the first few tell enough. */
let clientsShown = 0;

export class OpensslClient {
  /** After it has ended by itself or by kill(). */
  readonly exited: Promise<OpensslExit>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #chunks: Buffer[] = [];
  #status = "";
  readonly #watched = new Watched();
  #ended = false;

  /** Starts a handshake with the server; the process is gone at the end of the test, whatever happens. */
  constructor(port: number, options: OpensslOptions = {}) {
    const { host = "127.0.0.1", args = [], version = "-dtls1_2", env = {} } = options;
    const address = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
    // -nbio: without it s_client hangs in recvfrom after a datagram that its SSL discards.
    // -brief: standard output carries data alone; it also implies -ign_eof, which the next one takes back.
    // -no-CA...: reading the system's hundreds of certificates takes four times as long as all else it does.
    const modes = [
      "-nbio",
      "-brief",
      "-no_ign_eof",
      "-nocommands",
      "-no-CAfile",
      "-no-CApath",
      "-no-CAstore",
    ];
    const parameters = ["s_client", version, ...modes, "-connect", address, ...args];
    this.#child = spawn("openssl", parameters, { env: peerEnvironment(env) });
    this.#child.stdout.on("data", (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#watched.changed();
    });
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#status += text;
      this.#watched.changed();
    });
    // A client that has gone takes no more input; the test sees that by `exited`.
    this.#child.stdin.on("error", () => {});
    this.exited = new Promise((resolve, reject) => {
      this.#child.on("error", reject);
      this.#child.on("close", (code, signal) => {
        this.#ended = true;
        this.#watched.changed();
        resolve({ code, signal });
      });
    });
    onTestFinished(async () => {
      await this.kill();
    });
    onTestFailed(() => {
      if (clientsShown++ < 5) console.error(`openssl s_client said:\n${this.#status}`);
    });
  }

  /** What it has received, as bytes. */
  get received(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** What it has said about the handshake and its end. */
  get status(): string {
    return this.#status;
  }

  /** The handshake is complete. */
  async established(): Promise<this> {
    return this.says("CONNECTION ESTABLISHED");
  }

  async says(pattern: string | RegExp): Promise<this> {
    await this.#until(`${pattern} on its standard error`, () =>
      typeof pattern === "string" ? this.#status.includes(pattern) : pattern.test(this.#status),
    );
    return this;
  }

  /** The next datagram; s_client makes one of at most 8192 bytes of what it reads at once. */
  send(data: string | Uint8Array): void {
    this.#child.stdin.write(data);
  }

  /** As soon as it has received this text, or as many bytes, in all. */
  async receives(expected: string | number): Promise<Buffer> {
    const what = typeof expected === "number" ? `${expected} bytes` : JSON.stringify(expected);
    await this.#until(`${what} to arrive`, () =>
      typeof expected === "number" ? this.received.length >= expected : this.received.includes(expected),
    );
    return this.received;
  }

  /** Sends a text and waits for it to come back. */
  async echoes(text: string): Promise<void> {
    this.send(text);
    await this.receives(text);
  }

  /** Sends close_notify. */
  leave(): void {
    this.#child.stdin.end();
  }

  /** Sends close_notify and waits for its end, for which s_client takes half a second. */
  async close(): Promise<OpensslExit> {
    this.leave();
    return this.exited;
  }

  /** Ends at once, without a word to the server. */
  async kill(): Promise<OpensslExit> {
    this.#child.kill("SIGKILL");
    return this.exited;
  }

  async #until(what: string, holds: () => boolean): Promise<void> {
    await this.#watched.until(what, () => {
      if (holds()) return true;
      if (this.#ended) throw new Error(`openssl s_client ended; waited for ${what}`);
      return false;
    });
  }
}

/** With its handshake complete. */
export async function connect(port: number, options?: OpensslOptions): Promise<OpensslClient> {
  return new OpensslClient(port, options).established();
}
