/** Who listens to what. Lists are replaced, never changed, so that a delivery under way keeps its own. */
import { badArgument } from "../errors.js";

/** What it returns matters only if it is a promise. */
export type Listener<Event> = (event: Event) => unknown;

export interface ListenerEntry {
  readonly listener: Listener<never>;
  readonly once: boolean;
}

const nobody: readonly ListenerEntry[] = [];

export class Listeners {
  readonly #names: ReadonlySet<string>;
  readonly #lists = new Map<string, readonly ListenerEntry[]>();
  readonly #handlers = new Map<string, Listener<never>>();
  /** Called when somebody has come to listen, or the last listener of an event has gone. */
  onChange: () => void = () => {};

  constructor(names: Iterable<string>) {
    this.#names = new Set(names);
  }

  /** The one behind the property OnX. */
  handler(name: string): Listener<never> | null {
    return this.#handlers.get(name) ?? null;
  }

  setHandler(name: string, handler: Listener<never> | null | undefined): void {
    if (handler === null || handler === undefined) {
      this.#handlers.delete(name);
    } else {
      this.#check(name, handler);
      this.#handlers.set(name, handler);
    }
    this.onChange();
  }

  add(name: string, listener: Listener<never>, once: boolean): void {
    this.#check(name, listener);
    const list = this.of(name);
    this.#lists.set(name, [...list, { listener, once }]);
    if (list.length === 0) this.onChange();
  }

  /** The one added last, if it was added several times. */
  remove(name: string, listener: Listener<never>): void {
    this.#check(name, listener);
    const entry = [...this.of(name)].reverse().find((candidate) => candidate.listener === listener);
    if (entry) this.discard(name, entry);
  }

  /** Also for a `once` listener, before it is called. */
  discard(name: string, entry: ListenerEntry): void {
    const list = this.of(name).filter((other) => other !== entry);
    this.#lists.set(name, list);
    if (list.length === 0) this.onChange();
  }

  of(name: string): readonly ListenerEntry[] {
    return this.#lists.get(name) ?? nobody;
  }

  #check(name: string, listener: unknown): void {
    if (!this.#names.has(name)) {
      throw badArgument(`there is no event named ${JSON.stringify(String(name))}`);
    }
    if (typeof listener !== "function") throw badArgument(`the listener of ${name} must be a function`);
  }
}
