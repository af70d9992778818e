/** Properties that can only be read, and say so when they are assigned. */
import { DTLSError } from "./errors.js";

/** Gives getters of a class a setter that throws 10045; without one the language's own TypeError would come. */
export function makeReadOnly<Class extends object>(
  prototype: Class,
  names: readonly (keyof Class & string)[],
): void {
  for (const name of names) {
    const descriptor = Object.getOwnPropertyDescriptor(prototype, name);
    Object.defineProperty(prototype, name, {
      ...descriptor,
      set: () => {
        throw new DTLSError(10045, `${name} is read-only`);
      },
    });
  }
}
