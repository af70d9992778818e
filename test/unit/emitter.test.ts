import { describe, expect, test, vi } from "vitest";
import { Emitter } from "../../src/component/emitter.js";
import {
  ConnectionRequestEvent,
  type DTLSServerEventName,
  eventNames,
  SSLStatusEvent,
} from "../../src/component/events.js";
import { Listeners } from "../../src/component/listeners.js";
import { DTLSServerEvents } from "../../src/component/server-events.js";

class Target extends DTLSServerEvents {
  readonly rejected: [DTLSServerEventName, unknown][] = [];
  readonly emitter: Emitter;

  constructor() {
    const listeners = new Listeners(eventNames);
    super(listeners);
    this.emitter = new Emitter(this, listeners, (name, _, reason) => this.rejected.push([name, reason]));
  }

  say(message: string): void {
    this.emitter.emit("SSLStatus", new SSLStatusEvent(1, message));
  }

  /** One batch with these messages. */
  batch(...messages: string[]): void {
    this.emitter.batch(() => {
      for (const message of messages) this.say(message);
    });
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Runs with the exceptions that surface collected in place of ending the test. */
async function surfacing(run: () => void): Promise<unknown[]> {
  const others = process.listeners("uncaughtException");
  const surfaced: unknown[] = [];
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (error) => surfaced.push(error));
  try {
    run();
    await turn();
  } finally {
    process.removeAllListeners("uncaughtException");
    for (const listener of others) process.on("uncaughtException", listener);
  }
  return surfaced;
}

describe("delivery", () => {
  test("is never inside the call that causes an event", async () => {
    const target = new Target();
    const seen: string[] = [];
    target.OnSSLStatus = (e) => seen.push(e.Message);
    target.say("later");
    expect(seen).toEqual([]);
    await turn();
    expect(seen).toEqual(["later"]);
  });

  test("is never nested, and keeps the order in which things happened", async () => {
    const target = new Target();
    const seen: string[] = [];
    target.OnSSLStatus = (e) => {
      seen.push(`begin ${e.Message}`);
      if (e.Message === "one") target.say("caused by one");
      seen.push(`end ${e.Message}`);
    };
    target.say("before");
    target.batch("one", "two");
    await turn();
    const order = ["before", "one", "caused by one", "two"];
    expect(seen).toEqual(order.flatMap((message) => [`begin ${message}`, `end ${message}`]));
  });

  test("an endless chain of events leaves the loop room for everything else", async () => {
    const target = new Target();
    let count = 0;
    target.OnSSLStatus = () => {
      count++;
      target.say("again");
    };
    target.say("first");
    await turn();
    await turn();
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThan(10);
    target.OnSSLStatus = null;
  });

  test("a listener that throws costs neither other listeners nor the rest of the batch", async () => {
    const target = new Target();
    const seen: string[] = [];
    target.OnSSLStatus = (e) => {
      throw new Error(e.Message);
    };
    target.on("SSLStatus", (e) => seen.push(e.Message));
    const surfaced = await surfacing(() => target.batch("one", "two"));
    expect(seen).toEqual(["one", "two"]);
    expect(surfaced).toEqual([new Error("one"), new Error("two")]);
  });

  test("the handler comes first, then listeners in their order, each with the component as this", async () => {
    const target = new Target();
    const seen: unknown[] = [];
    target.on("SSLStatus", () => seen.push("first"));
    target.once("SSLStatus", function (this: unknown) {
      seen.push(this);
    });
    target.OnSSLStatus = () => seen.push("handler");
    target.batch("x", "y");
    expect(seen).toEqual(["handler", "first", target, "handler", "first"]);
  });

  test("a listener that goes while its event is delivered is still called, one that comes is not", () => {
    const target = new Target();
    const seen: string[] = [];
    const second = () => seen.push("second");
    const third = () => seen.push("third");
    target.on("SSLStatus", () => target.off("SSLStatus", second).on("SSLStatus", third));
    target.on("SSLStatus", second);
    target.batch("x");
    expect(seen).toEqual(["second"]);
  });

  test("a handler that a subclass defines its own way is called", () => {
    const seen: string[] = [];
    class WithMethod extends Target {}
    Object.defineProperty(WithMethod.prototype, "OnSSLStatus", { value: () => seen.push("method") });
    const target = new WithMethod();
    expect(target.emitter.hasListener("SSLStatus")).toBe(true);
    target.batch("x");
    expect(seen).toEqual(["method"]);
  });
});

describe("listeners", () => {
  test("off takes away the last of several like ones, and also those of once", () => {
    const target = new Target();
    const listener = vi.fn();
    target.on("SSLStatus", listener).once("SSLStatus", listener).on("SSLStatus", listener);
    target.removeListener("SSLStatus", listener);
    target.batch("one", "two");
    expect(listener).toHaveBeenCalledTimes(3);
    target.off("SSLStatus", listener);
    expect(target.emitter.hasListener("SSLStatus")).toBe(false);
  });

  test("an event that there is not, and a listener that is none, are 10022", () => {
    const target = new Target();
    expect(() => Reflect.apply(target.on, target, ["Conected", () => {}])).toThrow(
      expect.objectContaining({ code: 10022, message: expect.stringContaining("Conected") }),
    );
    expect(() => Reflect.apply(target.on, target, ["Connected", 1])).toThrow(
      expect.objectContaining({ code: 10022 }),
    );
    expect(() => Object.assign(target, { OnConnected: "no function" })).toThrow(
      expect.objectContaining({ code: 10022 }),
    );
  });
});

describe("decisions", () => {
  function decide(target: Target): { answers: boolean[] } {
    const answers: boolean[] = [];
    target.emitter.batch(() =>
      target.emitter.decide("ConnectionRequest", new ConnectionRequestEvent("::1", 1), (accept) =>
        answers.push(accept),
      ),
    );
    return { answers };
  }

  test("of synchronous listeners are made in the batch", () => {
    const target = new Target();
    target.OnConnectionRequest = () => {};
    expect(decide(target).answers).toEqual([true]);
    target.OnConnectionRequest = (e) => {
      e.Accept = false;
    };
    expect(decide(target).answers).toEqual([false]);
  });

  test("wait for all async listeners", async () => {
    const target = new Target();
    let release = (): void => {};
    target.OnConnectionRequest = async (e) => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      e.Accept = false;
    };
    target.on("ConnectionRequest", async () => {});
    const { answers } = decide(target);
    await turn();
    expect(answers).toEqual([]);
    release();
    await turn();
    expect(answers).toEqual([false]);
  });

  test("a rejection refuses, and is reported", async () => {
    const target = new Target();
    const reason = new Error("no database");
    target.OnConnectionRequest = () => Promise.reject(reason);
    const { answers } = decide(target);
    await turn();
    expect(answers).toEqual([false]);
    expect(target.rejected).toEqual([["ConnectionRequest", reason]]);
  });

  test("an exception refuses, and surfaces", async () => {
    const target = new Target();
    target.OnConnectionRequest = () => {
      throw new Error("oops");
    };
    let answers: boolean[] = [];
    const surfaced = await surfacing(() => {
      answers = decide(target).answers;
    });
    expect(answers).toEqual([false]);
    expect(surfaced).toEqual([new Error("oops")]);
  });
});

test("DoEvents that ran out of time leaves nothing behind", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setImmediate"] });
  try {
    const target = new Target();
    const waiting = Promise.all([1, 2, 3].map(() => target.emitter.nextBatch(100)));
    await vi.advanceTimersByTimeAsync(100);
    await waiting;
    target.batch("x");
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test("DoEvents resolves after the next event, or after its time without any", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const target = new Target();
    const done = vi.fn();
    void target.emitter.nextBatch(100).then(done);
    target.batch("x");
    expect(done).not.toHaveBeenCalled();
    await turn();
    expect(done).toHaveBeenCalledOnce();

    void target.emitter.nextBatch(100).then(done);
    await vi.advanceTimersByTimeAsync(99);
    expect(done).toHaveBeenCalledOnce();
    await vi.advanceTimersByTimeAsync(1);
    expect(done).toHaveBeenCalledTimes(2);
  } finally {
    vi.useRealTimers();
  }
});
