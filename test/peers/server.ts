/** A DTLSServer under test: on a port of the system's choice, with all its events recorded in their order. */
import { onTestFailed, onTestFinished } from "vitest";
import { DTLSServer, type DTLSServerEventMap, type DTLSServerEventName } from "../../src/index.js";
import { type CertificateName, certificate } from "./certificates.js";
import { Watched } from "./waiting.js";

type Recorded = {
  [Name in DTLSServerEventName]: { name: Name; event: DTLSServerEventMap[Name] };
}[DTLSServerEventName];

const recordedNames = [
  "ConnectionRequest",
  "SSLClientAuthentication",
  "Connected",
  "DataIn",
  "Disconnected",
  "Error",
] as const satisfies readonly DTLSServerEventName[];

/** Every event of a server, from when it is made. */
export class EventRecord {
  readonly all: Recorded[] = [];
  readonly #watched = new Watched();

  constructor(server: DTLSServer) {
    for (const name of recordedNames) {
      server.on(name, (event: DTLSServerEventMap[typeof name]) => {
        this.all.push({ name, event } as Recorded);
        this.#watched.changed();
      });
    }
    onTestFailed(() => console.error(`the server's last events:\n${this.describe()}`));
  }

  of<Name extends DTLSServerEventName>(name: Name): DTLSServerEventMap[Name][] {
    return this.all
      .filter((recorded) => recorded.name === name)
      .map((recorded) => recorded.event as DTLSServerEventMap[Name]);
  }

  /** The names in their order, without those of the data. */
  names(): DTLSServerEventName[] {
    return this.all.map(({ name }) => name).filter((name) => name !== "DataIn");
  }

  /** The first one that matches, as soon as there is one: it may have come already. */
  async first<Name extends DTLSServerEventName>(
    name: Name,
    matches: (event: DTLSServerEventMap[Name]) => boolean = () => true,
  ): Promise<DTLSServerEventMap[Name]> {
    await this.until(`${name}`, () => this.of(name).some(matches));
    return this.of(name).find(matches) as DTLSServerEventMap[Name];
  }

  /** As soon as there are that many. */
  async count<Name extends DTLSServerEventName>(
    name: Name,
    count: number,
  ): Promise<DTLSServerEventMap[Name][]> {
    await this.until(`${count} ${name} events`, () => this.of(name).length >= count);
    return this.of(name);
  }

  describe(): string {
    return this.all
      .slice(-40)
      .map(({ name, event }) => `${name} ${describeEvent(event)}`)
      .join("\n");
  }

  async until(what: string, holds: () => boolean): Promise<void> {
    await this.#watched.until(what, holds);
  }
}

function describeEvent(event: object): string {
  const read = (name: string): unknown => (event as Record<string, unknown>)[name];
  const members = ["ConnectionId", "Address", "Port", "SourcePort", "StatusCode", "ErrorCode", "Description"];
  const texts = members
    .filter((name) => read(name) !== undefined)
    .map((name) => `${name}=${String(read(name))}`);
  return texts.join(" ");
}

export interface ServerUnderTest {
  server: DTLSServer;
  port: number;
  events: EventRecord;
}

/** A server that is not listening yet, and is shut down at the end of the test, whatever happens. */
export function makeServer(name: CertificateName = "ecdsa"): { server: DTLSServer; events: EventRecord } {
  const server = new DTLSServer();
  onTestFinished(() => server.Shutdown());
  server.SSLCert = certificate(name);
  server.LocalHost = "127.0.0.1";
  return { server, events: new EventRecord(server) };
}

/** A listening server; `prepare` may change what it likes before that. */
export function startServer(
  prepare: (server: DTLSServer) => void = () => {},
  name: CertificateName = "ecdsa",
): ServerUnderTest {
  const { server, events } = makeServer(name);
  prepare(server);
  server.StartListening();
  return { server, port: server.LocalPort, events };
}

/** A listening server that sends back what it receives. */
export function startEchoServer(
  prepare: (server: DTLSServer) => void = () => {},
  name: CertificateName = "ecdsa",
): ServerUnderTest {
  return startServer((server) => {
    server.OnDataIn = (e) => server.SendBytes(e.ConnectionId, e.DatagramB);
    prepare(server);
  }, name);
}
