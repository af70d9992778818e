import { describe, expect, test } from "vitest";
import { Config, type ConfigOwner } from "../../src/component/settings/config.js";
import { settingGroups, settings } from "../../src/component/settings/table.js";
import type { NativeNegotiated } from "../../src/native.js";

class Owner implements ConfigOwner {
  listening = false;
  bound = false;
  inEffectNow: Record<string, number | string> = {};
  applied: string[] = [];
  isListening = () => this.listening;
  isBound = () => this.bound;
  inEffect = (name: string) => this.inEffectNow[name];
  apply = (effect: string) => void this.applied.push(effect);
  destinationAddress = () => "192.0.2.7";
  destinationAddressOf = (id: number) => (id === 7 ? "192.0.2.8" : undefined);
  connections = new Map<number, NativeNegotiated>();
  negotiated = (id: number) => this.connections.get(id);
  notes: string[] = [];
  note = (message: string) => void this.notes.push(message);
}

function config(owner = new Owner()) {
  return new Config(owner);
}

describe("the table", () => {
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
});

describe("Config", () => {
  test("sets, returns the value in effect, and reads it", () => {
    const subject = config();
    expect(subject.execute("LogLevel=3")).toBe("3");
    expect(subject.execute("LogLevel")).toBe("3");
    expect(subject.values.LogLevel).toBe(3);
  });

  test("matches names in any case and with spaces around them", () => {
    const subject = config();
    expect(subject.execute(" logLEVEL =2")).toBe("2");
    expect(subject.execute("LOGLEVEL ")).toBe("2");
  });

  test("splits at the first equals sign", () => {
    expect(config().execute("LocalHost=a=b")).toBe("a=b");
  });

  test.each([
    ["True", "True"],
    ["yes", "True"],
    ["1", "True"],
    ["2", "True"],
    ["FALSE", "False"],
    ["No", "False"],
    ["0", "False"],
  ])("understands %s as a Boolean", (word, value) => {
    const subject = config();
    subject.execute(`UseIPv6=${value === "True" ? "False" : "True"}`);
    expect(subject.execute(`UseIPv6=${word}`)).toBe(value);
  });

  test("understands decimal and hexadecimal numbers", () => {
    const subject = config();
    expect(subject.execute("MaxPacketSize=0x5DC")).toBe("1500");
    expect(subject.execute("MaxPacketSize= 1400 ")).toBe("1400");
  });

  test.each([
    ["SocketPath=uv", "uv"],
    ["SocketPath= Linux ", "linux"],
    ["SOCKETPATH=AUTO", "auto"],
  ])("takes words in any case: %s", (text, word) => {
    expect(config().execute(text)).toBe(word);
  });

  test("an empty value restores the default of numbers, Booleans and words, and empties text", () => {
    const subject = config();
    subject.execute("MaxHandshakes=5");
    subject.execute("UseIPv6=True");
    subject.execute("LocalHost=127.0.0.1");
    subject.execute("SocketPath=uv");
    expect(subject.execute("SocketPath=")).toBe("auto");
    expect(subject.execute("MaxHandshakes=")).toBe("1000");
    expect(subject.execute("UseIPv6=")).toBe("False");
    expect(subject.execute("LocalHost=")).toBe("");
  });

  test.each(["NoSuchSetting", "NoSuchSetting=1", "", "=1", "LogLevel[1]", "KeepAlive", "toString"])(
    "an unknown name is 402: %j",
    (text) => {
      expect(() => config().execute(text)).toThrow(expect.objectContaining({ code: 402 }));
    },
  );

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

  test.each(["BuildInfo=x", "DestinationAddress=127.0.0.1"])(
    "a read-only setting is 10045 when set: %s",
    (text) => {
      expect(() => config().execute(text)).toThrow(expect.objectContaining({ code: 10045 }));
    },
  );

  test("DestinationAddress is what the server knows of the last datagram", () => {
    expect(config().execute("DestinationAddress")).toBe("192.0.2.7");
  });

  test("what is no string is 10022", () => {
    expect(() => config().execute(undefined)).toThrow(expect.objectContaining({ code: 10022 }));
  });

  test("BuildInfo names package, Node, OpenSSL and platform", () => {
    expect(config().execute("BuildInfo")).toMatch(
      /^openssl-dtls \d+\.\d+\.\d+ Node v\d+\.\d+\.\d+ OpenSSL [34]\.\d+\.\d+\S* \w+-\w+$/,
    );
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

  test("reads what is in effect where it is another than what was set", () => {
    const owner = new Owner();
    owner.inEffectNow = { LocalPort: 40000, InBufferSize: 212992 };
    expect(config(owner).execute("LocalPort")).toBe("40000");
    expect(config(owner).execute("InBufferSize=0")).toBe("212992");
  });

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

  test("what cannot take effect keeps its old value", () => {
    const owner = new Owner();
    owner.apply = () => {
      throw new Error("no memory for another context");
    };
    const subject = config(owner);
    expect(() => subject.execute("ReuseSSLSession=True")).toThrow("no memory");
    expect(subject.execute("ReuseSSLSession")).toBe("False");
  });

  describe("of a connection", () => {
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
      expect(() => subject.execute(`SSLNegotiatedCipher[${id}]`)).toThrow(
        expect.objectContaining({ code: 126 }),
      );
    });

    test("cannot be set: 10045", () => {
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
  });

  test("reset restores every default, and only that", () => {
    const owner = new Owner();
    const subject = config(owner);
    const before = { ...subject.values };
    for (const text of ["LogLevel=0", "LocalHost=::1", "UseIPv6=yes", "MaxHandshakes=7"])
      subject.execute(text);
    owner.applied = [];
    subject.reset();
    expect(subject.values).toEqual(before);
    expect(owner.applied).toEqual([]);
  });
});
