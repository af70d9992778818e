/** SSLKeyLogFile: the master secrets of handshakes, for Wireshark and the like. */
import { appendFileSync, closeSync, constants, openSync } from "node:fs";
import { type DTLSError, systemError } from "../errors.js";

/** A pipe that nobody reads must not hold the process up: opening it fails, as writing to a full one does. */
const flags =
  constants.O_APPEND |
  constants.O_CREAT |
  constants.O_WRONLY |
  (process.platform === "win32" ? 0 : constants.O_NONBLOCK);

export class KeyLog {
  readonly #path: () => string;
  readonly #failed: (error: DTLSError) => void;
  /** The file that a failure has been told of; not again before another one, or a success. */
  #told: string | undefined;

  /** `path` is asked for each line; "" writes none. */
  constructor(path: () => string, failed: (error: DTLSError) => void) {
    this.#path = path;
    this.#failed = failed;
  }

  /** Opened and closed each time: the file may be moved away, or its disk be full for a while. */
  append(line: string): void {
    const path = this.#path();
    if (path === "") return;
    try {
      const file = openSync(path, flags, 0o600);
      try {
        appendFileSync(file, `${line}\n`);
      } finally {
        closeSync(file);
      }
      this.#told = undefined;
    } catch (cause) {
      if (this.#told === path) return;
      this.#told = path;
      this.#failed(systemError(cause, `writing to SSLKeyLogFile ${path}`));
    }
  }
}
