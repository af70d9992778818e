/** Events under the JS edition's spellings: views of the documented ones, and listeners that get them. */
import { type InspectOptions, inspect } from "node:util";
import type { DTLSServerEventMap, DTLSServerEventName } from "../component/events.js";
import type { DTLSServerListener } from "../component/server-events.js";
import { Facade, originalOf, uncapitalize } from "./facade.js";
import { accessorsOf } from "./members.js";
import type { EventListener, SpelledEvent } from "./spellings.js";

/** Of each class of events, made when the first one comes. */
const viewClasses = new Map<object, typeof EventView>();

/** Reads and writes through to the event, so that `accept` decides. */
export function spelledEvent<Event extends object>(event: Event): SpelledEvent<Event> {
  const kind: object = Object.getPrototypeOf(event);
  let View = viewClasses.get(kind);
  if (!View) {
    View = viewClass(event);
    viewClasses.set(kind, View);
  }
  return new View(event) as object as SpelledEvent<Event>;
}

/** Each listener becomes one function, however often it is added, so that `off` finds it. */
export class SpelledListeners {
  readonly #owner: object;
  readonly #made = new WeakMap<object, unknown>();

  /** The owner is what listeners get as `this`. */
  constructor(owner: object) {
    this.#owner = owner;
  }

  /** What is no function stays what it is: whoever takes listeners refuses it. */
  of<Name extends DTLSServerEventName>(listener: EventListener<Name>): DTLSServerListener<Name> {
    if (typeof listener !== "function") return listener;
    let made = this.#made.get(listener);
    if (!made) {
      made = (event: DTLSServerEventMap[Name]) => listener.call(this.#owner, spelledEvent(event));
      this.#made.set(listener, made);
    }
    return made as DTLSServerListener<Name>;
  }
}

class EventView extends Facade {
  /** `e.Accept = false`, the other spelling, must throw rather than leave a client accepted. */
  constructor(event: object) {
    super(event);
    Object.preventExtensions(this);
  }

  /** Getters are on the prototype: this makes console.log show them. */
  [inspect.custom](_depth: number, options: InspectOptions): string {
    const event = originalOf(this);
    const members = Object.fromEntries(accessorsOf(event).map(([name]) => [uncapitalize(name), event[name]]));
    return `${event.constructor.name} ${inspect(members, options)}`;
  }
}

function viewClass(event: object): typeof EventView {
  class View extends EventView {}
  for (const [name, { set }] of accessorsOf(event)) {
    const view: PropertyDescriptor & ThisType<EventView> = {
      configurable: true,
      get() {
        return originalOf(this)[name];
      },
    };
    if (set) {
      view.set = function (value: unknown) {
        originalOf(this)[name] = value;
      };
    }
    Object.defineProperty(View.prototype, uncapitalize(name), view);
  }
  return View;
}
