/** What the table of settings has: its rows, their defaults, and what read-only ones say. */
import { expect, test } from "vitest";
import { settingGroups, settings } from "../../src/component/settings/table.js";
import { config } from "./config-owner.js";

test("knows every setting of this release, in the groups of the reference and one of our own", () => {
  const names = Object.fromEntries(
    Object.entries(settingGroups).map(([group, rows]) => [group, Object.keys(rows)]),
  );
  expect(names).toEqual({
    server: ["KeepAliveInterval", "KeepAliveMode", "KeepAliveTime", "LogLevel", "MaxConnections"],
    udp: [
      "CaptureIPPacketInfo",
      "DelayHostResolution",
      "DestinationAddress",
      "DontFragment",
      "LocalHost",
      "LocalPort",
      "MaxPacketSize",
      "QOSDSCPValue",
      "QOSTrafficType",
      "ShareLocalPort",
      "UseConnection",
      "UseIPv6",
    ],
    socket: ["AbsoluteTimeout", "FirewallData", "InBufferSize", "OutBufferSize"],
    ssl: [
      "LogSSLPackets",
      "ReuseSSLSession",
      "SSLCACerts",
      "SSLCheckCRL",
      "SSLCheckOCSP",
      "SSLCipherStrength",
      "SSLClientCACerts",
      "SSLEnabledCipherSuites",
      "SSLEnabledProtocols",
      "SSLEnableRenegotiation",
      "SSLKeyLogFile",
      "SSLNegotiatedCipher",
      "SSLNegotiatedCipherStrength",
      "SSLNegotiatedCipherSuite",
      "SSLNegotiatedKeyExchange",
      "SSLNegotiatedKeyExchangeStrength",
      "SSLNegotiatedVersion",
      "SSLSecurityFlags",
      "SSLServerCACerts",
      "TLS12SignatureAlgorithms",
      "TLS12SupportedGroups",
    ],
    base: ["BuildInfo", "CodePage", "LicenseInfo", "MaskSensitiveData", "UseInternalSecurityAPI"],
    own: [
      "CookieSecret",
      "HandshakeMTU",
      "HandshakeTimeout",
      "KeepAliveMaxRetries",
      "MaxConnectionsPerHost",
      "MaxHandshakes",
      "MaxHandshakesPerHost",
      "SocketPath",
      "TicketKeys",
    ],
  });
});

test.each([
  ["AbsoluteTimeout", "False"],
  ["ReuseSSLSession", "False"],
  ["SSLCipherStrength", "0"],
  ["SSLEnabledCipherSuites", "*"],
  ["CookieSecret", ""],
  ["LogSSLPackets", "False"],
  ["SSLCACerts", ""],
  ["SSLClientCACerts", ""],
  ["SSLEnableRenegotiation", "True"],
  ["SSLKeyLogFile", ""],
  ["SSLServerCACerts", ""],
  ["TicketKeys", ""],
  ["SSLEnabledProtocols", "3072"],
  ["SSLSecurityFlags", "0"],
  [
    "TLS12SignatureAlgorithms",
    "sha512-ecdsa,sha512-rsa,sha512-dsa,sha384-ecdsa,sha384-rsa,sha384-dsa,sha256-ecdsa,sha256-rsa," +
      "sha256-dsa,sha224-ecdsa,sha224-rsa,sha224-dsa,sha1-ecdsa,sha1-rsa,sha1-dsa",
  ],
  ["TLS12SupportedGroups", "ecdhe_secp256r1,ecdhe_secp384r1,ecdhe_secp521r1"],
  ["KeepAliveInterval", "2"],
  ["KeepAliveMode", "1"],
  ["KeepAliveTime", "60"],
  ["KeepAliveMaxRetries", "0"],
  ["LogLevel", "1"],
  ["MaxConnections", "1000"],
  ["CaptureIPPacketInfo", "False"],
  ["DontFragment", "False"],
  ["QOSDSCPValue", "0"],
  ["QOSTrafficType", "0"],
  ["ShareLocalPort", "False"],
  ["UseConnection", "False"],
  ["SocketPath", "auto"],
  ["LocalHost", ""],
  ["LocalPort", "0"],
  ["MaxPacketSize", "65535"],
  ["UseIPv6", "False"],
  ["InBufferSize", "0"],
  ["OutBufferSize", "0"],
  ["HandshakeMTU", "1200"],
  ["HandshakeTimeout", "60"],
  ["MaxConnectionsPerHost", "0"],
  ["MaxHandshakes", "1000"],
  ["MaxHandshakesPerHost", "32"],
  ["CodePage", "65001"],
  ["DelayHostResolution", "False"],
  ["FirewallData", ""],
  ["MaskSensitiveData", "True"],
  ["SSLCheckCRL", "0"],
  ["SSLCheckOCSP", "0"],
  ["UseInternalSecurityAPI", "False"],
])("the default of %s is %j", (name, value) => {
  expect(config().execute(name)).toBe(value);
});

test("every default lies in the range that its own row gives", () => {
  const subject = config();
  for (const [name, row] of Object.entries(settings)) {
    if ("default" in row) expect(subject.execute(`${name}=${row.default}`)).toBe(subject.execute(name));
  }
});

test("BuildInfo names package, Node, OpenSSL and platform", () => {
  expect(config().execute("BuildInfo")).toMatch(
    /^openssl-dtls \d+\.\d+\.\d+ Node v\d+\.\d+\.\d+ OpenSSL [34]\.\d+\.\d+\S* \w+-\w+$/,
  );
});

test("LicenseInfo has the five lines of the reference", () => {
  const lines = config().execute("LicenseInfo").split("\n");
  expect(lines.map((line) => line.split(": ")[0])).toEqual([
    "Product",
    "Product Key",
    "License Source",
    "License Type",
    "Last Valid Build",
  ]);
  expect(lines[3]).toBe("License Type: Apache-2.0");
});
