/** The native endpoint without the TypeScript on top: what it reports, as plain objects. */
import { readFileSync } from "node:fs";
import { onTestFinished } from "vitest";
import {
  EVENT_STRIDE,
  EventKind,
  type NativeBindOptions,
  type NativeDispatch,
  type NativeEndpoint,
  type NativeEndpointSettings,
  type NativeSecurityContext,
  type NativeSecuritySettings,
  native,
  SocketPath,
  StoreFormat,
} from "../../src/native.js";
import { type CertificateName, certificateFile } from "../peers/certificates.js";
import { Watched } from "../peers/waiting.js";

export const settings: NativeEndpointSettings = {
  maxConnections: 100,
  maxHandshakes: 100,
  maxHandshakesPerHost: 100,
  maxConnectionsPerHost: 0,
  maxPacketSize: 65535,
  handshakeMtu: 1200,
  handshakeTimeout: 60_000,
  idleTimeout: 0,
  heartbeatMode: 0,
  keepAliveTime: 60_000,
  keepAliveInterval: 2_000,
  keepAliveMaxRetries: 0,
  pauseBound: 65536,
  reportProgress: false,
  askRequests: true,
  reportRequests: true,
  reportLosses: false,
  reportDrops: false,
  reportRecords: false,
};

/** Beside the certificate. */
export const security: Omit<NativeSecuritySettings, "certificates" | "privateKey"> = {
  requestClientCertificate: false,
  clientTrust: undefined,
  ignoredReasons: 0,
  dtls12: true,
  dtls10: false,
  cipherList: "",
  minimumStrength: 0,
  groups: "P-256:P-384:P-521",
  signatureAlgorithms: "",
  renegotiationInfo: true,
  resumption: false,
  ticketSecret: new Uint8Array(0),
  keyLog: false,
};

export const loopback: NativeBindOptions = {
  host: "127.0.0.1",
  port: 0,
  ipv6: false,
  receiveBuffer: 0,
  sendBuffer: 0,
  sharePort: false,
  dontFragment: false,
  trafficClass: 0,
  connectPeers: false,
  captureDestination: false,
  path: SocketPath.auto,
};

export function makeTable(events = 256): Int32Array {
  return new Int32Array(events * EVENT_STRIDE);
}

/** Settings that are not given have their defaults. */
export function securityContext(
  name: CertificateName = "ecdsa",
  given: Partial<NativeSecuritySettings> = {},
): NativeSecurityContext {
  const [entry] = native.openStore(readFileSync(certificateFile(`${name}.pem`)), "", StoreFormat.pem);
  if (!entry) throw new Error("the test's PEM file is empty");
  return new native.SecurityContext({
    certificates: [entry.certificate, ...entry.chain],
    privateKey: entry.privateKey,
    ...security,
    ...given,
  });
}

export interface Report {
  kind: number;
  id: number;
  bytes: Buffer;
}

/** Accepts whoever comes and records what is reported; closed at the end of the test. */
export class RecordingEndpoint {
  readonly endpoint: NativeEndpoint;
  readonly reports: Report[] = [];
  /** The number of events of each call. */
  readonly calls: number[] = [];
  readonly port: number;
  onCall: NativeDispatch = () => {};
  onReport: (report: Report) => void = () => {};
  readonly #watched = new Watched();

  constructor(table = makeTable()) {
    this.endpoint = new native.Endpoint(settings, 1, table, (count, slab) => {
      this.calls.push(count);
      this.onCall(count, slab);
      for (let event = 0; event < count; event++) {
        const [kind = 0, low = 0, high = 0, , , , offset = 0, length = 0] = table.subarray(
          event * EVENT_STRIDE,
        );
        const bytes = Buffer.from(slab?.subarray(offset, offset + length) ?? []);
        const report = { kind, id: (low >>> 0) + high * 2 ** 32, bytes };
        if (kind === EventKind.connectionRequest) this.endpoint.answerRequest(report.id, true);
        this.reports.push(report);
        this.onReport(report);
      }
      this.#watched.changed();
    });
    this.endpoint.setSecurityContext(securityContext());
    this.endpoint.bind(loopback);
    this.port = this.endpoint.localAddress().port;
    onTestFinished(() => this.endpoint.close());
  }

  of(kind: number): Report[] {
    return this.reports.filter((report) => report.kind === kind);
  }

  async until(what: string, holds: () => boolean): Promise<void> {
    await this.#watched.until(what, holds);
  }

  async count(kind: number, count: number): Promise<Report[]> {
    await this.until(`${count} events of kind ${kind}`, () => this.of(kind).length >= count);
    return this.of(kind);
  }

  /** The call with no events has come. */
  async released(): Promise<void> {
    await this.until("the last call", () => this.calls.includes(0));
  }
}
