/**
 * Lets an exception surface as Node's uncaughtException without taking down what is being delivered: it is
 * thrown again when the native callback has returned.
 */
export function surface(error: unknown): void {
  process.nextTick(() => {
    throw error;
  });
}
