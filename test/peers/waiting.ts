/** Waiting for what must happen: with a generous limit, and a message that says what did not. */
import { inject } from "vitest";

/** Something that changes; whoever changes it calls `changed`. */
export class Watched {
  readonly #waiting = new Set<() => void>();

  changed(): void {
    for (const check of this.#waiting) check();
  }

  /** As soon as the condition holds, which may be at once; what the condition throws ends the wait. */
  async until(what: string, holds: () => boolean): Promise<void> {
    let check = (): void => {};
    let timer: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        check = () => {
          try {
            if (holds()) resolve();
          } catch (error) {
            reject(error);
          }
        };
        timer = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), inject("patience"));
        this.#waiting.add(check);
        check();
      });
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(check);
    }
  }
}

/** For what tells nobody that it has changed, as counters do: looks again and again. */
export async function eventually(what: string, holds: () => boolean): Promise<void> {
  const watched = new Watched();
  const timer = setInterval(() => watched.changed(), 5);
  try {
    await watched.until(what, holds);
  } finally {
    clearInterval(timer);
  }
}

/**
 * Keeps this thread from doing anything, its event loop included: what arrives meanwhile is waiting in the
 * socket when it goes on, and comes as one batch.
 */
export function block(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
