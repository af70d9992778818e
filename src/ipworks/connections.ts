/** The collection that getConnections gives. */
import type {
  DTLSConnection as OriginalConnection,
  Connections as Originals,
} from "../component/connections.js";
import { spelledClass } from "./facade.js";
import { connectionMembers } from "./members.js";

const SpelledConnection = spelledClass<OriginalConnection>(connectionMembers);

/** What is known of one open connection: getConnectionId(), getRemoteHost() and their like. */
export class DTLSConnection extends SpelledConnection {}

/** A live, read-only view in the shape of a Map from ConnectionId to connection, in the order of the ids. */
export class Connections implements Iterable<[number, DTLSConnection]> {
  readonly #originals: Originals;

  constructor(originals: Originals) {
    this.#originals = originals;
    Object.freeze(this);
  }

  /** As getConnectionCount. */
  get size(): number {
    return this.#originals.size;
  }

  /** Undefined if there is no such connection. */
  get(connectionId: number): DTLSConnection | undefined {
    const original = this.#originals.get(connectionId);
    return original && new DTLSConnection(original);
  }

  /** The same as `get`. */
  item(connectionId: number): DTLSConnection | undefined {
    return this.get(connectionId);
  }

  /** Whether this connection is open. */
  has(connectionId: number): boolean {
    return this.#originals.has(connectionId);
  }

  /** The ConnectionIds. */
  keys(): IterableIterator<number> {
    return this.#originals.keys();
  }

  /** The connections. */
  *values(): IterableIterator<DTLSConnection> {
    for (const original of this.#originals.values()) yield new DTLSConnection(original);
  }

  /** Pairs of ConnectionId and connection. */
  *entries(): IterableIterator<[number, DTLSConnection]> {
    for (const [id, original] of this.#originals) yield [id, new DTLSConnection(original)];
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
