/** What passes through a port of the loopback interface, as tshark sees it. */
import { execFile, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { join } from "node:path";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";
import { peerPath } from "./describe-peer.js";
import { Watched } from "./waiting.js";

/** Of the datagrams that are sent until the first of them shows: no DTLS record begins so. */
const probe = "probe";

export class Capture {
  readonly #file: string;
  readonly #port: number;
  readonly #stop: () => Promise<unknown>;

  private constructor(file: string, port: number, stop: () => Promise<unknown>) {
    this.#file = file;
    this.#port = port;
    this.#stop = stop;
  }

  /** Resolves when it really captures. */
  static async start(folder: string, port: number): Promise<Capture> {
    const file = join(folder, `${port}.pcapng`);
    // tshark's own capturer, which starts at once; it counts on its standard error.
    const child = spawn("dumpcap", ["-i", "lo", "-f", `udp port ${port}`, "-w", file]);
    const watched = new Watched();
    let ended = false;
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      watched.changed();
    });
    const exited = new Promise((resolve) => {
      child.on("close", (code) => {
        ended = true;
        watched.changed();
        resolve(code);
      });
    });
    onTestFinished(async () => {
      child.kill("SIGKILL");
      await exited;
    });
    const socket = createSocket("udp4");
    const timer = setInterval(() => socket.send(probe, port, "127.0.0.1"), 20);
    try {
      await watched.until("dumpcap to capture", () => {
        if (ended) throw new Error(`dumpcap ended: ${said}`);
        return /Packets: [1-9]/.test(said);
      });
    } finally {
      clearInterval(timer);
      socket.close();
    }
    return new Capture(file, port, () => {
      child.kill("SIGINT");
      return exited;
    });
  }

  /** The application data, decrypted with this key log. Ends the capture. */
  async applicationData(keyLog: string): Promise<string[]> {
    await this.#stop();
    const { stdout } = await promisify(execFile)(peerPath("tshark"), [
      ...["-r", this.#file, "-n", "-o", `tls.keylog_file:${keyLog}`],
      ...["-d", `udp.port==${this.#port},dtls`, "-d", `dtls.port==${this.#port},data`],
      ...["-Y", "data", "-T", "fields", "-e", "data.data"],
    ]);
    const lines = stdout.split("\n").filter((line) => line !== "");
    return lines.map((line) => Buffer.from(line, "hex").toString());
  }
}
