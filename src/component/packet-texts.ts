/** What goes over the wire, record by record: the lines of Debug, and those of LogSSLPackets. */

/** RFC 6347 4.1. */
const headerSize = 13;

/** RFC 5246 6.2.1, RFC 6520 3. */
const contentTypes: Readonly<Record<number, string>> = {
  20: "change_cipher_spec",
  21: "alert",
  22: "handshake",
  23: "application_data",
  24: "heartbeat",
};

/** `start` is the record's header and the first bytes behind it, as they are sent. */
export function recordText(sent: boolean, start: Buffer): string {
  const type = start[0] as number;
  const name = contentTypes[type] ?? `type ${type}`;
  const epoch = start.readUInt16BE(3);
  const sequence = start.readUIntBE(5, 6);
  const length = start.readUInt16BE(11);
  const direction = sent ? "sent" : "received";
  return `SSL packet ${direction}: ${name}, epoch ${epoch}, seq ${sequence}, ${length} bytes`;
}

/** With the bytes, that is. */
export function packetText(sent: boolean, start: Buffer): string {
  return `${recordText(sent, start)}: ${start.toString("hex", headerSize)}`;
}
