/** The open connections, as the documented collection and as the documented arrays. */
import { DTLSError } from "../errors.js";
import type { NativeAddress } from "../native.js";

/** What is known of one open connection. A description, made when it is asked for. */
export interface DTLSConnection {
  /** From 1 on; never used again by the same server. */
  readonly ConnectionId: number;
  /**
   * IP address that the peer reached us at; with LocalPort it is looked up when it is first read, which
   * throws 126 if the connection has ended before.
   */
  readonly LocalHost: string;
  /** UDP port that the peer reached us at. */
  readonly LocalPort: number;
  /** IP address of the peer; IPv4 in its own form on an IPv6 socket, too. */
  readonly RemoteHost: string;
  /** UDP port of the peer. */
  readonly RemotePort: number;
}

/** Where the connections live. Nothing is kept of them here. */
export interface ConnectionSource {
  /** Undefined if there is no such connection. */
  remoteAddress(id: number): NativeAddress | undefined;
  localAddress(id: number): NativeAddress | undefined;
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

  /** As ConnectionCount. */
  get size(): number {
    return this.#source.connectionCount();
  }

  /** Undefined if there is no such connection. */
  get(connectionId: number): DTLSConnection | undefined {
    const remote = this.#source.remoteAddress(connectionId);
    return remote && describeConnection(connectionId, remote, this.#source);
  }

  /** Whether this connection is open. */
  has(connectionId: number): boolean {
    return this.#source.remoteAddress(connectionId) !== undefined;
  }

  /** The ConnectionIds. */
  *keys(): IterableIterator<number> {
    for (const [id] of this.entries()) yield id;
  }

  /** The connections. */
  *values(): IterableIterator<DTLSConnection> {
    for (const [, connection] of this.entries()) yield connection;
  }

  /** Pairs of ConnectionId and connection. */
  *entries(): IterableIterator<[number, DTLSConnection]> {
    for (const id of this.#source.connectionIds()) {
      const connection = this.get(id);
      if (connection) yield [id, connection];
    }
  }

  /** Calls the function for each connection, with `thisArg` as `this`. */
  forEach(
    callback: (connection: DTLSConnection, connectionId: number, connections: Connections) => void,
    thisArg?: unknown,
  ): void {
    for (const [id, connection] of this.entries()) callback.call(thisArg, connection, id, this);
  }

  /** As `entries`. */
  [Symbol.iterator](): IterableIterator<[number, DTLSConnection]> {
    return this.entries();
  }

  get [Symbol.toStringTag](): string {
    return "Connections";
  }
}

/** The local address costs a socket on a wildcard bind, and few who walk over all connections want it. */
function describeConnection(id: number, remote: NativeAddress, source: ConnectionSource): DTLSConnection {
  let found: NativeAddress | undefined;
  const local = (): NativeAddress => {
    found ??= source.localAddress(id);
    if (!found) throw unknownConnection(id);
    return found;
  };
  return Object.freeze({
    ConnectionId: id,
    get LocalHost() {
      return local().address;
    },
    get LocalPort() {
      return local().port;
    },
    RemoteHost: remote.address,
    RemotePort: remote.port,
  });
}

export function unknownConnection(id: unknown): DTLSError {
  return new DTLSError(126, `there is no open connection ${String(id)}`);
}

/** An array property: indexed by ConnectionId, read-only; an id of no open connection throws 126. */
export type ConnectionArray<Value> = { readonly [connectionId: number]: Value };

export function connectionArray<Value>(
  connections: Connections,
  member: (connection: DTLSConnection) => Value,
): ConnectionArray<Value> {
  const read = (key: string): Value => {
    const connection = connections.get(Number(key));
    if (!connection) throw unknownConnection(key);
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
