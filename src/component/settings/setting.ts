/** What one row of the Config table says. */
import type { ErrorCode } from "../../errors.js";
import type { NativeNegotiated } from "../../native.js";

/**
 * When a new value takes effect:
 * - `start`: at the next StartListening that binds;
 * - `handshakes`: for the handshakes that start afterwards;
 * - `now`: at once, for what happens afterwards;
 * - `buffers`: at once, on the open socket as well;
 * - `text`: at once, for text that is sent or delivered afterwards;
 * - `none`: never; it is accepted for the sake of code that sets it.
 */
export type Effect = "start" | "handshakes" | "now" | "buffers" | "text" | "none";

interface Common {
  effect: Effect;
  /** The state in which a change is refused, with what number, and what its text does not say. */
  locked?: { while: "listening" | "bound"; code: ErrorCode; detail?: string };
  meaning: string;
}

export interface IntegerSetting extends Common {
  type: "integer";
  default: number;
  min: number;
  max: number;
  /** Throws for a value of the range that cannot be, 10022 or 402. */
  check?: (value: number) => void;
  /** What of the value is of no consequence, for the log. */
  ignored?: (value: number) => string | undefined;
}

export interface BooleanSetting extends Common {
  type: "boolean";
  default: boolean;
  /** Words beside those of every Boolean that mean True. */
  alsoTrue?: readonly string[];
}

export interface TextSetting extends Common {
  type: "text";
  default: string;
  /** What it holds, for the documentation: "text" unless told. */
  holds?: string;
  /** The only words that it takes, in any case. */
  words?: readonly string[];
  /** Throws for a text that cannot be, with the number that the documents give. */
  check?: (value: string) => void;
  /** What of the text is of no consequence, for the log. */
  ignored?: (value: string) => string | undefined;
}

/** What read-only settings tell of. */
export interface Facts {
  /** To which of our addresses the datagram was sent that was delivered last; "" where nobody has asked. */
  destinationAddress(): string;
  /** The same of a connection's datagrams; undefined for an unknown connection. */
  destinationAddressOf(id: number): string | undefined;
}

export interface ReadOnlySetting {
  type: "readOnly";
  read: (facts: Facts) => string;
  /** NAME[ConnectionId], where there is such a form; undefined for an unknown connection. */
  readOf?: (facts: Facts, id: number) => string | undefined;
  meaning: string;
}

/** Read-only, of one connection: NAME[ConnectionId]. NAME alone reads "". */
export interface ConnectionSetting {
  type: "connection";
  read: (negotiated: NativeNegotiated) => string;
  meaning: string;
}

export type WritableSetting = IntegerSetting | BooleanSetting | TextSetting;
export type Setting = WritableSetting | ReadOnlySetting | ConnectionSetting;

/** Rows of the table, by their names. */
export type SettingGroup = Record<string, Setting>;

// One for each kind of row, so that the compiler refuses one that lacks something or has what its kind has not.

export function integer(row: Omit<IntegerSetting, "type">): IntegerSetting {
  return { type: "integer", ...row };
}

export function boolean(row: Omit<BooleanSetting, "type">): BooleanSetting {
  return { type: "boolean", ...row };
}

export function text(row: Omit<TextSetting, "type">): TextSetting {
  return { type: "text", ...row };
}

export function readOnly(row: Omit<ReadOnlySetting, "type">): ReadOnlySetting {
  return { type: "readOnly", ...row };
}

export function ofConnection(row: Omit<ConnectionSetting, "type">): ConnectionSetting {
  return { type: "connection", ...row };
}
