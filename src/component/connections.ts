/** The open connections, as the documented collection and as the documented arrays. */
import { DTLSError } from "../errors.js";
import type { NativeConnection } from "../native.js";

/** What is known of one open connection. A description, made when it is asked for. */
export interface DTLSConnection {
  readonly ConnectionId: number;
  /** IP address that the peer reached us at. */
  readonly LocalHost: string;
  readonly LocalPort: number;
  /** IP address of the peer; IPv4 in its own form on an IPv6 socket, too. */
  readonly RemoteHost: string;
  readonly RemotePort: number;
}

/** Where the connections live. Nothing is kept of them here. */
export interface ConnectionSource {
  connection(id: number): NativeConnection | undefined;
  connectionIds(): number[];
  connectionCount(): number;
}

/**
 * A live, read-only view in the shape of a Map from ConnectionId to DTLSConnection. Iteration goes over the
 * connections there were when it began, in the order of their ids, without those gone meanwhile.
 */
export class Connections implements Iterable<[number, DTLSConnection]> {
  readonly #source: ConnectionSource;

  constructor(source: ConnectionSource) {
    this.#source = source;
    Object.freeze(this);
  }

  get size(): number {
    return this.#source.connectionCount();
  }

  /** Undefined if there is no such connection. */
  get(connectionId: number): DTLSConnection | undefined {
    const found = this.#source.connection(connectionId);
    return found && describeConnection(connectionId, found);
  }

  has(connectionId: number): boolean {
    return this.#source.connection(connectionId) !== undefined;
  }

  *keys(): IterableIterator<number> {
    for (const [id] of this.entries()) yield id;
  }

  *values(): IterableIterator<DTLSConnection> {
    for (const [, connection] of this.entries()) yield connection;
  }

  *entries(): IterableIterator<[number, DTLSConnection]> {
    for (const id of this.#source.connectionIds()) {
      const connection = this.get(id);
      if (connection) yield [id, connection];
    }
  }

  forEach(
    callback: (connection: DTLSConnection, connectionId: number, connections: Connections) => void,
    thisArg?: unknown,
  ): void {
    for (const [id, connection] of this.entries()) callback.call(thisArg, connection, id, this);
  }

  [Symbol.iterator](): IterableIterator<[number, DTLSConnection]> {
    return this.entries();
  }

  get [Symbol.toStringTag](): string {
    return "Connections";
  }
}

function describeConnection(id: number, found: NativeConnection): DTLSConnection {
  return Object.freeze({
    ConnectionId: id,
    LocalHost: found.localAddress,
    LocalPort: found.localPort,
    RemoteHost: found.remoteAddress,
    RemotePort: found.remotePort,
  });
}

/** An array property: indexed by ConnectionId, read-only; an id of no open connection throws 126. */
export type ConnectionArray<Value> = { readonly [connectionId: number]: Value };

export function connectionArray<Value>(
  connections: Connections,
  member: (connection: DTLSConnection) => Value,
): ConnectionArray<Value> {
  const read = (key: string): Value => {
    const connection = connections.get(Number(key));
    if (!connection) throw new DTLSError(126, `there is no open connection ${key}`);
    return member(connection);
  };
  const refuse = (): never => {
    throw new DTLSError(10045, "the Connection arrays are read-only");
  };
  return new Proxy<Record<number, Value>>(
    {},
    {
      // What every object is asked for by the language itself (coercion, await, JSON) is no id.
      get: (target, key) =>
        typeof key === "symbol" || key === "then" || key === "toJSON" || key in Object.prototype
          ? Reflect.get(target, key)
          : read(key),
      has: (_, key) => typeof key === "string" && connections.has(Number(key)),
      ownKeys: () => [...connections.keys()].map(String),
      getOwnPropertyDescriptor: (_, key) =>
        typeof key === "string" && connections.has(Number(key))
          ? { value: read(key), enumerable: true, configurable: true, writable: false }
          : undefined,
      set: refuse,
      defineProperty: refuse,
      deleteProperty: refuse,
    },
  );
}
