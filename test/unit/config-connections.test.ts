/** NAME[ConnectionId]: what settings say of one connection. */
import { expect, test } from "vitest";
import { config, Owner } from "./config-owner.js";

test("DestinationAddress answers for a connection too", () => {
  const subject = config();
  expect(subject.execute("DestinationAddress")).toBe("192.0.2.7");
  expect(subject.execute("DestinationAddress[7]")).toBe("192.0.2.8");
  for (const id of ["8", "x", ""]) {
    expect(() => subject.execute(`DestinationAddress[${id}]`)).toThrow(
      expect.objectContaining({ code: 126 }),
    );
  }
  expect(() => subject.execute("BuildInfo[7]")).toThrow(expect.objectContaining({ code: 402 }));
});

const owner = new Owner();
const suites = {
  1: ["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", 256, 521],
  2: ["TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256", 256, 3072],
  3: ["TLS_RSA_WITH_3DES_EDE_CBC_SHA", 112, 2048],
  4: ["TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8", 128, 253],
} as const;
for (const [id, [cipherSuite, strength, keyExchangeBits]] of Object.entries(suites)) {
  owner.connections.set(Number(id), { version: "DTLS1.2", cipherSuite, strength, keyExchangeBits });
}
const subject = config(owner);

test.each([
  ["SSLNegotiatedCipher[1]", "AES_256_GCM"],
  ["SSLNegotiatedCipher[2]", "CHACHA20_POLY1305"],
  ["SSLNegotiatedCipher[3]", "3DES_EDE_CBC"],
  ["SSLNegotiatedCipher[4]", "AES_128_CCM_8"],
  ["SSLNegotiatedCipherStrength[1]", "256"],
  ["SSLNegotiatedCipherSuite[1]", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"],
  ["SSLNegotiatedKeyExchange[1]", "ECDHE_ECDSA"],
  ["SSLNegotiatedKeyExchange[2]", "DHE_RSA"],
  ["SSLNegotiatedKeyExchange[3]", "RSA"],
  ["SSLNegotiatedKeyExchangeStrength[1]", "521"],
  ["SSLNegotiatedVersion[1]", "DTLS1.2"],
  ["sslnegotiatedversion [ 1 ]", "DTLS1.2"],
  ["SSLNegotiatedVersion", ""],
])("%s reads %j", (text, value) => {
  expect(subject.execute(text)).toBe(value);
});

test.each(["5", "0", "-1", "", "x", "1.0"])("an unknown id is 126: [%s]", (id) => {
  expect(() => subject.execute(`SSLNegotiatedCipher[${id}]`)).toThrow(expect.objectContaining({ code: 126 }));
});

test("what a connection has agreed on cannot be set: 10045", () => {
  for (const text of ["SSLNegotiatedCipher=AES", "SSLNegotiatedCipher[1]=AES"]) {
    expect(() => subject.execute(text)).toThrow(expect.objectContaining({ code: 10045 }));
  }
});

test.each(["SSLNegotiatedCipher[1", "SSLNegotiatedCipher1]", "SSLNegotiatedCipher[[1]]"])(
  "what is not NAME[id] is an unknown name: %s",
  (text) => {
    expect(() => subject.execute(text)).toThrow(expect.objectContaining({ code: 402 }));
  },
);
