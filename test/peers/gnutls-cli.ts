/** `gnutls-cli --udp --heartbeat`, the client that people try a server with. */
import { onTestFailed, onTestFinished } from "vitest";
import { peerPath } from "./describe-peer.js";
import { LinePeer } from "./line-peer.js";

export class GnutlsCli {
  readonly #peer: LinePeer;

  /** Starts a handshake with the server; the process is gone at the end of the test, whatever happens. */
  constructor(port: number) {
    const modes = ["--udp", "--heartbeat", "--no-ca-verification", "--priority", "NORMAL:+VERS-DTLS1.2"];
    const command = peerPath("gnutlsCli");
    const peer = new LinePeer("gnutls-cli", command, [...modes, "--port", String(port), "127.0.0.1"]);
    this.#peer = peer;
    onTestFinished(() => peer.kill());
    onTestFailed(() => console.error(peer.describe()));
  }

  /** As soon as the handshake is complete. */
  async established(): Promise<void> {
    await this.#peer.says(/^- Simple Client Mode/);
  }

  /** A line of text. */
  async receives(text: string): Promise<void> {
    await this.#peer.says(new RegExp(`^${text}$`));
  }

  /** Sends a line of text and waits for it to come back. */
  async echoes(text: string): Promise<void> {
    await this.#peer.ask(text, new RegExp(`^${text}$`));
  }

  /** Ends its input, at which it sends close_notify. */
  async close(): Promise<number | string> {
    this.#peer.endInput();
    return this.#peer.exited;
  }
}
