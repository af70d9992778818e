/** An endpoint from its bind to its last report, with what a server keeps of it meanwhile. */
import { isIPv6 } from "node:net";
import type { Identity } from "../certificate/selection.js";
import { Endpoint } from "../endpoint.js";
import { DTLSError, systemError } from "../errors.js";
import type { NativeAddress, NativeBindOptions, NativeEndpointSettings } from "../native.js";
import type { Emitter } from "./emitter.js";
import type { Log } from "./log.js";
import { hostAndPort } from "./log-texts.js";
import { Reporter } from "./reporter.js";
import { buildSecurity, type Security } from "./security.js";

export interface BoundEndpointOwner {
  readonly emitter: Emitter;
  readonly log: Log;
  /** Seconds. */
  idleTimeout(): number;
  /** The last connection or request may have gone. */
  releaseIfDrained(): void;
}

export class BoundEndpoint {
  readonly endpoint: Endpoint;
  readonly reporter: Reporter;
  readonly address: NativeAddress;
  readonly ipv6: boolean;
  /** Resolves when all has been reported. */
  readonly released: Promise<void>;
  /** Of the handshakes that start now. */
  #identity: Identity | undefined;
  #settings: NativeEndpointSettings;

  /** Binds, or throws and leaves nothing behind. Nobody is let in before `serve`. */
  constructor(
    settings: NativeEndpointSettings,
    firstId: number,
    options: NativeBindOptions,
    owner: BoundEndpointOwner,
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
    this.reporter = new Reporter(owner.emitter, owner.log, {
      idleTimeout: () => owner.idleTimeout(),
      releaseIfDrained: () => owner.releaseIfDrained(),
      released: resolve,
    });
    this.#settings = settings;
    this.endpoint = new Endpoint(settings, firstId, this.reporter, (report) => owner.emitter.batch(report));
    try {
      this.endpoint.bind(options);
    } catch (cause) {
      throw systemError(cause, `binding ${hostAndPort(host || (ipv6 ? "::" : "0.0.0.0"), port)}`);
    }
    this.address = this.endpoint.localAddress();
  }

  /** For the handshakes that start from now on. */
  serve(security: Security): void {
    this.endpoint.setSecurityContext(security.context);
    this.#identity = security.identity;
  }

  /** With the identity there is. */
  requestClientCertificate(required: boolean): void {
    if (this.#identity) this.serve(buildSecurity(this.#identity, required));
  }

  /** Nothing happens if nothing differs: listeners come and go often. */
  configure(settings: NativeEndpointSettings): void {
    const names = Object.keys(settings) as (keyof NativeEndpointSettings)[];
    if (names.every((name) => settings[name] === this.#settings[name])) return;
    this.endpoint.configure(settings);
    this.#settings = settings;
  }

  /** Ends everything and releases the address before it returns. */
  release(): void {
    this.reporter.shuttingDown();
    this.endpoint.close();
  }
}
