/** The one table: what the documented classes have, read from the classes themselves. */
import { Certificate } from "../certificate/certificate.js";
import type { DTLSConnection } from "../component/connections.js";
import { DTLSServer } from "../component/dtls-server.js";
import { eventNames } from "../component/events.js";
import { hasSetter } from "../read-only.js";

export interface Member {
  /** As documented: "LocalPort". */
  readonly name: string;
  /** An array is read by ConnectionId. */
  readonly kind: "value" | "boolean" | "array" | "method";
  /** Of properties: whether they can be assigned. */
  readonly writable: boolean;
}

/** `satisfies`: a member of a connection that is missing here, or is none, is an error of the compiler. */
const connectionTypes = {
  ConnectionId: "value",
  LocalHost: "value",
  LocalPort: "value",
  RemoteHost: "value",
  RemotePort: "value",
} as const satisfies Record<keyof DTLSConnection, Member["kind"]>;

export const connectionMembers: readonly Member[] = Object.entries(connectionTypes).map(([name, kind]) => ({
  name,
  kind,
  writable: false,
}));

/** A server has an array property for each member of a connection. */
const arrays: ReadonlySet<string> = new Set(connectionMembers.map(({ name }) => `Connection${name}`));
const handlers: ReadonlySet<string> = new Set(eventNames.map((name) => `On${name}`));

/** What the server has in objects of other classes; they have spellings of their own. */
export const objectNames = ["Connections", "SSLCert"] as const satisfies (keyof DTLSServer)[];

export const serverMembers = membersOf(new DTLSServer()).filter(
  ({ name }) => !objectNames.some((other) => other === name),
);
export const certificateMembers = membersOf(new Certificate());

/** The accessors of an object's classes, with the documented names and no others. */
export function accessorsOf(object: object): [name: string, descriptor: PropertyDescriptor][] {
  return descriptorsOf(object).filter(([, { get }]) => get !== undefined);
}

/** The values of the object, which is as it was made, tell which properties are Booleans. */
function membersOf(object: object): Member[] {
  const isBoolean = (name: string): boolean =>
    typeof (object as Readonly<Record<string, unknown>>)[name] === "boolean";
  return descriptorsOf(object)
    .filter(([name]) => !handlers.has(name))
    .map(([name, descriptor]) => {
      if (!descriptor.get) return { name, kind: "method", writable: false };
      const kind = arrays.has(name) ? "array" : isBoolean(name) ? "boolean" : "value";
      return { name, kind, writable: hasSetter(descriptor) };
    });
}

/** Documented names begin with a capital; `on` and its like do not. */
function descriptorsOf(object: object): [string, PropertyDescriptor][] {
  const found = new Map<string, PropertyDescriptor>();
  for (
    let at: object = Object.getPrototypeOf(object);
    at !== Object.prototype;
    at = Object.getPrototypeOf(at)
  ) {
    for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (/^[A-Z]/.test(name) && !found.has(name)) found.set(name, descriptor);
    }
  }
  return [...found];
}
