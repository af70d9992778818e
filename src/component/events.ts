/** The documented events, as their listeners see them. Only `Accept` can be written. */
import { type InspectOptions, inspect } from "node:util";
import type { ErrorCode } from "../errors.js";
import { toBoolean } from "../values.js";
import type { TextCodec } from "./code-pages.js";

/** What `on`, `once`, `off` and the OnX properties are typed by: the event's name and its object. */
export interface DTLSServerEventMap {
  Connected: ConnectedEvent;
  ConnectionRequest: ConnectionRequestEvent;
  DataIn: DataInEvent;
  Disconnected: DisconnectedEvent;
  Error: ErrorEvent;
  Log: LogEvent;
  SSLClientAuthentication: SSLClientAuthenticationEvent;
  SSLStatus: SSLStatusEvent;
}

/** The names that `on` takes. */
export type DTLSServerEventName = keyof DTLSServerEventMap;

export const eventNames: readonly DTLSServerEventName[] = [
  "Connected",
  "ConnectionRequest",
  "DataIn",
  "Disconnected",
  "Error",
  "Log",
  "SSLClientAuthentication",
  "SSLStatus",
];

/** Getters are on the prototype: this makes console.log show them. */
abstract class DTLSServerEvent {
  [inspect.custom](_depth: number, options: InspectOptions): string {
    const prototype: object = Object.getPrototypeOf(this);
    const members: Record<string, unknown> = {};
    for (const [name, { get }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (get) members[name] = get.call(this);
    }
    return `${this.constructor.name} ${inspect(members, options)}`;
  }
}

/** A handshake has finished, or failed: then the id never shows among the connections. */
export class ConnectedEvent extends DTLSServerEvent {
  readonly #connectionId: number;
  readonly #sourceAddr: string;
  readonly #sourcePort: number;
  readonly #statusCode: ErrorCode;
  readonly #description: string;

  constructor(connectionId: number, addr: string, port: number, statusCode: ErrorCode, description: string) {
    super();
    this.#connectionId = connectionId;
    this.#sourceAddr = addr;
    this.#sourcePort = port;
    this.#statusCode = statusCode;
    this.#description = description;
  }

  /** Never used again. Of a failed handshake it is good for log lines only. */
  get ConnectionId(): number {
    return this.#connectionId;
  }
  /** IP address of the peer. */
  get SourceAddr(): string {
    return this.#sourceAddr;
  }
  /** UDP port of the peer. */
  get SourcePort(): number {
    return this.#sourcePort;
  }
  /** 0 for success, otherwise a number of the error table (docs/errors.md). */
  get StatusCode(): ErrorCode {
    return this.#statusCode;
  }
  /** "OK", or what happened. */
  get Description(): string {
    return this.#description;
  }
}

/**
 * A peer wants to connect, and has proved its address by the cookie (RFC 6347 4.2.1). The answer may take
 * its time, in an async listener: the handshake deadline runs.
 */
export class ConnectionRequestEvent extends DTLSServerEvent {
  readonly #address: string;
  readonly #port: number;
  #accept = true;

  constructor(address: string, port: number) {
    super();
    this.#address = address;
    this.#port = port;
  }

  /** IP address of the peer. */
  get Address(): string {
    return this.#address;
  }
  /** UDP port of the peer. */
  get Port(): number {
    return this.#port;
  }
  /**
   * Set to false to refuse: the peer gets a fatal access_denied alert, nothing is kept of it, and no event
   * follows. Default: true. Takes True, False, Yes, No, 1 and 0 as well; throws 10022 for anything else.
   */
  get Accept(): boolean {
    return this.#accept;
  }
  set Accept(accept: boolean) {
    this.#accept = toBoolean("Accept", accept);
  }
}

/** A datagram has come. */
export class DataInEvent extends DTLSServerEvent {
  readonly #connectionId: number;
  readonly #datagram: Buffer;
  readonly #codec: TextCodec;

  constructor(connectionId: number, datagram: Buffer, codec: TextCodec) {
    super();
    this.#connectionId = connectionId;
    this.#datagram = datagram;
    this.#codec = codec;
  }

  /** The connection that it came on. */
  get ConnectionId(): number {
    return this.#connectionId;
  }
  /** The datagram read as text, in the CodePage of its delivery (UTF-8), anew at every access. */
  get Datagram(): string {
    return this.#codec.decode(this.#datagram);
  }
  /**
   * The exact bytes. They belong to the listener and stay valid; the memory behind them (`.buffer`) may hold
   * other messages as well and cannot be transferred to another thread.
   */
  get DatagramB(): Buffer {
    return this.#datagram;
  }
}

/** A connection has ended; it is gone from the Connection* properties already. */
export class DisconnectedEvent extends DTLSServerEvent {
  readonly #connectionId: number;
  readonly #statusCode: ErrorCode;
  readonly #description: string;

  constructor(connectionId: number, statusCode: ErrorCode, description: string) {
    super();
    this.#connectionId = connectionId;
    this.#statusCode = statusCode;
    this.#description = description;
  }

  /** The connection that has ended; never used again. */
  get ConnectionId(): number {
    return this.#connectionId;
  }
  /** 0 for a normal end (either side closed, or idle too long), otherwise a number of docs/errors.md. */
  get StatusCode(): ErrorCode {
    return this.#statusCode;
  }
  /** "OK", or what happened. */
  get Description(): string {
    return this.#description;
  }
}

/** Something went wrong where no call could throw. It ends nothing by itself. */
export class ErrorEvent extends DTLSServerEvent {
  readonly #connectionId: number;
  readonly #errorCode: ErrorCode;
  readonly #description: string;

  constructor(connectionId: number, errorCode: ErrorCode, description: string) {
    super();
    this.#connectionId = connectionId;
    this.#errorCode = errorCode;
    this.#description = description;
  }

  /** 0 for what concerns no single connection. */
  get ConnectionId(): number {
    return this.#connectionId;
  }
  /** A number of the error table (docs/errors.md). */
  get ErrorCode(): ErrorCode {
    return this.#errorCode;
  }
  /** What happened. */
  get Description(): string {
    return this.#description;
  }
}

/** "Error" lines are of level 1, like "Info". */
export type LogType = "Info" | "Error" | "Verbose" | "Debug";

/** A log line at or below Config's LogLevel; docs/settings.md tells what each level brings. */
export class LogEvent extends DTLSServerEvent {
  readonly #connectionId: number;
  readonly #logLevel: number;
  readonly #message: string;
  readonly #logType: LogType;

  constructor(connectionId: number, logLevel: number, message: string, logType: LogType) {
    super();
    this.#connectionId = connectionId;
    this.#logLevel = logLevel;
    this.#message = message;
    this.#logType = logType;
  }

  /** 0 for what concerns no single connection. */
  get ConnectionId(): number {
    return this.#connectionId;
  }
  /** 1 Info, 2 Verbose, 3 Debug. Lines of type "Error" are of level 1. */
  get LogLevel(): number {
    return this.#logLevel;
  }
  /** One line of text; its first words stay the same from version to version. */
  get Message(): string {
    return this.#message;
  }
  /** "Info", "Error", "Verbose" or "Debug". */
  get LogType(): LogType {
    return this.#logType;
  }
}

/**
 * The client has presented its certificate and proved that it holds the key. The answer may take its time,
 * in an async listener: the handshake deadline runs.
 */
export class SSLClientAuthenticationEvent extends DTLSServerEvent {
  readonly #connectionId: number;
  readonly #certificate: Buffer;
  readonly #status: string;
  readonly #readNames: () => CertificateNames;
  #names: CertificateNames | undefined;
  #accept: boolean;

  /** `names` is asked once, if anybody asks: a verdict needs no names, and reading them is work. */
  constructor(connectionId: number, certificate: Buffer, names: () => CertificateNames, status: string) {
    super();
    this.#connectionId = connectionId;
    this.#certificate = certificate;
    this.#readNames = names;
    this.#status = status;
    this.#accept = status === "OK";
  }

  /** The connection that is to be. */
  get ConnectionId(): number {
    return this.#connectionId;
  }
  /** The certificate in DER, as Base64. */
  get CertEncoded(): string {
    return this.#certificate.toString("base64");
  }
  /** The certificate in DER. */
  get CertEncodedB(): Buffer {
    return this.#certificate;
  }
  /** "CN=client, O=Example, C=US": most specific first. */
  get CertSubject(): string {
    return this.#namesRead().subject;
  }
  /** In the form of CertSubject. */
  get CertIssuer(): string {
    return this.#namesRead().issuer;
  }
  /** "OK", or the problems found, joined by "; ". */
  get Status(): string {
    return this.#status;
  }
  /**
   * Preset to whether Status is "OK". Left or set to false, the client gets an alert, and Connected tells of
   * 404. Takes True, False, Yes, No, 1 and 0 as well; throws 10022 for anything else.
   */
  get Accept(): boolean {
    return this.#accept;
  }
  set Accept(accept: boolean) {
    this.#accept = toBoolean("Accept", accept);
  }

  #namesRead(): CertificateNames {
    this.#names ??= this.#readNames();
    return this.#names;
  }
}

interface CertificateNames {
  readonly subject: string;
  readonly issuer: string;
}

/** How a handshake gets on; for people and logs. */
export class SSLStatusEvent extends DTLSServerEvent {
  readonly #connectionId: number;
  readonly #message: string;

  constructor(connectionId: number, message: string) {
    super();
    this.#connectionId = connectionId;
    this.#message = message;
  }

  /** The connection, established or to be. */
  get ConnectionId(): number {
    return this.#connectionId;
  }
  /** One sentence; its first words stay the same from version to version. */
  get Message(): string {
    return this.#message;
  }
}
