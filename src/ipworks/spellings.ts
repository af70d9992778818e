/** How the JS edition spells the documented names, as types: made from the documented classes, name by name. */
import type { ConnectionArray, DTLSConnection } from "../component/connections.js";
import type { DTLSServerEventMap, DTLSServerEventName } from "../component/events.js";
import type { DTLSError } from "../errors.js";

/** With null when all went well, and what the method gives. */
export type Callback<Result> = (error: DTLSError | null, result?: Result) => void;

/** A method: a promise without a callback may reject, one with a callback never does. */
export type Promised<Method> = Method extends (...given: infer Given) => infer Result
  ? {
      (...given: [...Given, callback: Callback<Awaited<Result>>]): Promise<Awaited<Result> | undefined>;
      (...given: Given): Promise<Awaited<Result>>;
    }
  : never;

/** All members of a documented class: `getX`, `isX`, `setX`, and methods. */
export type Spelled<Class> = Getters<Class> & Setters<Class> & Methods<Class>;

/** An event as its listeners see it: its members, written "connectionId". */
export type SpelledEvent<Event> = {
  [Name in keyof Event as Name extends string ? Uncapitalize<Name> : never]: Event[Name];
};

/** What `on` and its like are typed by: the event's name and its object. */
export type EventMap = { [Name in DTLSServerEventName]: SpelledEvent<DTLSServerEventMap[Name]> };

/** Called with the event, and the server as `this`. A promise that it returns is taken care of. */
export type EventListener<Name extends DTLSServerEventName> = (
  event: SpelledEvent<DTLSServerEventMap[Name]>,
) => unknown;

type Getters<Class> = {
  readonly [Name in keyof Class as GetterName<Class, Name>]: Name extends ArrayName
    ? (connectionId: number) => Element<Class[Name]>
    : () => Class[Name];
};

type Setters<Class> = {
  readonly [Name in keyof Class as SetterName<Class, Name>]: (value: Taken<Class[Name]>) => void;
};

type Methods<Class> = {
  readonly [Name in keyof Class as MethodName<Class, Name>]: Promised<Class[Name]>;
};

type AnyMethod = (...given: never[]) => unknown;
type ArrayName = `Connection${keyof DTLSConnection}`;
type Element<List> = List extends ConnectionArray<infer Value> ? Value : never;

/** A type cannot be asked what a setter takes: those of Buffers take any bytes. */
type Taken<Value> = Value extends Buffer ? Uint8Array : Value;

type GetterName<Class, Name extends keyof Class> =
  Name extends PropertyName<Class> ? (Class[Name] extends boolean ? `is${Name}` : `get${Name}`) : never;

type SetterName<Class, Name extends keyof Class> =
  Name extends PropertyName<Class> ? (IsReadOnly<Class, Name> extends true ? never : `set${Name}`) : never;

type MethodName<Class, Name extends keyof Class> =
  Name extends DocumentedName<Class> ? (Class[Name] extends AnyMethod ? Uncapitalize<Name> : never) : never;

type PropertyName<Class> = {
  [Name in DocumentedName<Class>]: Class[Name] extends AnyMethod ? never : Name;
}[DocumentedName<Class>];

/** They begin with a capital; the OnX properties are no part of this edition. */
type DocumentedName<Class> = Exclude<Capitals<keyof Class>, `On${DTLSServerEventName}`>;
type Capitals<Name> = Name extends string ? (Name extends Capitalize<Name> ? Name : never) : never;

type IsReadOnly<Class, Name extends keyof Class> = Same<
  Pick<Class, Name>,
  { readonly [Key in keyof Pick<Class, Name>]: Class[Key] }
>;

/** Assignability overlooks `readonly`; identity, which the compiler asks for here, does not. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
