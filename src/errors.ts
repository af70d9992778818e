/**
 * The one exception class, and the table of numbers that `err.code`, `StatusCode` and `ErrorCode` share.
 * 400-405 are the reference's "Trappable Errors"; numbers from 10004 on are Winsock's, on every platform.
 */
import { getSystemErrorName } from "node:util";

/** Every number and its text. A description is the text, followed by what is known of the very case. */
export const errorTexts = Object.freeze({
  0: "OK",
  104: "The component is already listening",
  106: "LocalPort cannot be changed while the component is listening or a connection is open",
  107: "LocalHost cannot be changed while the component is listening or a connection is open",
  108: "MaxConnections cannot be changed while the component is listening",
  117: "UseConnection cannot be changed while the component is listening",
  126: "Invalid connection id",
  271: "Cannot open certificate store",
  272: "Cannot find specified certificate",
  400: "Invalid datagram received",
  401: "Invalid DTLS flow",
  402: "Not supported",
  403: "DTLS handshake error",
  404: "Invalid certificate provided",
  405: "Fatal alert",
  10004: "Interrupted system call",
  10009: "Bad file number",
  10013: "Access denied",
  10014: "Bad address",
  10022: "Invalid argument",
  10024: "Too many open files",
  10035: "Operation would block",
  10038: "Not a socket",
  10040: "Message too long",
  10045: "Operation not supported",
  10047: "Address family not supported",
  10048: "Address already in use",
  10049: "Cannot assign requested address",
  10050: "Network is down",
  10051: "Network is unreachable",
  10053: "Connection aborted",
  10054: "Connection reset by peer",
  10055: "No buffer space available",
  10057: "Not connected",
  10060: "Timed out",
  10061: "Connection refused",
  10064: "Host is down",
  10065: "No route to host",
  11001: "Host not found",
  11002: "Host not found, try again",
  11003: "Name resolution failed for good",
  11004: "No address for this name",
} as const);

/** A number of the table: `err.code`, `StatusCode`, `ErrorCode`. */
export type ErrorCode = keyof typeof errorTexts;

/** Node's names of the system's errors. What is not listed is 10022, with Node's text in the description. */
export const systemCodes: Readonly<Record<string, ErrorCode>> = {
  EINTR: 10004,
  EBADF: 10009,
  EACCES: 10013,
  EPERM: 10013,
  EFAULT: 10014,
  EINVAL: 10022,
  EMFILE: 10024,
  ENFILE: 10024,
  EAGAIN: 10035,
  ENOTSOCK: 10038,
  EMSGSIZE: 10040,
  ENOTSUP: 10045,
  EOPNOTSUPP: 10045,
  EAFNOSUPPORT: 10047,
  EAI_ADDRFAMILY: 10047,
  EAI_FAMILY: 10047,
  EADDRINUSE: 10048,
  EADDRNOTAVAIL: 10049,
  ENETDOWN: 10050,
  ENETUNREACH: 10051,
  ECONNABORTED: 10053,
  ECONNRESET: 10054,
  ENOBUFS: 10055,
  ENOMEM: 10055,
  EAI_MEMORY: 10055,
  ENOTCONN: 10057,
  ETIMEDOUT: 10060,
  ECONNREFUSED: 10061,
  EHOSTDOWN: 10064,
  EHOSTUNREACH: 10065,
  ENOTFOUND: 11001,
  EAI_NONAME: 11001,
  EAI_AGAIN: 11002,
  EAI_FAIL: 11003,
  EAI_NODATA: 11004,
};

export interface DTLSErrorDetails {
  /** Node's name of a system error: "EADDRINUSE". */
  systemCode?: string | undefined;
  /** OpenSSL's reason text. */
  reason?: string | undefined;
  cause?: unknown;
}

/** What every setter and method throws. What each number means, and what to do about it: docs/errors.md. */
export class DTLSError extends Error {
  override readonly name = "DTLSError";
  /** The number of the error table. */
  readonly code: ErrorCode;
  /** Node's name of the system's error, where that was the cause: "EADDRINUSE". */
  readonly systemCode: string | undefined;
  /** OpenSSL's reason text, where OpenSSL was the cause. */
  readonly reason: string | undefined;

  constructor(code: ErrorCode, detail = "", details: DTLSErrorDetails = {}) {
    super(describe(code, detail), details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.systemCode = details.systemCode;
    this.reason = details.reason;
  }
}

/** "Invalid certificate provided: no private key."; system numbers stand in front: "[10048] Address ...". */
export function describe(code: ErrorCode, detail = ""): string {
  if (code === 0) return errorTexts[0];
  const text = code >= 10000 ? `[${code}] ${errorTexts[code]}` : errorTexts[code];
  if (detail === "") return `${text}.`;
  return /[.!?]$/.test(detail) ? `${text}: ${detail}` : `${text}: ${detail}.`;
}

export function badArgument(detail: string, cause?: unknown): DTLSError {
  return new DTLSError(10022, detail, { cause });
}

/** From what Node or the addon threw for a system call; `action` says what was being done. */
export function systemError(cause: unknown, action: string): DTLSError {
  const systemCode = codeOf(cause);
  const text = cause instanceof Error ? cause.message : String(cause);
  const code = systemCode === undefined ? undefined : systemCodes[systemCode];
  const detail = code === undefined ? `${action}: ${text}` : `${action} (${systemCode})`;
  return new DTLSError(code ?? 10022, detail, { systemCode, cause });
}

/** For an error number that arrived without an exception; its sign does not matter. */
export function systemCodeOf(errno: number): { code: ErrorCode; systemCode: string } {
  const systemCode = errno === 0 ? "UNKNOWN" : getSystemErrorName(-Math.abs(errno));
  return { code: systemCodes[systemCode] ?? 10022, systemCode };
}

function codeOf(cause: unknown): string | undefined {
  if (!(cause instanceof Error) || !("code" in cause)) return undefined;
  return typeof cause.code === "string" ? cause.code : undefined;
}
