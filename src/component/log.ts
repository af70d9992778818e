/** The Log event: what is logged at which level. Nothing is even worded unless somebody reads it. */
import type { Emitter } from "./emitter.js";
import { LogEvent, type LogType } from "./events.js";
import { LineLimit, type LogClock, systemClock } from "./line-limit.js";
import { leftOutText } from "./log-texts.js";

const levels: Readonly<Record<LogType, number>> = { Info: 1, Error: 1, Verbose: 2, Debug: 3 };

/**
 * Lines a second that clients without a connection can cause, for each of the two levels that tell of them.
 * A handshake with a client certificate takes 16 lines of level 2: one at a time can be followed whole.
 */
const handshakeLines = { Info: 10, Verbose: 20 } as const;

/**
 * Lines a second about connections that begin and end, which anybody can cause who completes handshakes; where
 * certificates are asked for, only who has one.
 */
const connectionLines = 100;

/** Lines a second about forged records, whose sender may take any connection's address for his own. */
const forgeryLines = 10;

/** Lines a second about single packets, which anybody can send. */
const packetLines = 100;

/** Lines a second about timers, which run in each handshake that anybody begins. */
const timerLines = 100;

export class Log {
  readonly #emitter: Emitter;
  readonly #ceiling: () => number;
  readonly #limits: Readonly<Record<keyof typeof handshakeLines, LineLimit>>;
  readonly #connectionLimit: LineLimit;
  readonly #forgeryLimit: LineLimit;
  readonly #packetLimit: LineLimit;
  readonly #timerLimit: LineLimit;

  constructor(emitter: Emitter, ceiling: () => number, clock: LogClock = systemClock) {
    this.#emitter = emitter;
    this.#ceiling = ceiling;
    const limit = (perSecond: number, type: LogType, about: string): LineLimit =>
      new LineLimit(perSecond, clock, (count) => this.line(type, 0, () => leftOutText(count, about)));
    this.#limits = {
      Info: limit(handshakeLines.Info, "Info", "handshakes"),
      Verbose: limit(handshakeLines.Verbose, "Verbose", "handshakes"),
    };
    this.#connectionLimit = limit(connectionLines, "Info", "connections");
    this.#forgeryLimit = limit(forgeryLines, "Error", "forged records");
    this.#packetLimit = limit(packetLines, "Debug", "packets");
    this.#timerLimit = limit(timerLines, "Debug", "timers");
  }

  takes(type: LogType): boolean {
    return levels[type] <= this.#ceiling() && this.#emitter.hasListener("Log");
  }

  /** Id 0: not tied to a connection. */
  line(type: LogType, id: number, message: () => string): void {
    if (this.takes(type)) this.#emitter.emit("Log", new LogEvent(id, levels[type], message(), type));
  }

  /** A line that anybody with an address can cause as often as he likes: of a handshake, or a request. */
  handshakeLine(type: Exclude<LogType, "Debug">, id: number, message: () => string): void {
    if (!this.takes(type)) return;
    if (this.#limits[type === "Verbose" ? "Verbose" : "Info"].pass()) this.line(type, id, message);
  }

  /** Of a connection's begin or end. */
  connectionLine(type: "Info" | "Error", id: number, message: () => string): void {
    if (this.takes(type) && this.#connectionLimit.pass()) this.line(type, id, message);
  }

  /** Told as an error, though nothing fails: the connection bears it. */
  forgeryLine(id: number, message: () => string): void {
    if (this.takes("Error") && this.#forgeryLimit.pass()) this.line("Error", id, message);
  }

  packetLine(id: number, message: () => string): void {
    if (this.takes("Debug") && this.#packetLimit.pass()) this.line("Debug", id, message);
  }

  timerLine(id: number, message: () => string): void {
    if (this.takes("Debug") && this.#timerLimit.pass()) this.line("Debug", id, message);
  }

  /** The count of what was left out, without waiting for the end of the second. */
  flush(): void {
    this.#limits.Info.flush();
    this.#limits.Verbose.flush();
    this.#connectionLimit.flush();
    this.#forgeryLimit.flush();
    this.#packetLimit.flush();
    this.#timerLimit.flush();
  }
}
