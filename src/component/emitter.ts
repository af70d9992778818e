/**
 * Delivers events: from the event loop only, never nested, one listener's failure being no other's.
 *
 * An event that arises inside a call of the user's (a log line of StartListening, say) waits in a queue for
 * the next turn of the loop; one that arises while a batch of the endpoint's is being delivered goes out at
 * once, behind what waits already. So everything is seen in the order in which it happened.
 */
import { AsyncResource } from "node:async_hooks";
import { surface } from "../surface.js";
import { type DTLSServerEventMap, type DTLSServerEventName, eventNames } from "./events.js";
import type { Listener, Listeners } from "./listeners.js";

/** An async listener's promise was rejected. */
export type RejectionHandler = (name: DTLSServerEventName, event: object, reason: unknown) => void;

/** Made once: a name put together for each event would have to be looked up as a new string each time. */
const handlerNames = Object.fromEntries(eventNames.map((name) => [name, `On${name}`])) as {
  [Name in DTLSServerEventName]: `On${Name}`;
};

/** With the OnX properties. They are looked up at delivery: a subclass may define them its own way. */
export type EventTarget = { [Name in `On${DTLSServerEventName}`]: unknown };

export class Emitter {
  readonly #target: EventTarget;
  readonly #listeners: Listeners;
  readonly #rejected: RejectionHandler;
  /** Listeners run in the context in which the server was made, whoever's call caused the event. */
  readonly #resource = new AsyncResource("DTLSServer");
  #queue: (() => void)[] = [];
  #immediate: NodeJS.Immediate | undefined;
  readonly #waiting = new Set<() => void>();
  #inBatch = false;
  #inListener = false;

  constructor(target: EventTarget, listeners: Listeners, rejected: RejectionHandler) {
    this.#target = target;
    this.#listeners = listeners;
    this.#rejected = rejected;
  }

  hasListener(name: DTLSServerEventName): boolean {
    return this.#listeners.of(name).length > 0 || typeof this.#target[handlerNames[name]] === "function";
  }

  /** True as well where a handler may come unseen: an instance of a subclass can get an OnX of its own. */
  mayHaveListener(name: DTLSServerEventName): boolean {
    return this.hasListener(name) || Object.isExtensible(this.#target);
  }

  /** Runs what delivers one batch. Called from the event loop, never inside itself. */
  batch(deliver: () => void): void {
    this.#resource.runInAsyncScope(() => {
      this.#inBatch = true;
      try {
        this.#deliverQueue();
        deliver();
        this.#deliverQueue();
      } finally {
        this.#inBatch = false;
        this.#wake();
      }
    });
  }

  emit<Name extends DTLSServerEventName>(name: Name, event: DTLSServerEventMap[Name]): void {
    if (this.#deliversNow()) this.#call(name, event);
    else this.#enqueue(() => this.#call(name, event));
  }

  /** `answer` is called when every listener has decided; with false if one of them failed. */
  decide<Name extends "ConnectionRequest" | "SSLClientAuthentication">(
    name: Name,
    event: DTLSServerEventMap[Name],
    answer: (accept: boolean) => void,
  ): void {
    const ask = (): void => {
      const replies = this.#call(name, event);
      if (replies === undefined) {
        answer(event.Accept);
      } else if (replies.pending.length === 0) {
        answer(false);
      } else {
        void Promise.all(replies.pending).then((good) => {
          answer(!replies.failed && good.every(Boolean) && event.Accept);
        });
      }
    };
    if (this.#deliversNow()) ask();
    else this.#enqueue(ask);
  }

  /** Resolves after the next batch or queued event, or after the given time if there is none. */
  nextBatch(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const afterBatch = (): void => {
        clearTimeout(timer);
        // Through an immediate, so that a loop over DoEvents leaves room for everything else.
        setImmediate(resolve);
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(afterBatch);
        resolve();
      }, milliseconds);
      this.#waiting.add(afterBatch);
    });
  }

  /** Resolves when what is queued now has been delivered. */
  async queueDelivered(): Promise<void> {
    // Behind the immediate that delivers the queue: they run in order.
    if (this.#queue.length > 0) await new Promise<void>((resolve) => setImmediate(resolve));
  }

  /** In a batch and between listeners; what waits is delivered first. */
  #deliversNow(): boolean {
    if (!this.#inBatch || this.#inListener) return false;
    this.#deliverQueue();
    return true;
  }

  #enqueue(task: () => void): void {
    this.#queue.push(task);
    this.#schedule();
  }

  #schedule(): void {
    this.#immediate ??= setImmediate(() => {
      this.#immediate = undefined;
      if (this.#queue.length > 0) this.batch(() => {});
    });
  }

  /** What listeners add meanwhile waits for another turn: an endless chain of events starves nothing. */
  #deliverQueue(): void {
    if (this.#queue.length === 0) return;
    const tasks = this.#queue;
    this.#queue = [];
    for (const task of tasks) task();
  }

  #wake(): void {
    if (this.#waiting.size === 0) return;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  /** Undefined when every listener was synchronous and none failed. */
  #call(name: DTLSServerEventName, event: object): Replies | undefined {
    let replies: Replies | undefined;
    const handler = this.#target[handlerNames[name]];
    if (typeof handler === "function")
      replies = this.#callOne(handler as Listener<never>, name, event, replies);
    for (const entry of this.#listeners.of(name)) {
      if (entry.once) this.#listeners.discard(name, entry);
      replies = this.#callOne(entry.listener, name, event, replies);
    }
    return replies;
  }

  #callOne(
    listener: Listener<never>,
    name: DTLSServerEventName,
    event: object,
    before: Replies | undefined,
  ): Replies | undefined {
    this.#inListener = true;
    try {
      const result = listener.call(this.#target, event as never);
      if (!isPromise(result)) return before;
      const replies = before ?? { failed: false, pending: [] };
      replies.pending.push(this.#reportRejection(result, name, event));
      return replies;
    } catch (error) {
      surface(error);
      return { failed: true, pending: before?.pending ?? [] };
    } finally {
      this.#inListener = false;
    }
  }

  #reportRejection(
    promise: PromiseLike<unknown>,
    name: DTLSServerEventName,
    event: object,
  ): Promise<boolean> {
    return Promise.resolve(promise).then(
      () => true,
      (reason: unknown) => {
        this.#rejected(name, event, reason);
        return false;
      },
    );
  }
}

/** Of listeners that failed or are async. */
interface Replies {
  failed: boolean;
  /** Whether each went well. */
  pending: Promise<boolean>[];
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
