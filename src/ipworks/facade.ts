/** Stands before an object of a documented class and passes on what is asked by other names. */
import type { Member } from "./members.js";
import { promised } from "./promised.js";
import type { Spelled } from "./spellings.js";

/** Its members go by their documented names. */
export type Original = Record<string, unknown>;

type Method = (...parameters: unknown[]) => unknown;

export let originalOf: (facade: object) => Original;

export class Facade {
  readonly #original: Original;

  constructor(original: object) {
    this.#original = original as Original;
  }

  static {
    originalOf = (facade) => (facade as Facade).#original;
  }
}

/** A class with the members of the table; `Class` is the documented one that the table was made of. */
export function spelledClass<Class extends object>(
  members: readonly Member[],
): new (
  original: Class,
) => Spelled<Class> {
  class SpelledFacade extends Facade {}
  for (const member of members) {
    for (const [name, method] of Object.entries(spell(member))) {
      Object.defineProperty(SpelledFacade.prototype, name, {
        value: method,
        writable: true,
        configurable: true,
      });
    }
  }
  // The table and the types are made of the same class; a test compares them name by name.
  return SpelledFacade as object as new (
    original: Class,
  ) => Spelled<Class>;
}

export function uncapitalize(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

/** What one member of the documented class becomes. As in a class, the methods know their names. */
function spell({ name, kind, writable }: Member): Record<string, unknown> {
  if (kind === "method") {
    const method = uncapitalize(name);
    return {
      [method](this: Facade, ...given: unknown[]): Promise<unknown> {
        return promised(given, (parameters) => {
          const original = originalOf(this);
          return (original[name] as Method).call(original, ...parameters);
        });
      },
    };
  }
  const getter = `${kind === "boolean" ? "is" : "get"}${name}`;
  if (kind === "array") {
    return {
      [getter](this: Facade, connectionId: unknown): unknown {
        // By a number only: the array has what every object has, too ("toString").
        return (originalOf(this)[name] as Readonly<Record<number, unknown>>)[Number(String(connectionId))];
      },
    };
  }
  const read = {
    [getter](this: Facade): unknown {
      return originalOf(this)[name];
    },
  };
  if (!writable) return read;
  return {
    ...read,
    [`set${name}`](this: Facade, value: unknown): void {
      originalOf(this)[name] = value;
    },
  };
}
