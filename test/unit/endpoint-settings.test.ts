// Each setting reaches the endpoint under its own name, in the endpoint's units.
import { expect, test } from "vitest";
import {
  bindOptions,
  bufferSizes,
  type EndpointNeeds,
  endpointSettings,
} from "../../src/component/endpoint-settings.js";
import { defaultValues, type SettingValues } from "../../src/component/settings/table.js";
import type { NativeBindOptions, NativeEndpointSettings } from "../../src/native.js";

const nothing: EndpointNeeds = {
  idleTimeout: 0,
  keepAlive: false,
  askRequests: false,
  reportRequests: false,
  reportProgress: false,
  reportLosses: false,
  reportDrops: false,
  reportRecords: false,
};

test("a distinct value for each setting arrives in its own field, seconds as milliseconds", () => {
  const values: SettingValues = {
    ...defaultValues(),
    MaxConnections: 1001,
    MaxHandshakes: 1002,
    MaxHandshakesPerHost: 1003,
    MaxConnectionsPerHost: 1004,
    MaxPacketSize: 1005,
    HandshakeMTU: 1006,
    HandshakeTimeout: 7,
    KeepAliveMode: 2,
    KeepAliveTime: 9,
    KeepAliveInterval: 10,
    KeepAliveMaxRetries: 11,
    InBufferSize: 1012,
    OutBufferSize: 1013,
  };
  const expected: NativeEndpointSettings = {
    maxConnections: 1001,
    maxHandshakes: 1002,
    maxHandshakesPerHost: 1003,
    maxConnectionsPerHost: 1004,
    maxPacketSize: 1005,
    handshakeMtu: 1006,
    handshakeTimeout: 7_000,
    idleTimeout: 8_000,
    heartbeatMode: 2,
    keepAliveTime: 9_000,
    keepAliveInterval: 10_000,
    keepAliveMaxRetries: 11,
    pauseBound: 1012,
    askRequests: false,
    reportRequests: false,
    reportProgress: false,
    reportLosses: false,
    reportDrops: false,
    reportRecords: false,
  };
  expect(endpointSettings(values, { ...nothing, idleTimeout: 8, keepAlive: true })).toEqual(expected);
  expect(bufferSizes(values)).toEqual({ receive: 1012, send: 1013 });
});

test("zeros are never for idleness, off for heartbeats, and 64 KiB for what a paused connection keeps", () => {
  const settings = endpointSettings({ ...defaultValues(), KeepAliveMode: 2, InBufferSize: 0 }, nothing);
  expect(settings).toMatchObject({ idleTimeout: 0, heartbeatMode: 0, pauseBound: 65536 });
});

const flags = [
  "askRequests",
  "reportRequests",
  "reportProgress",
  "reportLosses",
  "reportDrops",
  "reportRecords",
] as const satisfies readonly (keyof EndpointNeeds)[];

test.each(flags)("%s is asked for by itself", (flag) => {
  const settings = endpointSettings(defaultValues(), { ...nothing, [flag]: true });
  expect(flags.filter((name) => settings[name])).toEqual([flag]);
});

const bound: NativeBindOptions = {
  host: "192.0.2.1",
  port: 4433,
  ipv6: false,
  receiveBuffer: 1012,
  sendBuffer: 1013,
  sharePort: false,
  dontFragment: false,
  trafficClass: 0,
  connectPeers: false,
  captureDestination: false,
  path: 0,
};

test.each<[Partial<SettingValues>, Partial<NativeBindOptions>]>([
  [{}, {}],
  [{ UseIPv6: true }, { ipv6: true }],
  [{ ShareLocalPort: true }, { sharePort: true }],
  [{ DontFragment: true }, { dontFragment: true }],
  [{ UseConnection: true }, { connectPeers: true }],
  [{ CaptureIPPacketInfo: true }, { captureDestination: true }],
  [{ SocketPath: "uv" }, { path: 1 }],
  [{ SocketPath: "linux" }, { path: 2 }],
  [{ QOSDSCPValue: 46 }, { trafficClass: 184 }],
  [{ QOSTrafficType: 1 }, { trafficClass: 32 }],
  // 0 leaves the system's send buffer; its receive buffer would lose bursts.
  [
    { InBufferSize: 0, OutBufferSize: 0 },
    { receiveBuffer: 4 * 1024 * 1024, sendBuffer: 0 },
  ],
])("%o reaches the bind in its own option", (changed, option) => {
  const values: SettingValues = {
    ...defaultValues(),
    LocalHost: "192.0.2.1",
    LocalPort: 4433,
    InBufferSize: 1012,
    OutBufferSize: 1013,
    ...changed,
  };
  expect(bindOptions(values)).toEqual({ ...bound, ...option });
});
