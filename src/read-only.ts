/** Properties that can only be read, and say so when they are assigned. */
import { DTLSError } from "./errors.js";

const refusals = new WeakSet<object>();

/** Gives getters of a class a setter that throws 10045; without one the language's own TypeError would come. */
export function makeReadOnly<Class extends object>(
  prototype: Class,
  names: readonly (keyof Class & string)[],
): void {
  for (const name of names) {
    const descriptor = Object.getOwnPropertyDescriptor(prototype, name);
    const refuse = (): never => {
      throw new DTLSError(10045, `${name} is read-only`);
    };
    refusals.add(refuse);
    Object.defineProperty(prototype, name, { ...descriptor, set: refuse });
  }
}

/** Whether there is a setter that does more than refuse. */
export function hasSetter({ set }: PropertyDescriptor): boolean {
  return set !== undefined && !refusals.has(set);
}
