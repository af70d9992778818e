// What clients without a connection can cause is kept to a rate in the log, at every level; nothing else is.
import { describe, expect, test } from "vitest";
import { Emitter } from "../../src/component/emitter.js";
import { eventNames } from "../../src/component/events.js";
import type { LogClock } from "../../src/component/line-limit.js";
import { Listeners } from "../../src/component/listeners.js";
import { Log } from "../../src/component/log.js";
import { DTLSServerEvents } from "../../src/component/server-events.js";

/** Time goes on when the test says so. */
class ManualClock implements LogClock {
  #now = 5000;
  #tasks: { at: number; task: () => void }[] = [];

  now = (): number => this.#now;

  after = (milliseconds: number, task: () => void): (() => void) => {
    const entry = { at: this.#now + milliseconds, task };
    this.#tasks.push(entry);
    return () => {
      this.#tasks = this.#tasks.filter((other) => other !== entry);
    };
  };

  /** With `late`, what is due has not run yet: the loop was busy. */
  advance(milliseconds: number, { late = false } = {}): void {
    this.#now += milliseconds;
    if (late) return;
    const due = this.#tasks.filter(({ at }) => at <= this.#now);
    this.#tasks = this.#tasks.filter((entry) => !due.includes(entry));
    for (const { task } of due) task();
  }

  get waiting(): number {
    return this.#tasks.length;
  }
}

class Subject extends DTLSServerEvents {
  readonly clock = new ManualClock();
  readonly log: Log;
  readonly #emitter: Emitter;
  readonly #lines: string[] = [];
  level = 3;

  constructor() {
    const listeners = new Listeners(eventNames);
    super(listeners);
    this.#emitter = new Emitter(this, listeners, () => {});
    this.log = new Log(this.#emitter, () => this.level, this.clock);
    this.OnLog = (e) => this.#lines.push(`${e.ConnectionId} ${e.LogType} ${e.LogLevel} ${e.Message}`);
  }

  handshakeLines(type: "Info" | "Error" | "Verbose", count: number): void {
    for (let index = 0; index < count; index++) this.log.handshakeLine(type, 7, () => "line");
  }

  /** What has been logged since the last call. */
  lines(): string[] {
    this.#emitter.batch(() => {});
    return this.#lines.splice(0);
  }
}

const repeated = (line: string, count: number): string[] => new Array(count).fill(line);

describe("lines about handshakes", () => {
  test("of level 1, errors included, are 10 a second, and one that says how many are missing", () => {
    const subject = new Subject();
    subject.handshakeLines("Info", 6);
    subject.handshakeLines("Error", 50);
    expect(subject.lines()).toEqual([...repeated("7 Info 1 line", 6), ...repeated("7 Error 1 line", 4)]);
    subject.clock.advance(999);
    expect(subject.lines()).toEqual([]);
    subject.clock.advance(1);
    expect(subject.lines()).toEqual(["0 Info 1 Left out 46 lines about handshakes: too many in a second."]);
    subject.handshakeLines("Info", 11);
    expect(subject.lines()).toEqual(repeated("7 Info 1 line", 10));
    subject.clock.advance(1000);
    expect(subject.lines()).toEqual(["0 Info 1 Left out 1 line about handshakes: too many in a second."]);
  });

  test("of level 2 are 20 a second, and cost level 1 none of its own", () => {
    const subject = new Subject();
    subject.handshakeLines("Verbose", 100);
    subject.handshakeLines("Info", 1);
    expect(subject.lines()).toEqual([...repeated("7 Verbose 2 line", 20), "7 Info 1 line"]);
    subject.clock.advance(1000);
    expect(subject.lines()).toEqual([
      "0 Verbose 2 Left out 80 lines about handshakes: too many in a second.",
    ]);
  });

  test("are all there below the limit, and leave no timer behind", () => {
    const subject = new Subject();
    for (let round = 0; round < 10; round++) {
      subject.handshakeLines("Info", 10);
      subject.clock.advance(1000);
    }
    expect(subject.lines()).toEqual(repeated("7 Info 1 line", 100));
    expect(subject.clock.waiting).toBe(0);
  });

  test("what is missing is said before the next line, when the loop was too busy for the timer", () => {
    const subject = new Subject();
    subject.handshakeLines("Info", 12);
    subject.clock.advance(1500, { late: true });
    subject.handshakeLines("Info", 1);
    expect(subject.lines().slice(10)).toEqual([
      "0 Info 1 Left out 2 lines about handshakes: too many in a second.",
      "7 Info 1 line",
    ]);
    subject.clock.advance(1000);
    expect(subject.lines()).toEqual([]);
  });

  test("what is missing is said at once when the endpoint goes", () => {
    const subject = new Subject();
    subject.handshakeLines("Info", 13);
    subject.log.flush();
    expect(subject.lines().at(-1)).toBe("0 Info 1 Left out 3 lines about handshakes: too many in a second.");
    expect(subject.clock.waiting).toBe(0);
    subject.log.flush();
    expect(subject.lines()).toEqual([]);
  });

  test("that nobody reads are neither counted nor told of", () => {
    const subject = new Subject();
    subject.level = 1;
    subject.handshakeLines("Verbose", 100);
    subject.clock.advance(1000);
    expect(subject.lines()).toEqual([]);
    subject.OnLog = null;
    subject.handshakeLines("Info", 100);
    expect(subject.clock.waiting).toBe(0);
  });
});

test("lines about connections that begin and end are 100 a second, errors included", () => {
  const subject = new Subject();
  for (let id = 1; id <= 75; id++) {
    subject.log.connectionLine("Info", id, () => "begins");
    subject.log.connectionLine("Error", id, () => "ends");
  }
  expect(subject.lines()).toHaveLength(100);
  subject.clock.advance(1000);
  expect(subject.lines()).toEqual(["0 Info 1 Left out 50 lines about connections: too many in a second."]);
});

test("lines about what connections do, and the server's own, are never left out", () => {
  const subject = new Subject();
  subject.handshakeLines("Info", 100);
  for (let index = 0; index < 100; index++) subject.log.line("Info", 1, () => "told");
  expect(subject.lines().slice(10)).toEqual(repeated("1 Info 1 told", 100));
});

test("lines about forged records are 10 a second, and cost those about handshakes none", () => {
  const subject = new Subject();
  for (let index = 0; index < 12; index++) subject.log.forgeryLine(7, () => "forged");
  subject.handshakeLines("Info", 10);
  expect(subject.lines()).toEqual([...repeated("7 Error 1 forged", 10), ...repeated("7 Info 1 line", 10)]);
  subject.log.flush();
  expect(subject.lines()).toEqual(["0 Error 1 Left out 2 lines about forged records: too many in a second."]);
});
