/** The documented events, as their listeners see them. Only `Accept` can be written. */
import { type InspectOptions, inspect } from "node:util";
import { toBoolean } from "../values.js";

/** What `on`, `once`, `off` and the OnX properties are typed by. */
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
  readonly #statusCode: number;
  readonly #description: string;

  constructor(connectionId: number, addr: string, port: number, statusCode: number, description: string) {
    super();
    this.#connectionId = connectionId;
    this.#sourceAddr = addr;
    this.#sourcePort = port;
    this.#statusCode = statusCode;
    this.#description = description;
  }

  get ConnectionId(): number {
    return this.#connectionId;
  }
  /** IP address of the peer. */
  get SourceAddr(): string {
    return this.#sourceAddr;
  }
  get SourcePort(): number {
    return this.#sourcePort;
  }
  /** 0 for success, otherwise a number of the error table. */
  get StatusCode(): number {
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

  get Address(): string {
    return this.#address;
  }
  get Port(): number {
    return this.#port;
  }
  /** Set to false to refuse. Default: true. */
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

  constructor(connectionId: number, datagram: Buffer) {
    super();
    this.#connectionId = connectionId;
    this.#datagram = datagram;
  }

  get ConnectionId(): number {
    return this.#connectionId;
  }
  /** The datagram read as UTF-8 text, anew at every access. */
  get Datagram(): string {
    return this.#datagram.toString("utf8");
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
  readonly #statusCode: number;
  readonly #description: string;

  constructor(connectionId: number, statusCode: number, description: string) {
    super();
    this.#connectionId = connectionId;
    this.#statusCode = statusCode;
    this.#description = description;
  }

  get ConnectionId(): number {
    return this.#connectionId;
  }
  /** 0 for a normal end (either side closed, or idle too long), otherwise a number of the error table. */
  get StatusCode(): number {
    return this.#statusCode;
  }
  get Description(): string {
    return this.#description;
  }
}

/** Something went wrong where no call could throw. It ends nothing by itself. */
export class ErrorEvent extends DTLSServerEvent {
  readonly #connectionId: number;
  readonly #errorCode: number;
  readonly #description: string;

  constructor(connectionId: number, errorCode: number, description: string) {
    super();
    this.#connectionId = connectionId;
    this.#errorCode = errorCode;
    this.#description = description;
  }

  /** 0 for what concerns no single connection. */
  get ConnectionId(): number {
    return this.#connectionId;
  }
  get ErrorCode(): number {
    return this.#errorCode;
  }
  get Description(): string {
    return this.#description;
  }
}

export type LogType = "Info" | "Error" | "Verbose" | "Debug";

/** A log line at or below Config's LogLevel. */
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
  get Message(): string {
    return this.#message;
  }
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
  readonly #subject: string;
  readonly #issuer: string;
  readonly #status: string;
  #accept: boolean;

  constructor(connectionId: number, certificate: Buffer, subject: string, issuer: string, status: string) {
    super();
    this.#connectionId = connectionId;
    this.#certificate = certificate;
    this.#subject = subject;
    this.#issuer = issuer;
    this.#status = status;
    this.#accept = status === "OK";
  }

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
  get CertSubject(): string {
    return this.#subject;
  }
  get CertIssuer(): string {
    return this.#issuer;
  }
  /** "OK", or the problems found, joined by "; ". */
  get Status(): string {
    return this.#status;
  }
  /** Preset to whether Status is "OK". */
  get Accept(): boolean {
    return this.#accept;
  }
  set Accept(accept: boolean) {
    this.#accept = toBoolean("Accept", accept);
  }
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

  get ConnectionId(): number {
    return this.#connectionId;
  }
  get Message(): string {
    return this.#message;
  }
}
