/** The two ways to learn how a call went: its promise, or a callback behind its other arguments. */
import { surface } from "../surface.js";

/**
 * The work is done at once, so that calls which nobody waits for keep their order. Without a callback the
 * promise rejects with what the work throws. With one it never rejects, and resolves when the callback has been
 * called; what the callback throws is the process's uncaughtException.
 */
export function promised(
  given: readonly unknown[],
  work: (parameters: readonly unknown[]) => unknown,
): Promise<unknown> {
  const last = given.at(-1);
  if (typeof last !== "function") return settled(() => work(given));
  const call = (...outcome: readonly unknown[]): void => {
    try {
      Reflect.apply(last, undefined, outcome);
    } catch (error) {
      surface(error);
    }
  };
  return settled(() => work(given.slice(0, -1))).then(
    (result) => {
      call(null, result);
      return result;
    },
    (error: unknown) => call(error),
  );
}

async function settled(work: () => unknown): Promise<unknown> {
  return work();
}
