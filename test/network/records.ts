/** DTLS records (RFC 6347 4.1) and ClientHellos (4.2.1) by hand: what no decent client would send. */

export const ContentType = {
  changeCipherSpec: 20,
  alert: 21,
  handshake: 22,
  applicationData: 23,
  heartbeat: 24,
} as const;

export const HandshakeType = { clientHello: 1, serverHello: 2, helloVerifyRequest: 3 } as const;

export interface RecordFields {
  type: number;
  /** Default: 0xfefd, DTLS 1.2. */
  version?: number;
  epoch?: number;
  sequence?: number;
}

export function record(fields: RecordFields, body: Uint8Array): Buffer {
  const { type, version = 0xfefd, epoch = 0, sequence = 0 } = fields;
  const header = Buffer.alloc(13);
  header.writeUInt8(type, 0);
  header.writeUInt16BE(version, 1);
  header.writeUInt16BE(epoch, 3);
  header.writeUIntBE(sequence, 5, 6);
  header.writeUInt16BE(body.length, 11);
  return Buffer.concat([header, body]);
}

export interface HelloFields {
  /** Of the hello itself. Default: 0xfefd, DTLS 1.2. */
  version?: number;
  /** Of the record. Default: 0xfeff, as clients do in their first hello. */
  recordVersion?: number;
  cookie?: Uint8Array;
  messageSequence?: number;
  /** Default: 0. */
  fragmentOffset?: number;
}

/** One suite, no extensions. */
export function clientHello({ cookie = new Uint8Array(0), ...fields }: HelloFields = {}): Buffer {
  const { version = 0xfefd, recordVersion = 0xfeff, messageSequence = 0, fragmentOffset = 0 } = fields;
  const random = Buffer.alloc(32, 0x5a);
  const suites = Buffer.from([0, 2, 0xc0, 0x2b]);
  const body = Buffer.concat([
    Buffer.from([version >> 8, version & 0xff]),
    random,
    Buffer.from([0, cookie.length]),
    cookie,
    suites,
    Buffer.from([1, 0]),
  ]);
  const header = Buffer.alloc(12);
  header.writeUInt8(HandshakeType.clientHello, 0);
  header.writeUIntBE(body.length, 1, 3);
  header.writeUInt16BE(messageSequence, 4);
  header.writeUIntBE(fragmentOffset, 6, 3);
  header.writeUIntBE(body.length - fragmentOffset, 9, 3);
  const message = Buffer.concat([header, body.subarray(fragmentOffset)]);
  return record({ type: ContentType.handshake, version: recordVersion }, message);
}

/** The cookie of a HelloVerifyRequest datagram. */
export function cookieOf(datagram: Buffer): Buffer {
  const length = datagram.readUInt8(27);
  return datagram.subarray(28, 28 + length);
}

/** The content types of the records in a datagram. */
export function recordTypes(datagram: Buffer): number[] {
  const types: number[] = [];
  for (let at = 0; at + 13 <= datagram.length; at += 13 + datagram.readUInt16BE(at + 11)) {
    types.push(datagram.readUInt8(at));
  }
  return types;
}

/** Whether a datagram begins with this handshake message in the clear. */
export function begins(datagram: Buffer, handshakeType: number): boolean {
  return (
    datagram.length > 13 &&
    datagram.readUInt8(0) === ContentType.handshake &&
    datagram.readUInt16BE(3) === 0 &&
    datagram.readUInt8(13) === handshakeType
  );
}
