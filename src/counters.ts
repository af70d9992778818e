/** What a server counts. The list is DTLS_COUNTERS of binding/core/counters.h, which says what each means. */
import { native } from "./native.js";

export const counterNames = [
  "datagramsReceived",
  "bytesReceived",
  "datagramsSent",
  "bytesSent",
  "helloVerifyRequests",
  "connectionRequests",
  "connectionRequestsRefused",
  "handshakesStarted",
  "handshakesCompleted",
  "handshakesFailed",
  "handshakesTimedOut",
  "handshakesReplaced",
  "restarts",
  "flightsRetransmitted",
  "applicationRecordsReceived",
  "applicationBytesReceived",
  "applicationRecordsSent",
  "applicationBytesSent",
  "connectionsClosed",
  "connectionsIdle",
  "sendsBlocked",
  "sendsFailed",
  "dropEmpty",
  "dropOversized",
  "dropUnknownPeer",
  "dropMalformedHello",
  "dropHelloFragment",
  "dropNotAccepting",
  "dropMaxConnections",
  "dropMaxHandshakes",
  "dropMaxHandshakesPerHost",
  "dropMaxConnectionsPerHost",
  "dropBadCookie",
  "dropDuplicateHello",
  "dropMalformedRecord",
  "dropWrongEpoch",
  "dropUnauthenticated",
  "dropSpoofable",
  "dropUnexpectedHandshake",
  "dropHeldOverflow",
  "dropHeartbeat",
  "dropPaused",
  "alertsIgnored",
] as const;

export type CounterName = (typeof counterNames)[number];

/** Totals since the component was made, or since its last Reset. */
export type Counters = Readonly<Record<CounterName, number>>;

/** Names in the order of the addon's values, which need not be that of the list above. */
const nativeOrder = native.seam.counters.map((name) =>
  name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
);

export function counterName(index: number): string {
  return nativeOrder[index] ?? "unknown";
}

/** Sums over the endpoints that a server had one after the other. */
export class CounterTotals {
  #values: number[] = nativeOrder.map(() => 0);

  add(values: readonly number[]): void {
    this.#values = this.#values.map((value, index) => value + (values[index] ?? 0));
  }

  clear(): void {
    this.#values.fill(0);
  }

  /** With the values of the endpoint that lives now. */
  with(values: readonly number[]): Counters {
    const entries = nativeOrder.map((name, index) => [
      name,
      (this.#values[index] ?? 0) + (values[index] ?? 0),
    ]);
    return Object.freeze(Object.fromEntries(entries)) as Counters;
  }
}
