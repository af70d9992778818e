/** SSLKeyLogFile: the master secrets of handshakes, for Wireshark and the like. */
import { appendFileSync } from "node:fs";
import { type DTLSError, systemError } from "../errors.js";

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
      appendFileSync(path, `${line}\n`, { mode: 0o600 });
      this.#told = undefined;
    } catch (cause) {
      if (this.#told === path) return;
      this.#told = path;
      this.#failed(systemError(cause, `writing to SSLKeyLogFile ${path}`));
    }
  }
}
