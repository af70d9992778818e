/** What a ServerHello (RFC 5246 7.4.1.3) in the clear agrees to. */
import { begins, HandshakeType } from "./records.js";

export const ExtensionType = { encryptThenMac: 22, extendedMasterSecret: 23, heartbeat: 15 } as const;

/** The types of its extensions; undefined if the datagram does not begin with a ServerHello. */
export function serverHelloExtensions(datagram: Buffer): number[] | undefined {
  if (!begins(datagram, HandshakeType.serverHello)) return undefined;
  // Past the headers of record and message, version and random.
  const sessionId = 13 + 12 + 2 + 32;
  // Past suite and compression method.
  const extensions = sessionId + 1 + datagram.readUInt8(sessionId) + 3;
  const end = extensions + 2 + datagram.readUInt16BE(extensions);
  const types: number[] = [];
  for (let at = extensions + 2; at < end; at += 4 + datagram.readUInt16BE(at + 2)) {
    types.push(datagram.readUInt16BE(at));
  }
  return types;
}
