/** The Log event: what is logged at which level. Nothing is even worded unless somebody reads it. */
import type { Emitter } from "./emitter.js";
import { LogEvent, type LogType } from "./events.js";

const levels: Readonly<Record<LogType, number>> = { Info: 1, Error: 1, Verbose: 2, Debug: 3 };

export class Log {
  readonly #emitter: Emitter;
  readonly #ceiling: () => number;

  constructor(emitter: Emitter, ceiling: () => number) {
    this.#emitter = emitter;
    this.#ceiling = ceiling;
  }

  takes(type: LogType): boolean {
    return levels[type] <= this.#ceiling() && this.#emitter.hasListener("Log");
  }

  /** Id 0: not tied to a connection. */
  line(type: LogType, id: number, message: () => string): void {
    if (this.takes(type)) this.#emitter.emit("Log", new LogEvent(id, levels[type], message(), type));
  }
}
