/** Every setting that Config knows, grouped as the reference groups them. */
import { baseSettings } from "./base.js";
import { ownSettings } from "./own.js";
import { serverSettings } from "./server.js";
import type {
  BooleanSetting,
  ConnectionSetting,
  IntegerSetting,
  ReadOnlySetting,
  Setting,
  TextSetting,
  WritableSetting,
} from "./setting.js";
import { socketSettings } from "./socket.js";
import { sslSettings } from "./ssl.js";
import { udpSettings } from "./udp.js";

export const settingGroups = {
  server: serverSettings,
  udp: udpSettings,
  socket: socketSettings,
  ssl: sslSettings,
  base: baseSettings,
  own: ownSettings,
};

export const settings = {
  ...serverSettings,
  ...udpSettings,
  ...socketSettings,
  ...sslSettings,
  ...baseSettings,
  ...ownSettings,
};

type Settings = typeof settings;

export type SettingName = keyof Settings;

export type WritableName = {
  [Name in SettingName]: Settings[Name] extends ReadOnlySetting | ConnectionSetting ? never : Name;
}[SettingName];

export type SettingValues = {
  -readonly [Name in WritableName]: Settings[Name] extends IntegerSetting
    ? number
    : Settings[Name] extends BooleanSetting
      ? boolean
      : Settings[Name] extends TextSetting
        ? string
        : never;
};

/** Names match in any case: public code writes them so. */
const byLowerCase = new Map<string, SettingName>(
  (Object.keys(settings) as SettingName[]).map((name) => [name.toLowerCase(), name]),
);

export function findSetting(name: string): SettingName | undefined {
  return byLowerCase.get(name.toLowerCase());
}

export function isWritable(name: SettingName): name is WritableName {
  return isWritableRow(settings[name]);
}

function isWritableRow(row: Setting): row is WritableSetting {
  return row.type !== "readOnly" && row.type !== "connection";
}

/** The settings that count at a bind and have other values now than then. */
export function waitingForBind(bound: Readonly<SettingValues>, now: Readonly<SettingValues>): WritableName[] {
  return (Object.keys(now) as WritableName[]).filter(
    (name) => settings[name].effect === "start" && now[name] !== bound[name],
  );
}

export function defaultValues(): SettingValues {
  const defaults: Record<string, number | boolean | string> = {};
  for (const [name, setting] of Object.entries<Setting>(settings)) {
    if (isWritableRow(setting)) defaults[name] = setting.default;
  }
  return defaults as SettingValues;
}
