/** What a server counts. The meanings are those of DTLS_COUNTERS in binding/core/counters.h. */
import { counterNames } from "./native.js";

/**
 * Totals since the component was made, or since its last Reset. Names in drop count datagrams or records that
 * were dropped for that reason.
 */
export interface Counters {
  /** Datagrams from the socket, of any kind. */
  readonly datagramsReceived: number;
  /** Bytes of these datagrams. */
  readonly bytesReceived: number;
  /** Datagrams handed to the socket. */
  readonly datagramsSent: number;
  /** Bytes of these datagrams. */
  readonly bytesSent: number;
  /** First hellos answered statelessly. */
  readonly helloVerifyRequests: number;
  /** Hellos with a good cookie, offered to ConnectionRequest. */
  readonly connectionRequests: number;
  /** Of these, what its listener refused. */
  readonly connectionRequestsRefused: number;
  /** Handshakes that were let in. */
  readonly handshakesStarted: number;
  /** Handshakes that became connections. */
  readonly handshakesCompleted: number;
  /** Handshakes that did not, with requests that were not answered in time. */
  readonly handshakesFailed: number;
  /** Past HandshakeTimeout, unanswered requests too; also counted as failed. */
  readonly handshakesTimedOut: number;
  /** Gave way to a newer one of the same client; also counted as failed if it had started. */
  readonly handshakesReplaced: number;
  /** Of the completed ones: those that took up an earlier session. */
  readonly handshakesResumed: number;
  /** Connections that gave way to a new handshake from the same address and port. */
  readonly restarts: number;
  /** Flights of handshakes sent once more. */
  readonly flightsRetransmitted: number;
  /** Last flights of handshakes sent once more, because the client had not got them. */
  readonly finalFlightsResent: number;
  /** Attempts of clients to renegotiate. */
  readonly renegotiationsRefused: number;
  /** Records of application data received: one a datagram of the user's. */
  readonly applicationRecordsReceived: number;
  /** Bytes of these. */
  readonly applicationBytesReceived: number;
  /** Records of application data sent: one a datagram of the user's. */
  readonly applicationRecordsSent: number;
  /** Bytes of these. */
  readonly applicationBytesSent: number;
  /** HeartbeatRequests of clients, well-formed and allowed by KeepAliveMode. */
  readonly heartbeatRequestsReceived: number;
  /** HeartbeatRequests sent, with their repetitions. */
  readonly heartbeatRequestsSent: number;
  /** HeartbeatResponses that answered a request of ours. */
  readonly heartbeatResponsesReceived: number;
  /** Answers to HeartbeatRequests of clients. */
  readonly heartbeatResponsesSent: number;
  /** Connections that have ended. */
  readonly connectionsClosed: number;
  /** Closed for idleness; also counted as closed. */
  readonly connectionsIdle: number;
  /** Closed because KeepAliveMaxRetries heartbeats were not answered; also counted as closed. */
  readonly keepAliveEnded: number;
  /** Sends refused because the outgoing queue was full. */
  readonly sendsBlocked: number;
  /** Datagrams that the socket refused. */
  readonly sendsFailed: number;
  /**
   * ICMP errors about datagrams that have left, to whomever: true, or forged. 0 on other systems than Linux, and with
   * `SocketPath=uv`.
   */
  readonly icmpErrors: number;
  /**
   * Datagrams that found the socket's receive buffer full (InBufferSize): Linux tells of them with the next one that
   * it takes. With `UseConnection` those of all sockets. 0 on other systems, and with `SocketPath=uv`.
   */
  readonly kernelDrops: number;
  /** Datagram without a byte. */
  readonly dropEmpty: number;
  /** Longer than MaxPacketSize. */
  readonly dropOversized: number;
  /** No ClientHello, from an address without a connection. */
  readonly dropUnknownPeer: number;
  /** A handshake record that is no readable ClientHello. */
  readonly dropMalformedHello: number;
  /** A later fragment of a hello, from an address without a connection. */
  readonly dropHelloFragment: number;
  /** A ClientHello while not listening. */
  readonly dropNotAccepting: number;
  /** A ClientHello at the limit of MaxConnections. */
  readonly dropMaxConnections: number;
  /** A ClientHello at the limit of MaxHandshakes. */
  readonly dropMaxHandshakes: number;
  /** A ClientHello at the limit of MaxHandshakesPerHost. */
  readonly dropMaxHandshakesPerHost: number;
  /** A ClientHello at the limit of MaxConnectionsPerHost. */
  readonly dropMaxConnectionsPerHost: number;
  /** A second hello without a valid cookie: answered like a first one. */
  readonly dropBadCookie: number;
  /** A hello that came again. */
  readonly dropDuplicateHello: number;
  /** From a known peer: header, version or length is wrong. */
  readonly dropMalformedRecord: number;
  /** A record of an epoch that has no place now. */
  readonly dropWrongEpoch: number;
  /** Not authentic, or a replay. */
  readonly dropUnauthenticated: number;
  /** Clear-text records that have no place now. */
  readonly dropSpoofable: number;
  /** A handshake message of a wrong type or number. */
  readonly dropUnexpectedHandshake: number;
  /** More early records than are kept during a handshake. */
  readonly dropHeldOverflow: number;
  /** Heartbeats discarded (RFC 6520): malformed, not negotiated, not allowed now, or answering nothing. */
  readonly dropHeartbeat: number;
  /** Datagrams past the bound of a paused connection. */
  readonly dropPaused: number;
  /** Clear-text alerts, which only shorten a deadline. */
  readonly alertsIgnored: number;
}

export type CounterName = keyof Counters;

/** For the number of a Counter. */
export function counterName(index: number): string {
  return counterNames[index] ?? "unknown";
}

/** Sums over the endpoints that a server had one after the other. */
export class CounterTotals {
  #values: number[] = counterNames.map(() => 0);

  add(values: readonly number[]): void {
    this.#values = this.#values.map((value, index) => value + (values[index] ?? 0));
  }

  clear(): void {
    this.#values.fill(0);
  }

  /** With the values of the endpoint that lives now. */
  with(values: readonly number[]): Counters {
    const entries = counterNames.map((name, index) => {
      return [name, (this.#values[index] ?? 0) + (values[index] ?? 0)];
    });
    return Object.freeze(Object.fromEntries(entries) as Record<CounterName, number>);
  }
}
