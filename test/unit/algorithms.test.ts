/** The documented names of suites, groups, signature algorithms and versions, in the addon's terms. */
import { describe, expect, test } from "vitest";
import { cipherList, cipherSuiteNames, isUsable } from "../../src/component/algorithms/cipher-suites.js";
import { groupList } from "../../src/component/algorithms/groups.js";
import { protocolsOf } from "../../src/component/algorithms/protocols.js";
import { signatureAlgorithmList } from "../../src/component/algorithms/signature-algorithms.js";
import { securityContext } from "../native/native-endpoint.js";

describe("cipher suites", () => {
  test("54 are the reference's, 30 of which can run, and 3 are ours", () => {
    expect(cipherSuiteNames).toHaveLength(57);
    expect(new Set(cipherSuiteNames).size).toBe(57);
    expect(cipherSuiteNames.slice(0, 54).filter(isUsable)).toHaveLength(30);
  });

  test("those that can run do so in the addon with a fitting certificate, and no others", () => {
    for (const name of cipherSuiteNames) {
      const kind = /_RSA_WITH/.test(name) ? "rsa" : "ecdsa";
      const build = () => securityContext(kind, { cipherList: name });
      if (isUsable(name) && !name.includes("_DSS_")) expect(build, name).not.toThrow();
      else expect(build, name).toThrow(expect.objectContaining({ problem: "unsupported" }));
    }
  });

  test.each([
    ["*", ""],
    [" * ", ""],
    ["", ""],
    ["TLS_A;TLS_B", "TLS_A:TLS_B"],
    [" tls_a ; TLS_B ;", "TLS_A:TLS_B"],
  ])("%j is %j to the addon", (text, list) => {
    expect(cipherList(text)).toBe(list);
  });
});

test.each([
  ["ecdhe_secp256r1,ecdhe_secp384r1,ecdhe_secp521r1", "P-256:P-384:P-521"],
  ["X25519, ecdhe_secp521r1,x25519", "X25519:P-521"],
  ["x448", "X448"],
  ["", ""],
])("groups: %j is %j to the addon", (text, list) => {
  expect(groupList(text)).toBe(list);
});

test.each([
  ["sha256-rsa,SHA1-dsa", "RSA+SHA256:DSA+SHA1"],
  [" sha512 - ecdsa , ed25519,sha512-ecdsa", "ECDSA+SHA512:ed25519"],
  ["", ""],
])("signature algorithms: %j is %j to the addon", (text, list) => {
  expect(signatureAlgorithmList(text)).toBe(list);
});

test.each([
  [3072, true, false],
  [1024, true, false],
  [2048, true, false],
  [768, false, true],
  [256, false, true],
  [3840, true, true],
  [192, false, false],
])("versions: %i is DTLS 1.2 %s, 1.0 %s", (bits, dtls12, dtls10) => {
  expect(protocolsOf(bits)).toEqual({ dtls12, dtls10 });
});

test("what the addon has no version, suite or algorithm left for is refused as unsupported", () => {
  const unsupported = expect.objectContaining({ problem: "unsupported" });
  expect(() => securityContext("ecdsa", { dtls12: false })).toThrow(unsupported);
  expect(() => securityContext("ecdsa", { minimumStrength: 257 })).toThrow(unsupported);
  expect(() => securityContext("ecdsa", { groups: "" })).toThrow(unsupported);
  expect(() => securityContext("rsa", { groups: "" })).not.toThrow();
  expect(() => securityContext("rsa", { signatureAlgorithms: "ECDSA+SHA256" })).not.toThrow();
  expect(() =>
    securityContext("rsa", { signatureAlgorithms: "ECDSA+SHA256", cipherList: "ECDHE+AESGCM" }),
  ).toThrow(unsupported);
  expect(() => securityContext("ecdsa", { signatureAlgorithms: "ECDSA+SHA1" })).toThrow(unsupported);
  expect(() => securityContext("ecdsa", { signatureAlgorithms: "ECDSA+MD4" })).toThrow(unsupported);
});
