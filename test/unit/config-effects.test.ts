/** When a value takes effect, when it may not be set, and what the log has of values without any. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Setting, WritableSetting } from "../../src/component/settings/setting.js";
import { settings, type WritableName } from "../../src/component/settings/table.js";
import { certificateFile } from "../peers/certificates.js";
import { config, Owner } from "./config-owner.js";

test.each([
  ["HandshakeMTU=1400", "now"],
  ["MaxPacketSize=1400", "now"],
  ["InBufferSize=100000", "buffers"],
  ["LogLevel=2", "now"],
  ["UseIPv6=True", "start"],
  ["CaptureIPPacketInfo=True", "start"],
  ["DontFragment=True", "start"],
  ["QOSDSCPValue=46", "start"],
  ["QOSTrafficType=4", "start"],
  ["ShareLocalPort=True", "start"],
  ["UseConnection=True", "start"],
  ["SocketPath=uv", "start"],
  ["KeepAliveTime=1", "now"],
  ["KeepAliveInterval=1", "now"],
  ["KeepAliveMaxRetries=1", "now"],
  ["KeepAliveMode=2", "handshakes"],
  ["ReuseSSLSession=True", "handshakes"],
  ["SSLCipherStrength=128", "handshakes"],
  ["SSLEnabledCipherSuites=TLS_RSA_WITH_AES_128_CBC_SHA", "handshakes"],
  [`CookieSecret=${"aB".repeat(32)}`, "handshakes"],
  ["LogSSLPackets=True", "now"],
  ["SSLCACerts=", "handshakes"],
  ["SSLClientCACerts= ", "handshakes"],
  ["SSLEnableRenegotiation=False", "handshakes"],
  ["SSLKeyLogFile=/tmp/keys", "handshakes"],
  ["SSLServerCACerts=", "none"],
  [`TicketKeys=${"Cd".repeat(80)}`, "handshakes"],
  ["SSLEnabledProtocols=768", "handshakes"],
  ["SSLSecurityFlags=0x1", "handshakes"],
  ["TLS12SignatureAlgorithms=", "handshakes"],
  ["TLS12SupportedGroups=x25519", "handshakes"],
  ["AbsoluteTimeout=True", "none"],
  ["CodePage=1252", "text"],
  ["DelayHostResolution=True", "none"],
  ["FirewallData=anything", "none"],
  ["MaskSensitiveData=False", "none"],
  ["UseInternalSecurityAPI=True", "none"],
])("%s takes effect: %s", (text, effect) => {
  const owner = new Owner();
  config(owner).execute(text);
  expect(owner.applied).toEqual([effect]);
});

test.each([
  ["LocalPort=1", "bound", 106],
  ["LocalHost=::1", "bound", 107],
  ["MaxConnections=5", "listening", 108],
  ["UseConnection=True", "listening", 117],
  ["QOSTrafficType=4", "listening", 10022],
] as const)("%s is refused while %s: %i", (text, state, code) => {
  const owner = new Owner();
  owner[state] = true;
  const name = text.slice(0, text.indexOf("="));
  expect(() => config(owner).execute(text)).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(name) }),
  );
  expect(owner.applied).toEqual([]);
});

test("MaxConnections may change while connections are open and nobody is let in", () => {
  const owner = new Owner();
  owner.bound = true;
  expect(config(owner).execute("MaxConnections=5")).toBe("5");
});

test("what cannot take effect keeps its old value", () => {
  const owner = new Owner();
  owner.apply = () => {
    throw new Error("no memory for another context");
  };
  const subject = config(owner);
  expect(() => subject.execute("ReuseSSLSession=True")).toThrow("no memory");
  expect(subject.execute("ReuseSSLSession")).toBe("False");
});

const unusable = "TLS_RSA_WITH_RC4_128_MD5, TLS_ECDH_RSA_WITH_AES_128_CBC_SHA";
const noEffect = "it has no effect here";
const authority = readFileSync(certificateFile("ecdsa.pem"), "latin1");

describe("what is set without effect is noted once, when it is set", () => {
  test.each([
    ["AbsoluteTimeout", "True", noEffect],
    ["DelayHostResolution", "Yes", noEffect],
    ["FirewallData", "user:password", noEffect],
    ["MaskSensitiveData", "False", noEffect],
    ["UseInternalSecurityAPI", "1", noEffect],
    ["SSLSecurityFlags", "0x2", "the flags 0x2 have no effect here"],
    ["SSLSecurityFlags", "0x8000CF37", "the flags 0x8000c206 have no effect here"],
    ["SSLEnabledProtocols", "4032", "no DTLS version has the bits 0xc0"],
    ["SSLEnabledProtocols", "0x80000C00", "no DTLS version has the bits 0x80000000"],
    [
      "SSLEnabledCipherSuites",
      "TLS_RSA_WITH_RC4_128_MD5;tls_ecdh_rsa_with_aes_128_cbc_sha;TLS_RSA_WITH_AES_128_GCM_SHA256;" +
        "TLS_RSA_WITH_RC4_128_MD5",
      `never used here are ${unusable}`,
    ],
  ])("%s=%s", (name, value, note) => {
    const owner = new Owner();
    const subject = config(owner);
    subject.execute(`${name}=${value}`);
    expect(owner.notes).toEqual([`Config ${name}: ignored, ${note}.`]);
    subject.execute(name);
    expect(owner.notes).toHaveLength(1);
    subject.execute(`${name}=${value}`);
    expect(owner.notes).toHaveLength(2);
  });

  test("of every row that has none at all", () => {
    const silent = Object.entries<Setting>(settings).filter(([name, row]) => {
      if (!("effect" in row) || row.effect !== "none") return false;
      const owner = new Owner();
      config(owner).set(name as WritableName, valueBesideDefault(row));
      return owner.notes.length !== 1;
    });
    expect(silent).toEqual([]);
  });

  test("and not what has an effect, or is the default", () => {
    const owner = new Owner();
    const subject = config(owner);
    for (const [name, row] of Object.entries<Setting>(settings)) {
      if ("default" in row) subject.set(name as WritableName, row.default);
    }
    for (const text of [
      "SSLEnabledProtocols=3840",
      "SSLSecurityFlags=0xD31",
      "SSLEnabledCipherSuites=TLS_RSA_WITH_AES_128_GCM_SHA256",
      "DontFragment=True",
      "FirewallData=",
    ]) {
      subject.execute(text);
    }
    expect(owner.notes).toEqual([]);
  });

  test("and not what is refused", () => {
    const owner = new Owner();
    expect(() => config(owner).execute("SSLServerCACerts=none")).toThrow();
    expect(owner.notes).toEqual([]);
  });
});

function valueBesideDefault(row: WritableSetting): boolean | number | string {
  switch (row.type) {
    case "boolean":
      return !row.default;
    case "integer":
      return row.default + 1;
    case "text":
      return authority;
  }
}
