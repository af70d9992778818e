/** A peer in a process of its own: it takes its commands line by line and says line by line what happens. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { peerEnvironment } from "./environment.js";
import { Watched } from "./waiting.js";

export class LinePeer {
  /** What it has said on its standard output. */
  readonly lines: string[] = [];
  /** With its exit code; a signal's name takes the place of a code. */
  readonly exited: Promise<number | string>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #name: string;
  readonly #watched = new Watched();
  #partial = "";
  #errors = "";
  #ended = false;

  constructor(name: string, command: string, parameters: string[]) {
    this.#name = name;
    this.#child = spawn(command, parameters, { env: peerEnvironment() });
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => {
      const lines = (this.#partial + text).split("\n");
      this.#partial = lines.pop() ?? "";
      this.lines.push(...lines);
      this.#watched.changed();
    });
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#errors += text;
    });
    // A peer that has gone takes no more commands; the test sees that by `exited`.
    this.#child.stdin.on("error", () => {});
    this.exited = new Promise((resolve, reject) => {
      this.#child.on("error", reject);
      this.#child.on("close", (code, signal) => {
        this.#ended = true;
        this.#watched.changed();
        resolve(code ?? signal ?? "unknown");
      });
    });
  }

  /** Gives it a command, or whatever it reads from its standard input. */
  tell(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  /** The first line that matches, of those from number `from` on, as soon as it is there. */
  async says(pattern: RegExp, from = 0): Promise<RegExpExecArray> {
    return this.#match(pattern, from, 1);
  }

  /** As `says`, of a whole line: one that may be too long for a pattern. */
  async saysLine(line: string, from = 0): Promise<void> {
    await this.#until(`the line ${shorten(line)}`, () => this.lines.includes(line, from));
  }

  /** As soon as it has said so that often in all. */
  async saysTimes(pattern: RegExp, times: number): Promise<void> {
    await this.#match(pattern, 0, times);
  }

  /** Gives it a command and waits for the line that answers it. */
  async ask(command: string, answer: RegExp): Promise<RegExpExecArray> {
    const from = this.lines.length;
    this.tell(command);
    return this.says(answer, from);
  }

  /** Everything it has said, for a person. */
  describe(): string {
    return `${this.#name} said:\n${this.lines.map(shorten).join("\n")}\n${this.#errors}`;
  }

  /** Ends its standard input. */
  endInput(): void {
    this.#child.stdin.end();
  }

  /** Ends it at once, without a word to the server. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.exited;
  }

  async #match(pattern: RegExp, from: number, times: number): Promise<RegExpExecArray> {
    let found: RegExpExecArray[] = [];
    await this.#until(`${pattern} (${times})`, () => {
      found = this.lines
        .slice(from)
        .map((line) => pattern.exec(line))
        .filter((match) => match !== null);
      return found.length >= times;
    });
    return found[times - 1] as RegExpExecArray;
  }

  async #until(what: string, holds: () => boolean): Promise<void> {
    await this.#watched.until(`${this.#name} to say ${what}`, () => {
      if (holds()) return true;
      if (this.#ended) throw new Error(`${this.#name} ended; waited for ${what}; ${this.describe()}`);
      return false;
    });
  }
}

const shorten = (line: string): string => (line.length > 100 ? `${line.slice(0, 100)}...` : line);
