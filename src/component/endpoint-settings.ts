/** What the settings of a server are to the endpoint below it: its units, and what its zeros stand for. */
import { type NativeBindOptions, type NativeEndpointSettings, SocketPath } from "../native.js";
import type { SettingValues } from "./settings/table.js";

/** What InBufferSize 0 asks for: the system's default is soon full when many clients send at once. */
const generousReceiveBuffer = 4 * 1024 * 1024;
const defaultPauseBound = 64 * 1024;
/** Sizes are an int to the system. No kernel gives one that large. */
const largestSize = 0x7fff_ffff;

/** What is no Config setting. */
export interface EndpointNeeds {
  /** Seconds; 0 = never. */
  idleTimeout: number;
  keepAlive: boolean;
  /** Somebody decides on connection requests. */
  askRequests: boolean;
  /** What costs something is reported only while somebody reads it. */
  reportRequests: boolean;
  reportProgress: boolean;
  reportLosses: boolean;
  reportDrops: boolean;
  reportRecords: boolean;
}

export function endpointSettings(
  values: Readonly<SettingValues>,
  needs: EndpointNeeds,
): NativeEndpointSettings {
  return {
    maxConnections: values.MaxConnections,
    maxHandshakes: values.MaxHandshakes,
    maxHandshakesPerHost: values.MaxHandshakesPerHost,
    maxConnectionsPerHost: values.MaxConnectionsPerHost,
    maxPacketSize: values.MaxPacketSize,
    handshakeMtu: values.HandshakeMTU,
    handshakeTimeout: values.HandshakeTimeout * 1000,
    idleTimeout: needs.idleTimeout * 1000,
    heartbeatMode: needs.keepAlive ? values.KeepAliveMode : 0,
    keepAliveTime: values.KeepAliveTime * 1000,
    keepAliveInterval: values.KeepAliveInterval * 1000,
    keepAliveMaxRetries: values.KeepAliveMaxRetries,
    pauseBound: Math.min(values.InBufferSize || defaultPauseBound, largestSize),
    askRequests: needs.askRequests,
    reportRequests: needs.reportRequests,
    reportProgress: needs.reportProgress,
    reportLosses: needs.reportLosses,
    reportDrops: needs.reportDrops,
    reportRecords: needs.reportRecords,
  };
}

/** Of a socket that is bound now. */
export function bindOptions(values: Readonly<SettingValues>): NativeBindOptions {
  const { receive: receiveBuffer, send: sendBuffer } = bufferSizes(values);
  const path = values.SocketPath as keyof typeof SocketPath;
  return {
    host: values.LocalHost,
    port: values.LocalPort,
    ipv6: values.UseIPv6,
    receiveBuffer,
    sendBuffer,
    sharePort: values.ShareLocalPort,
    dontFragment: values.DontFragment,
    trafficClass: (values.QOSDSCPValue || (dscpOfTrafficType[values.QOSTrafficType] as number)) << 2,
    connectPeers: values.UseConnection,
    captureDestination: values.CaptureIPPacketInfo,
    path: SocketPath[path],
  };
}

/** What a setting asks for and the system, or the SocketPath, has not. */
export const unsupportedText: Readonly<Record<string, string>> = {
  path: "SocketPath=linux needs Linux",
  sharePort: "ShareLocalPort=True: on this system no two sockets share a port",
  dontFragment: "DontFragment=True: this system has no option for it",
  trafficClass: "QOSDSCPValue and QOSTrafficType: this system does not let programs mark packets",
  connectPeers: "UseConnection=True needs Linux, SocketPath=auto or linux, and ShareLocalPort=False",
  captureDestination: "CaptureIPPacketInfo=True needs Linux, and SocketPath=auto or linux",
} satisfies Partial<Record<keyof NativeBindOptions, string>>;

/** The marks of Windows' traffic types, in the order of their numbers (QOS_TRAFFIC_TYPE, qos2.h). */
const dscpOfTrafficType = [0, 8, 40, 40, 56, 56];

/** Bytes; 0 leaves the system's. */
export function bufferSizes(values: Readonly<SettingValues>): { receive: number; send: number } {
  return {
    receive: Math.min(values.InBufferSize || generousReceiveBuffer, largestSize),
    send: Math.min(values.OutBufferSize, largestSize),
  };
}
