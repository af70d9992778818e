/** Lines that strangers can cause, kept to a rate: a flood of datagrams must not become a flood of lines. */
import { performance } from "node:perf_hooks";

/** In milliseconds, from any beginning; must not go back. */
export interface LogClock {
  now(): number;
  /** Calls once, after that time; the function returned calls it off. */
  after(milliseconds: number, task: () => void): () => void;
}

export const systemClock: LogClock = {
  now: () => performance.now(),
  after: (milliseconds, task) => {
    // A count still to be told is no reason to keep a process alive.
    const timer = setTimeout(task, milliseconds).unref();
    return () => clearTimeout(timer);
  },
};

const second = 1000;

export class LineLimit {
  readonly #perSecond: number;
  readonly #clock: LogClock;
  readonly #tellLeftOut: (count: number) => void;
  #windowStart = Number.NEGATIVE_INFINITY;
  #passed = 0;
  #leftOut = 0;
  #callOff = (): void => {};

  /** `tellLeftOut` is called at most once a second: when it is over, or by `flush`. */
  constructor(perSecond: number, clock: LogClock, tellLeftOut: (count: number) => void) {
    this.#perSecond = perSecond;
    this.#clock = clock;
    this.#tellLeftOut = tellLeftOut;
  }

  pass(): boolean {
    const now = this.#clock.now();
    if (now - this.#windowStart >= second) {
      // The timer may be late: the loop was busy.
      this.flush();
      this.#windowStart = now;
      this.#passed = 0;
    }
    if (this.#passed < this.#perSecond) {
      this.#passed++;
      return true;
    }
    if (this.#leftOut++ === 0) {
      this.#callOff = this.#clock.after(this.#windowStart + second - now, () => this.flush());
    }
    return false;
  }

  flush(): void {
    const count = this.#leftOut;
    if (count === 0) return;
    this.#callOff();
    this.#leftOut = 0;
    this.#tellLeftOut(count);
  }
}
