/** A Node program of test/programs as a child process: it uses the package as its users do, built and by name. */
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { inject, onTestFinished } from "vitest";
import { Watched } from "./waiting.js";

export interface ProgramOptions {
  /** For Node. Default: none. */
  nodeOptions?: string[];
  /** Config settings of its servers, "NAME=VALUE". Default: none. */
  settings?: string[];
  /** What runs it, and is given Node's command line: a shell with other limits, say. Default: nothing. */
  under?: string[];
  /** More of the environment. Default: none. */
  env?: NodeJS.ProcessEnv;
}

export class Program {
  /** When it has ended; a signal's name takes the place of a code. */
  readonly exited: Promise<{ code: number | string; stderr: string }>;
  readonly #child: ChildProcess;
  readonly #watched = new Watched();
  #stdout = "";
  #stderr = "";
  #ended = false;

  constructor(
    file: string,
    args: string[],
    { nodeOptions = [], settings = [], under = [], env = {} }: ProgramOptions,
  ) {
    const path = fileURLToPath(new URL(`../programs/${file}`, import.meta.url));
    const [command = "", ...rest] = [...under, process.execPath, ...nodeOptions, path, ...args];
    this.#child = spawn(command, rest, {
      env: {
        ...process.env,
        TEST_CERTIFICATES: inject("certificates"),
        TEST_SETTINGS: JSON.stringify(settings),
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout += text;
      this.#watched.changed();
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
    this.exited = new Promise((resolve, reject) => {
      this.#child.on("error", reject);
      this.#child.on("close", (code, signal) => {
        this.#ended = true;
        this.#watched.changed();
        resolve({ code: code ?? signal ?? "unknown", stderr: this.#stderr });
      });
    });
    onTestFinished(async () => {
      this.#child.kill("SIGKILL");
      await this.exited;
    });
  }

  get stdout(): string {
    return this.#stdout;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** What follows the name on a line "name value" of its standard output, as soon as it is there. */
  async prints(name: string): Promise<string> {
    const line = new RegExp(`^${name} (.*)\n`, "m");
    await this.#watched.until(`the program to print "${name} ..."`, () => {
      if (line.test(this.#stdout)) return true;
      if (this.#ended) throw new Error(`the program ended; its standard error:\n${this.#stderr}`);
      return false;
    });
    return line.exec(this.#stdout)?.[1] ?? "";
  }

  /** Its "message" event. */
  tell(message: string): void {
    this.#child.send(message);
  }
}

export function runProgram(file: string, args: string[] = [], options: ProgramOptions = {}): Program {
  return new Program(file, args, options);
}
