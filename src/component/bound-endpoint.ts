/** An endpoint from its bind to its last report, with what a server keeps of it meanwhile. */
import { isIPv6 } from "node:net";
import { Endpoint } from "../endpoint.js";
import { DTLSError, systemError } from "../errors.js";
import {
  lackingOption,
  type NativeAddress,
  type NativeBindOptions,
  type NativeEndpointSettings,
  type NativeSystemError,
} from "../native.js";
import { unsupportedText } from "./endpoint-settings.js";
import type { HandshakeOptions } from "./handshake-options.js";
import { hostAndPort } from "./log-texts.js";
import { Reporter, type ReporterOwner } from "./reporter.js";
import { secretBytes } from "./secret-texts.js";
import { buildSecurity, type Security } from "./security.js";

export class BoundEndpoint {
  readonly endpoint: Endpoint;
  readonly reporter: Reporter;
  readonly address: NativeAddress;
  readonly ipv6: boolean;
  /** Resolves when all has been reported. */
  readonly released: Promise<void>;
  /** Of the handshakes that start now. */
  #security: Security | undefined;
  #settings: NativeEndpointSettings;
  #cookieSecret = "";

  /** Binds, or throws and leaves nothing behind. Nobody is let in before `serve`. */
  constructor(
    settings: NativeEndpointSettings,
    firstId: number,
    options: NativeBindOptions,
    owner: ReporterOwner,
  ) {
    const { host, port, ipv6 } = options;
    this.ipv6 = ipv6;
    if (isIPv6(host) && !ipv6) {
      throw new DTLSError(10047, `LocalHost ${host} is an IPv6 address; Config("UseIPv6=True") allows it`);
    }
    let resolve = (): void => {};
    this.released = new Promise((resolver) => {
      resolve = resolver;
    });
    this.reporter = new Reporter(owner, resolve);
    this.#settings = settings;
    this.endpoint = new Endpoint(settings, firstId, this.reporter, (report) => owner.emitter.batch(report));
    try {
      this.endpoint.bind(options);
    } catch (cause) {
      const lacking = lackingOption(cause as NativeSystemError);
      const unsupported = lacking && unsupportedText[lacking];
      if (unsupported) throw new DTLSError(402, unsupported, { systemCode: "ENOTSUP", cause });
      throw systemError(cause, `binding ${hostAndPort(host || (ipv6 ? "::" : "0.0.0.0"), port)}`);
    }
    this.address = this.endpoint.localAddress();
  }

  /** For the handshakes that start from now on. */
  serve(security: Security): void {
    this.endpoint.setSecurityContext(security.context);
    this.#security = security;
  }

  /** With the identity there is. Nothing happens if nothing differs: a new context ends all sessions. */
  serveWith(options: HandshakeOptions): void {
    if (!this.#security || same(options, this.#security.options)) return;
    this.serve(buildSecurity(this.#security.identity, options));
  }

  /** Hexadecimal; "": one of its own. What differs makes the cookies worthless that are out. */
  shareCookies(secret: string): void {
    if (secret === this.#cookieSecret) return;
    this.endpoint.setCookieSecret(secretBytes(secret));
    this.#cookieSecret = secret;
  }

  /** Nothing happens if nothing differs: listeners come and go often. */
  configure(settings: NativeEndpointSettings): void {
    if (same(settings, this.#settings)) return;
    this.endpoint.configure(settings);
    this.#settings = settings;
  }

  /** Ends everything and releases the address before it returns. */
  release(): void {
    this.reporter.shuttingDown();
    this.endpoint.close();
  }
}

function same<Settings extends object>(one: Settings, other: Settings): boolean {
  return (Object.keys(one) as (keyof Settings)[]).every((name) => one[name] === other[name]);
}
