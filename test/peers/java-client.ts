/** The program of java/DtlsClient.java: JSSE, Java's own DTLS. One process serves a whole file of tests. */
import { peerPath } from "./describe-peer.js";
import { LinePeer } from "./line-peer.js";

/** One small program: a JVM that starts soon matters more than one that runs fast. */
const jvm = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"];

export interface JavaFacts {
  suite: string;
  resumed: boolean;
}

export class JavaClient {
  readonly #peer: LinePeer;

  /** Without `ems` it does not offer extended_master_secret. Its owner ends it by kill(). */
  constructor({ ems = true } = {}) {
    const parameters = [...jvm, "-cp", peerPath("java"), "DtlsClient", ...(ems ? [] : ["--no-ems"])];
    this.#peer = new LinePeer("the Java client", "java", parameters);
  }

  /** A new connection, offering one suite by its IANA name; the old one is closed. */
  async connect(port: number, suite: string): Promise<JavaFacts> {
    return this.#connect("connect", port, suite);
  }

  /** As `connect`, offering the session of the last connection too. */
  async resume(port: number, suite: string): Promise<JavaFacts> {
    return this.#connect("resume", port, suite);
  }

  /** Sends one datagram and waits for it to come back. */
  async echoes(data: string | Uint8Array): Promise<void> {
    const hex = Buffer.from(data).toString("hex");
    await this.#peer.ask(`send ${hex}`, new RegExp(`^data ${hex}$`));
  }

  /** Ends the connection with close_notify. */
  async close(): Promise<void> {
    await this.#peer.ask("bye", /^closed by=client$/);
  }

  /** The server has closed the connection. */
  async closedByServer(): Promise<void> {
    await this.#peer.says(/^closed by=server$/);
  }

  /** Everything it has said, for a person. */
  describe(): string {
    return this.#peer.describe();
  }

  async kill(): Promise<void> {
    await this.#peer.kill();
  }

  async #connect(command: string, port: number, suite: string): Promise<JavaFacts> {
    const line = `${command} 127.0.0.1 ${port} ${suite}`;
    const [answer] = await this.#peer.ask(line, /^(connected|failed) .*/);
    const facts = /^connected suite=(\S+) resumed=(\S+)/.exec(answer);
    if (!facts) throw new Error(`the Java client: ${answer}`);
    return { suite: facts[1] ?? "", resumed: facts[2] === "yes" };
  }
}
