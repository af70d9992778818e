/** The Config method: `NAME=VALUE` sets, `NAME` reads. Values are kept here, and checked by the table. */
import { badArgument, DTLSError } from "../../errors.js";
import type { NativeNegotiated } from "../../native.js";
import { parseBoolean, parseInteger, toBoolean, toInteger, toText } from "../../values.js";
import { unknownConnection } from "../connections.js";
import type { Effect, Facts, Setting, WritableSetting } from "./setting.js";
import {
  defaultValues,
  findSetting,
  isWritable,
  type SettingName,
  type SettingValues,
  settings,
  type WritableName,
} from "./table.js";

/** Whose settings these are. */
export interface ConfigOwner extends Facts {
  isListening(): boolean;
  /** Listening, or with connections open. */
  isBound(): boolean;
  /** The value in effect where it is another than the one set: bound address, buffer sizes. */
  inEffect(name: WritableName): boolean | number | string | undefined;
  apply(effect: Effect): void;
  /** What a connection has agreed on. */
  negotiated(id: number): NativeNegotiated | undefined;
  /** Something that was set is of no consequence. */
  note(message: string): void;
}

export class Config {
  readonly #owner: ConfigOwner;
  #values = defaultValues();

  constructor(owner: ConfigOwner) {
    this.#owner = owner;
  }

  /** What was set, whatever is in effect. */
  get values(): Readonly<SettingValues> {
    return this.#values;
  }

  /** `NAME=VALUE` or `NAME`; returns the value now in effect. `NAME[ConnectionId]` where a row says so. */
  execute(text: unknown): string {
    if (typeof text !== "string") throw badArgument('Config takes a string, "NAME" or "NAME=VALUE"');
    const equals = text.indexOf("=");
    const given = (equals < 0 ? text : text.slice(0, equals)).trim();
    const [, base = given, connection] = /^([^[\]]*)\[([^[\]]*)\]$/.exec(given) ?? [];
    const name = findSetting(base.trim());
    const setting: Setting | undefined = name && settings[name];
    if (name === undefined || (connection !== undefined && !hasConnectionForm(setting))) {
      throw new DTLSError(402, `there is no setting named ${JSON.stringify(given)}`);
    }
    if (equals >= 0) {
      if (!isWritable(name)) throw new DTLSError(10045, `${name} is read-only`);
      this.#store(name, parse(name, settings[name], text.slice(equals + 1)));
    }
    if (connection !== undefined) return this.#textOf(setting as Setting, connection);
    return setting?.type === "connection" ? "" : this.#text(name);
  }

  #textOf(setting: Setting, connection: string): string {
    const id = parseInteger(connection);
    const text = id === undefined ? undefined : this.#readOf(setting, id);
    if (text === undefined) throw unknownConnection(connection);
    return text;
  }

  #readOf(setting: Setting, id: number): string | undefined {
    if (setting.type === "readOnly") return setting.readOf?.(this.#owner, id);
    const negotiated = this.#owner.negotiated(id);
    return negotiated && setting.type === "connection" ? setting.read(negotiated) : undefined;
  }

  /** For a property that is a setting as well. */
  set(name: WritableName, value: unknown): void {
    this.#store(name, convert(name, settings[name], value));
  }

  /** For a property that is a setting as well: the value in effect. */
  get<Name extends WritableName>(name: Name): SettingValues[Name] {
    return (this.#owner.inEffect(name) ?? this.#values[name]) as SettingValues[Name];
  }

  /** Restores the defaults; the owner has nothing bound by then that they could take effect on. */
  reset(): void {
    this.#values = defaultValues();
  }

  #store(name: WritableName, value: number | boolean | string): void {
    const { effect, locked } = settings[name] as WritableSetting;
    if (locked && (locked.while === "bound" ? this.#owner.isBound() : this.#owner.isListening())) {
      throw new DTLSError(locked.code, locked.detail);
    }
    const values: Record<WritableName, number | boolean | string> = this.#values;
    const before = values[name];
    values[name] = value;
    try {
      this.#owner.apply(effect);
    } catch (error) {
      values[name] = before;
      throw error;
    }
    const ignored = ignoredPart(settings[name], value);
    if (ignored !== undefined) this.#owner.note(`Config ${name}: ignored, ${ignored}.`);
  }

  #text(name: SettingName): string {
    if (!isWritable(name))
      return (settings[name] as Extract<Setting, { type: "readOnly" }>).read(this.#owner);
    const value = this.get(name);
    if (typeof value === "boolean") return value ? "True" : "False";
    return String(value);
  }
}

function hasConnectionForm(setting: Setting | undefined): boolean {
  return setting?.type === "connection" || (setting?.type === "readOnly" && setting.readOf !== undefined);
}

function convert(name: string, setting: WritableSetting, value: unknown): number | boolean | string {
  switch (setting.type) {
    case "integer": {
      const number = toInteger(name, value, setting.min, setting.max);
      setting.check?.(number);
      return number;
    }
    case "boolean":
      return toBoolean(name, value);
    case "text": {
      const text = setting.words ? toWord(name, value, setting.words) : toText(name, value);
      setting.check?.(text);
      return text;
    }
  }
}

function toWord(name: string, value: unknown, words: readonly string[]): string {
  const text = toText(name, value).trim().toLowerCase();
  if (words.includes(text)) return text;
  throw badArgument(`${name} takes one of ${words.join(", ")}`);
}

/** For the log; a default is nobody's mistake. */
function ignoredPart(setting: WritableSetting, value: number | boolean | string): string | undefined {
  if (value === setting.default) return undefined;
  if (setting.effect === "none") return "it has no effect here";
  if (setting.type === "integer" && typeof value === "number") return setting.ignored?.(value);
  if (setting.type === "text" && typeof value === "string") return setting.ignored?.(value);
  return undefined;
}

/** An empty value is the default of numbers, Booleans and words, and itself for text. */
function parse(name: string, setting: WritableSetting, text: string): number | boolean | string {
  if (setting.type === "text" && !setting.words) return convert(name, setting, text);
  if (text.trim() === "") return setting.default;
  if (setting.type === "boolean" && setting.alsoTrue?.includes(text.trim())) return true;
  if (setting.type === "text") return convert(name, setting, text);
  const value = setting.type === "integer" ? parseInteger(text) : parseBoolean(text);
  return convert(name, setting, value ?? text);
}
