/** The program of gnutls/client.c: GnuTLS, whose every step a test chooses. */
import { onTestFailed, onTestFinished } from "vitest";
import { peerPath } from "./describe-peer.js";
import { LinePeer } from "./line-peer.js";

/** In GnuTLS's own names, as gnutls-cli --list has them. */
export interface GnutlsOffer {
  /** Default: ECDHE-ECDSA. */
  exchange?: "ECDHE-ECDSA" | "ECDHE-RSA" | "DHE-RSA" | "RSA";
  /** Default: AES-128-GCM. */
  cipher?: string;
  /** Default: AEAD. */
  mac?: "AEAD" | "SHA1" | "SHA256" | "SHA384";
  /** Whether encrypt-then-MAC is offered. Default: true. */
  etm?: boolean;
  /** Whether extended_master_secret is offered. Default: true. */
  ems?: boolean;
}

export interface GnutlsOptions extends GnutlsOffer {
  /**
   * What the heartbeat extension tells the server about its requests. "insist" allows them, and the client asks
   * too, whether it may or not. Default: the extension is not offered.
   */
  heartbeat?: "allow" | "forbid" | "insist";
  /** Leaves the server's heartbeat requests without an answer. Default: false. */
  mute?: boolean;
  /** PEM files. Default: none. */
  certificate?: { certificate: string; key: string };
  /** What `session` gave on an earlier connection. Default: none. */
  resume?: string;
  /** Longest datagram that it sends. Default: 1400. */
  mtu?: number;
}

/** What GnuTLS says about the connection. */
export interface GnutlsFacts {
  suite: string;
  etm: boolean;
  ems: boolean;
  resumed: boolean;
  /** It may send heartbeat requests, or thinks so. */
  heartbeat: boolean;
}

/** One suite and nothing else. */
function priority({ exchange = "ECDHE-ECDSA", cipher = "AES-128-GCM", mac = "AEAD", ...rest }: GnutlsOffer) {
  const parts = ["NONE", "VERS-DTLS1.2", "CTYPE-X509", "SIGN-ALL", "GROUP-ALL", exchange, cipher, mac];
  const { etm = true, ems = true } = rest;
  return parts.join(":+") + (etm ? "" : ":%NO_ETM") + (ems ? "" : ":%NO_SESSION_HASH");
}

function parameters(port: number, options: GnutlsOptions): string[] {
  const { heartbeat, mute, certificate, resume, mtu } = options;
  return [
    ...["127.0.0.1", String(port), priority(options)],
    ...(heartbeat ? [`heartbeat=${heartbeat}`] : []),
    ...(mute ? ["mute=yes"] : []),
    ...(certificate ? [`certificate=${certificate.certificate}`, `key=${certificate.key}`] : []),
    ...(resume ? [`resume=${resume}`] : []),
    ...(mtu ? [`mtu=${mtu}`] : []),
  ];
}

export class GnutlsClient {
  readonly #peer: LinePeer;

  /** Starts a handshake with the server; the process is gone at the end of the test, whatever happens. */
  constructor(port: number, options: GnutlsOptions = {}) {
    const peer = new LinePeer("the GnuTLS client", peerPath("gnutls"), parameters(port, options));
    this.#peer = peer;
    onTestFinished(() => peer.kill());
    onTestFailed(() => console.error(peer.describe()));
  }

  /** As soon as the handshake is complete. */
  async established(): Promise<GnutlsFacts> {
    const [, facts = ""] = await this.#peer.says(/^connected (.*)/);
    const value = (name: string): string => new RegExp(`\\b${name}=(\\S+)`).exec(facts)?.[1] ?? "";
    const holds = (name: string): boolean => value(name) === "yes";
    return {
      suite: value("suite"),
      etm: holds("etm"),
      ems: holds("ems"),
      resumed: holds("resumed"),
      heartbeat: holds("heartbeat"),
    };
  }

  /** Why the handshake came to nothing, in GnuTLS's name for it, with the number of an alert. */
  async failure(): Promise<string> {
    const [, reason = ""] = await this.#peer.says(/^failed (.*)/);
    return reason;
  }

  /** Sends one datagram and waits for it to come back. */
  async echoes(data: string | Uint8Array): Promise<void> {
    const hex = Buffer.from(data).toString("hex");
    const from = this.#peer.lines.length;
    this.#peer.tell(`send ${hex}`);
    await this.#peer.saysLine(`data ${hex}`, from);
  }

  /**
   * Sends a heartbeat request with a random payload of that many bytes, at least 1. GnuTLS checks that the
   * answer bears the same. False if there is none within so many milliseconds.
   */
  async ping(payload = 16, wait = 5000): Promise<boolean> {
    const [answer] = await this.#peer.ask(`ping ${payload} ${wait}`, /^(pong|ping timeout|error .*)$/);
    if (answer.startsWith("error")) throw new Error(`gnutls_heartbeat_ping: ${answer}`);
    return answer === "pong";
  }

  /** The number of heartbeat requests received. */
  get pingsReceived(): number {
    return this.#peer.lines.filter((line) => line === "ping received").length;
  }

  /** As soon as it has received so many heartbeat requests. */
  async receivesPings(count: number): Promise<void> {
    await this.#peer.saysTimes(/^ping received$/, count);
  }

  /** From now on it leaves heartbeat requests without an answer, or answers them. */
  async setMute(mute: boolean): Promise<void> {
    await this.#peer.ask(mute ? "mute" : "answer", /^ok$/);
  }

  /** The session for another connection's `resume`. */
  async session(): Promise<string> {
    const [, session = ""] = await this.#peer.ask("session", /^session (.*)/);
    return session;
  }

  /** Tries a new handshake on this connection; the answer is what the server did. */
  async rehandshake(wait = 5000): Promise<string> {
    const [, outcome = ""] = await this.#peer.ask(`rehandshake ${wait}`, /^rehandshake (.*)/);
    return outcome;
  }

  /** The server has closed the connection. */
  async closedByServer(): Promise<void> {
    await this.#peer.says(/^closed by=server$/);
  }

  /** Errors and alerts that GnuTLS has reported on this connection. */
  get complaints(): string[] {
    return this.#peer.lines.filter((line) => /^(error|alert|failed)/.test(line));
  }

  /** Ends with close_notify. */
  async close(): Promise<void> {
    await this.#peer.ask("bye", /^closed by=client$/);
    await this.#peer.exited;
  }
}

/** With its handshake complete. */
export async function connectGnutls(port: number, options?: GnutlsOptions): Promise<GnutlsClient> {
  const client = new GnutlsClient(port, options);
  await client.established();
  return client;
}
