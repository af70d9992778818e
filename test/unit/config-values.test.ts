/** Which values settings take, and what each says of others. */
import { expect, test } from "vitest";
import { config } from "./config-owner.js";

test.each([
  "LogLevel=4",
  "LogLevel=-1",
  "LogLevel=1.5",
  "LogLevel=two",
  "LogLevel=1e0",
  "LogLevel=NaN",
  "UseIPv6=maybe",
  "UseIPv6=3",
  "LocalPort=65536",
  "MaxPacketSize=255",
  "HandshakeMTU=255",
  "HandshakeMTU=65508",
  "HandshakeTimeout=0",
  "HandshakeTimeout=601",
  "MaxConnections=0",
  "MaxConnections=1000001",
  "InBufferSize=-1",
  "InBufferSize=9007199254740992",
  "OutBufferSize=-1",
  "OutBufferSize=large",
  "KeepAliveInterval=0",
  "KeepAliveInterval=1000000001",
  "KeepAliveTime=0",
  "KeepAliveTime=1000000001",
  "KeepAliveTime=1.5",
  "KeepAliveMode=0",
  "KeepAliveMode=3",
  "KeepAliveMaxRetries=-1",
  "KeepAliveMaxRetries=2147483648",
  "AbsoluteTimeout=2",
  "ReuseSSLSession=2",
  "ReuseSSLSession=on",
  "CaptureIPPacketInfo=2",
  "DontFragment=perhaps",
  "QOSDSCPValue=64",
  "QOSDSCPValue=-1",
  "QOSTrafficType=6",
  "QOSTrafficType=voice",
  "ShareLocalPort=3",
  "UseConnection=3",
  "SocketPath=bsd",
  "SocketPath=0",
  "SSLCipherStrength=-1",
  "SSLCipherStrength=strong",
  "SSLEnabledCipherSuites=AES",
  "SSLEnabledCipherSuites=TLS_RSA_WITH_AES_128_CBC_SHA;TLS_NO_SUCH_SUITE",
  "SSLEnabledCipherSuites=*;TLS_RSA_WITH_AES_128_CBC_SHA",
  "SSLEnabledCipherSuites=ECDHE-RSA-AES128-GCM-SHA256",
  "CookieSecret=00",
  `CookieSecret=${"0g".repeat(32)}`,
  `CookieSecret=${"00".repeat(33)}`,
  "LogSSLPackets=some",
  "SSLEnabledProtocols=-1",
  "SSLEnableRenegotiation=2",
  "SSLKeyLogFile=a\0b",
  `TicketKeys=${"00".repeat(48)}`,
  "SSLSecurityFlags=-1",
  "SSLSecurityFlags=8",
  "SSLSecurityFlags=0x1000",
  "SSLSecurityFlags=0x40000000",
  "SSLSecurityFlags=0x100000000",
  "SSLEnabledProtocols=TLS1.2",
  "TLS12SignatureAlgorithms=sha256",
  "TLS12SignatureAlgorithms=sha256-rsa;sha1-rsa",
  "TLS12SignatureAlgorithms=md5-rsa",
  "TLS12SupportedGroups=secp256r1",
  "TLS12SupportedGroups=x25519,toString",
  "LocalHost=a\0b",
])("a bad value is 10022, names the setting and keeps the old value: %j", (text) => {
  const subject = config();
  const name = text.slice(0, text.indexOf("="));
  const before = subject.execute(name);
  expect(() => subject.execute(text)).toThrow(
    expect.objectContaining({ code: 10022, message: expect.stringContaining(name) }),
  );
  expect(subject.execute(name)).toBe(before);
});

test.each(["SSLCheckCRL", "SSLCheckOCSP"])("%s: 1 and 2 are 402, more is 10022, 0 stays", (name) => {
  const subject = config();
  for (const value of [1, 2]) {
    expect(() => subject.execute(`${name}=${value}`)).toThrow(expect.objectContaining({ code: 402 }));
  }
  expect(() => subject.execute(`${name}=3`)).toThrow(expect.objectContaining({ code: 10022 }));
  expect(subject.execute(name)).toBe("0");
});

test.each(["SSLCACerts", "SSLClientCACerts", "SSLServerCACerts"])(
  "what is no certificate is 404, names the setting and keeps the old value: %s",
  (name) => {
    const subject = config();
    const block = (body: string): string =>
      `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;
    for (const text of ["certificate", "/etc/ssl/certs/ca.pem", block("AAAA"), block("!"), block("")]) {
      expect(() => subject.execute(`${name}=${text}`), text).toThrow(
        expect.objectContaining({ code: 404, message: expect.stringContaining(name) }),
      );
      expect(subject.execute(name)).toBe("");
    }
  },
);

test("a bad secret is not repeated by its error", () => {
  const secret = "5ec2e7".repeat(5);
  for (const name of ["CookieSecret", "TicketKeys"]) {
    expect(() => config().execute(`${name}=${secret}`)).toThrow(
      expect.objectContaining({ code: 10022, message: expect.not.stringContaining("5ec2e7") }),
    );
  }
});

test("flags are set in hexadecimal and read in decimal, each that the reference lists", () => {
  const subject = config();
  expect(subject.execute("SSLSecurityFlags=0x8000CF37")).toBe("2147536695");
  for (const flag of [
    "1",
    "2",
    "4",
    "16",
    "32",
    "256",
    "512",
    "1024",
    "2048",
    "16384",
    "32768",
    "2147483648",
  ])
    expect(subject.execute(`SSLSecurityFlags=${flag}`)).toBe(flag);
});

test.each(["12288", "15360", "0x3FF0"])("DTLS 1.3 is 402: SSLEnabledProtocols=%s", (bits) => {
  const subject = config();
  expect(() => subject.execute(`SSLEnabledProtocols=${bits}`)).toThrow(
    expect.objectContaining({ code: 402, message: expect.stringContaining("SSLEnabledProtocols") }),
  );
  expect(subject.execute("SSLEnabledProtocols")).toBe("3072");
});
