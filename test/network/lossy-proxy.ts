/**
 * A bad network: a UDP proxy between clients and a server that loses, doubles or delays datagrams, both ways,
 * as a rule says. Each client gets a socket of its own towards the server, as behind a NAT.
 */
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import { onTestFinished } from "vitest";

export type Direction = "toServer" | "toClient";

export interface Passing {
  datagram: Buffer;
  direction: Direction;
  /** Of this client and direction, from 0 on. */
  index: number;
  /** Clients are numbered in the order of their first datagrams, from 0 on. */
  client: number;
}

/** Or a delay in milliseconds. What is held waits for `release`. */
export type Fate = "pass" | "drop" | "duplicate" | "hold" | number;
export type Rule = (passing: Passing) => Fate;

interface Flow {
  client: number;
  socket: Socket;
  count: Record<Direction, number>;
}

export class LossyProxy {
  /** May be replaced at any time. */
  rule: Rule = () => "pass";
  /** What the rule has condemned so far. */
  readonly dropped: Passing[] = [];
  /** What waits for `release`. */
  readonly held: Passing[] = [];
  readonly #releases: (() => void)[] = [];
  readonly #front: Socket;
  readonly #flows = new Map<number, Flow>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #serverPort: number;

  /** On 127.0.0.1, until the end of the test. */
  static async start(serverPort: number, rule?: Rule): Promise<LossyProxy> {
    const proxy = new LossyProxy(serverPort);
    if (rule) proxy.rule = rule;
    await once(proxy.#front, "listening");
    onTestFinished(() => proxy.#close());
    return proxy;
  }

  private constructor(serverPort: number) {
    this.#serverPort = serverPort;
    this.#front = createSocket("udp4").bind(0, "127.0.0.1");
    this.#front.on("message", (datagram, client) => {
      const flow = this.#flowOf(client);
      this.#pass(flow, datagram, "toServer", () => flow.socket.send(datagram, this.#serverPort, "127.0.0.1"));
    });
  }

  /** What clients connect to. */
  get port(): number {
    return this.#front.address().port;
  }

  /** Sends all that is held, in order and at once: a server in this process finds it together in its socket. */
  release(): void {
    this.held.length = 0;
    for (const send of this.#releases.splice(0)) send();
  }

  /** A datagram that the server takes for this client's. */
  inject(client: number, datagram: Uint8Array): void {
    for (const flow of this.#flows.values()) {
      if (flow.client === client) flow.socket.send(datagram, this.#serverPort, "127.0.0.1");
    }
  }

  #flowOf({ port }: RemoteInfo): Flow {
    const known = this.#flows.get(port);
    if (known) return known;
    const socket = createSocket("udp4").bind(0, "127.0.0.1");
    const flow = { client: this.#flows.size, socket, count: { toServer: 0, toClient: 0 } };
    socket.on("message", (datagram) => {
      this.#pass(flow, datagram, "toClient", () => this.#front.send(datagram, port, "127.0.0.1"));
    });
    this.#flows.set(port, flow);
    return flow;
  }

  #pass(flow: Flow, datagram: Buffer, direction: Direction, send: () => void): void {
    const passing = { datagram, direction, index: flow.count[direction]++, client: flow.client };
    const fate = this.rule(passing);
    if (fate === "drop") {
      this.dropped.push(passing);
    } else if (fate === "duplicate") {
      send();
      send();
    } else if (fate === "pass") {
      send();
    } else if (fate === "hold") {
      this.held.push(passing);
      this.#releases.push(send);
    } else {
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        send();
      }, fate);
      this.#timers.add(timer);
    }
  }

  #close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#front.close();
    for (const { socket } of this.#flows.values()) socket.close();
  }
}

/**
 * A rule that drops one datagram in so many, each way, and begins elsewhere with each client. By chance four in a
 * row would be lost some day, which costs 15 s of doubling timers: `test/core` does that, in virtual time.
 */
export function losesEvery(count: number): Rule {
  return ({ client, direction, index }) => {
    const place = direction === "toServer" ? client : 2 * client + Math.floor(client / count);
    return (index + place) % count === 0 ? "drop" : "pass";
  };
}
