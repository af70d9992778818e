/** When a value takes effect, when it may not be set, and what the log has of values without any. */
import { expect, test } from "vitest";
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

test("bits of versions that DTLS has no counterpart of are ignored, and the log says so", () => {
  const owner = new Owner();
  const subject = config(owner);
  expect(subject.execute("SSLEnabledProtocols=4032")).toBe("4032");
  expect(owner.notes).toEqual(["Config SSLEnabledProtocols: ignored, no DTLS version has the bits 0xc0."]);
  subject.execute("SSLEnabledProtocols=3840");
  expect(owner.notes).toHaveLength(1);
  subject.execute("SSLEnabledProtocols=0x80000C00");
  expect(owner.notes.at(-1)).toBe(
    "Config SSLEnabledProtocols: ignored, no DTLS version has the bits 0x80000000.",
  );
});
