/**
 * An echo server for a whole file of tests, with every cipher suite of this OpenSSL: the native endpoint, which
 * takes OpenSSL's cipher lists.
 */
import {
  counterNames,
  EVENT_STRIDE,
  EventKind,
  type NativeEndpoint,
  type NativeEndpointSettings,
  type NativeSecuritySettings,
  native,
} from "../../src/native.js";
import { loopback, makeTable, securityContext, settings } from "../native/native-endpoint.js";
import type { CertificateName } from "./certificates.js";
import { Watched } from "./waiting.js";

/** Level 0 for CCM_8. */
export const everySuite = "ALL:!aNULL:!eNULL:!aDSS:!PSK:!SRP:@SECLEVEL=0";

export interface SuiteServerOptions {
  endpoint?: Partial<NativeEndpointSettings>;
  security?: Partial<NativeSecuritySettings>;
}

export interface ServedConnection {
  id: number;
  /** The `Fault` that it has ended with. */
  fault?: number;
  /** Why it sends no heartbeats. */
  inert?: string;
}

export class SuiteServer {
  readonly port: number;
  readonly #endpoint: NativeEndpoint;
  readonly #connections = new Map<number, ServedConnection>();
  readonly #watched = new Watched();

  /** Its owner closes it. */
  constructor(certificate: CertificateName, options: SuiteServerOptions = {}) {
    const table = makeTable();
    const endpointSettings = { ...settings, ...options.endpoint };
    this.#endpoint = new native.Endpoint(endpointSettings, 1, table, (count, slab) => {
      for (let at = 0; at < count * EVENT_STRIDE; at += EVENT_STRIDE) {
        const [kind = 0, id = 0, , , fault = 0, , offset = 0, length = 0] = table.subarray(at);
        const bytes = Buffer.from(slab?.subarray(offset, offset + length) ?? []);
        this.#report(kind, id, fault, bytes);
      }
      this.#watched.changed();
    });
    const security = { cipherList: everySuite, ...options.security };
    this.#endpoint.setSecurityContext(securityContext(certificate, security));
    this.#endpoint.bind(loopback);
    this.port = this.#endpoint.localAddress().port;
  }

  /** The one with the latest handshake. */
  async newest(): Promise<ServedConnection> {
    await this.#watched.until("a connection", () => this.#connections.size > 0);
    return [...this.#connections.values()].at(-1) as ServedConnection;
  }

  /** The `Fault` of its end, once it has ended. */
  async ended(connection: ServedConnection): Promise<number> {
    await this.#watched.until(`the end of connection ${connection.id}`, () => connection.fault !== undefined);
    return connection.fault as number;
  }

  /** What it has counted so far. */
  count(name: (typeof counterNames)[number]): number {
    return this.#endpoint.counters()[counterNames.indexOf(name)] as number;
  }

  close(): void {
    this.#endpoint.close();
  }

  #report(kind: number, id: number, fault: number, bytes: Buffer): void {
    const connection = this.#connections.get(id);
    if (kind === EventKind.connectionRequest) this.#endpoint.answerRequest(id, true);
    if (kind === EventKind.connected) this.#connections.set(id, { id });
    if (kind === EventKind.data) this.#endpoint.send(id, bytes);
    if (kind === EventKind.keepAliveInert && connection) connection.inert = bytes.toString();
    if (kind === EventKind.disconnected) {
      this.#endpoint.endTold(id);
      if (connection) connection.fault = fault;
    }
  }
}
