import { createSocket } from "node:dgram";
import { once } from "node:events";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { settings } from "../src/component/settings/table.js";
import { Certificate, counters, DTLSServer, type LogEvent } from "../src/index.js";
import { camel, native } from "../src/native.js";
import { certificateFolder } from "./peers/certificates.js";
import { withCode } from "./peers/errors.js";
import { eventually } from "./peers/waiting.js";

const folder = certificateFolder();
const certificate = new Certificate(folder.selfSigned("server").both);
const another = new Certificate(folder.selfSigned("another").both);
const { certificate: withoutKeyFile } = folder.selfSigned("public");
const withoutKey = new Certificate(withoutKeyFile);

function component(): DTLSServer {
  const server = new DTLSServer();
  onTestFinished(() => server.Shutdown());
  server.LocalHost = "127.0.0.1";
  server.SSLCert = certificate;
  return server;
}

/** Values that no client could connect with, to a server with an ECDSA certificate. */
const withoutClients = {
  SSLCipherStrength: "257",
  SSLEnabledCipherSuites: "TLS_RSA_WITH_3DES_EDE_CBC_SHA;TLS_RSA_WITH_AES_128_CBC_SHA",
  SSLEnabledProtocols: "192",
  TLS12SignatureAlgorithms: "sha256-rsa",
  TLS12SupportedGroups: "",
};

describe("a new DTLSServer", () => {
  test("has the documented defaults", () => {
    expect(new DTLSServer()).toMatchObject({
      ConnectionCount: 0,
      DefaultIdleTimeout: 0,
      KeepAlive: false,
      Listening: false,
      LocalHost: "",
      LocalPort: 0,
      SSLAuthenticateClients: false,
      SSLCertStore: "MY",
      SSLCertStorePassword: "",
      SSLCertStoreType: 0,
      SSLCertSubject: "",
      SSLCertEncoded: "",
      SSLCertEffectiveDate: "",
      SSLCertExpirationDate: "",
      SSLCertExtendedKeyUsage: "",
      SSLCertFingerprint: "",
      SSLCertFingerprintSHA1: "",
      SSLCertFingerprintSHA256: "",
      SSLCertIssuer: "",
      SSLCertPrivateKey: "",
      SSLCertPrivateKeyAvailable: false,
      SSLCertPrivateKeyContainer: "",
      SSLCertPublicKey: "",
      SSLCertPublicKeyAlgorithm: "",
      SSLCertPublicKeyLength: 0,
      SSLCertSerialNumber: "",
      SSLCertSignatureAlgorithm: "",
      SSLCertSubjectAltNames: "",
      SSLCertThumbprintMD5: "",
      SSLCertThumbprintSHA1: "",
      SSLCertThumbprintSHA256: "",
      SSLCertUsage: "",
      SSLCertUsageFlags: 0,
      SSLCertVersion: "",
      OnConnected: null,
      OnDataIn: null,
    });
  });

  test("throws for a misspelt property in place of ignoring it", () => {
    expect(() => Object.assign(new DTLSServer(), { AuthenticateClients: true })).toThrow(TypeError);
  });

  test("can be subclassed, with properties of its own", () => {
    class Server extends DTLSServer {
      room = "lobby";
    }
    expect(new Server().room).toBe("lobby");
  });

  test.each([
    "ConnectionCount",
    "Connections",
    "ConnectionConnectionId",
    "ConnectionLocalHost",
    "ConnectionLocalPort",
    "ConnectionRemoteHost",
    "ConnectionRemotePort",
    "Listening",
    "SSLCertIssuer",
    "SSLCertPrivateKey",
    "SSLCertUsageFlags",
    "SSLCertVersion",
  ])("throws 10045 when %s is assigned", (name) => {
    expect(() => Reflect.set(new DTLSServer(), name, 1)).toThrow(withCode(10045));
  });

  test.each([
    ["LocalPort", 65536],
    ["LocalPort", -1],
    ["LocalPort", 1.5],
    ["LocalPort", "http"],
    ["LocalHost", 5],
    ["LocalHost", "a\0b"],
    ["DefaultIdleTimeout", -1],
    ["DefaultIdleTimeout", 1_000_000_001],
    ["DefaultIdleTimeout", null],
    ["KeepAlive", "perhaps"],
    ["KeepAlive", 2],
    ["KeepAlive", null],
    ["SSLAuthenticateClients", "perhaps"],
    ["SSLCert", {}],
    ["SSLCertStoreType", 24],
    ["SSLCertStorePassword", 1],
    ["SSLCertSubject", undefined],
  ])("throws 10022 when %s is set to %j, and keeps its value", (name, value) => {
    const server = new DTLSServer();
    const before: unknown = Reflect.get(server, name);
    expect(() => Reflect.set(server, name, value)).toThrow(withCode(10022));
    expect(Reflect.get(server, name)).toEqual(before);
  });

  test("converts numeric strings and the words of Booleans", () => {
    const server = new DTLSServer();
    Object.assign(server, { LocalPort: "4433", KeepAlive: 1, SSLAuthenticateClients: "Yes" });
    expect(server).toMatchObject({ LocalPort: 4433, KeepAlive: true, SSLAuthenticateClients: true });
  });

  test("knows no connections: 126 everywhere", () => {
    const server = new DTLSServer();
    for (const id of [0, 1, -1, 1.5, Number.NaN, 2 ** 60]) {
      expect(() => server.Disconnect(id)).toThrow(withCode(126));
      expect(() => server.PauseData(id)).toThrow(withCode(126));
      expect(() => server.ProcessData(id)).toThrow(withCode(126));
      expect(() => server.SendBytes(id, new Uint8Array(1))).toThrow(withCode(126));
      expect(() => server.SendText(id, "x")).toThrow(withCode(126));
      expect(() => server.ConnectionRemoteHost[id]).toThrow(withCode(126));
      expect(server.Connections.get(id)).toBeUndefined();
    }
    expect(server.Connections.size).toBe(0);
    expect([...server.Connections]).toEqual([]);
  });

  test("the Connection arrays show no index, take no value, and survive being looked at", () => {
    const { ConnectionRemotePort: ports } = new DTLSServer();
    expect(Object.keys(ports)).toEqual([]);
    expect(1 in ports).toBe(false);
    expect(() => Reflect.set(ports, 1, 5)).toThrow(withCode(10045));
    expect(JSON.stringify(ports)).toBe("{}");
    expect(() => Reflect.get(ports, "undefined")).toThrow(withCode(126));
  });

  test("what is neither bytes nor text is 10022", () => {
    const server = new DTLSServer();
    expect(() => Reflect.apply(server.SendBytes, server, [1, "text"])).toThrow(withCode(10022));
    expect(() => Reflect.apply(server.SendText, server, [1, Buffer.from("x")])).toThrow(withCode(10022));
  });
});

describe("StartListening", () => {
  test("binds before it returns, and shows where", () => {
    const server = component();
    server.StartListening();
    expect(server.Listening).toBe(true);
    expect(server.LocalHost).toBe("127.0.0.1");
    expect(server.LocalPort).toBeGreaterThan(0);
    expect(server.Config("LocalPort")).toBe(String(server.LocalPort));
  });

  test("twice is 104", () => {
    const server = component();
    server.StartListening();
    expect(() => server.StartListening()).toThrow(withCode(104));
    expect(server.Listening).toBe(true);
  });

  test("without a certificate, or with one that has no key, is 404 and binds nothing", () => {
    const server = component();
    server.SSLCert = new Certificate();
    expect(() => server.StartListening()).toThrow(withCode(404));
    server.SSLCert = withoutKey;
    expect(() => server.StartListening()).toThrow(withCode(404));
    expect(server.Listening).toBe(false);
    server.LocalPort = 1234;
    expect(server.LocalPort).toBe(1234);
  });

  test("on a port in use is 10048 with Node's name, and can be tried again", async () => {
    const socket = createSocket("udp4");
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
    const server = component();
    server.LocalPort = socket.address().port;
    expect(() => server.StartListening()).toThrow(
      expect.objectContaining({ code: 10048, systemCode: "EADDRINUSE", cause: expect.any(Error) }),
    );
    expect(server.Listening).toBe(false);
    await new Promise<void>((resolve) => socket.close(resolve));
    server.StartListening();
    expect(server.Listening).toBe(true);
  });

  test("on an address of another machine is 10049", () => {
    const server = component();
    server.LocalHost = "192.0.2.1";
    expect(() => server.StartListening()).toThrow(withCode(10049));
  });

  test("on a name that does not exist is 11001", () => {
    const server = component();
    server.LocalHost = "no-such-host.invalid";
    expect(() => server.StartListening()).toThrow(
      expect.objectContaining({ code: expect.toSatisfy((code: number) => code === 11001 || code === 11002) }),
    );
  });

  test("on an IPv6 address without UseIPv6 is 10047; with it, it binds", () => {
    const server = component();
    server.LocalHost = "::1";
    expect(() => server.StartListening()).toThrow(withCode(10047));
    server.Config("UseIPv6=True");
    server.StartListening();
    expect(server.LocalHost).toBe("::1");
  });

  test("resolves a host name", () => {
    const server = component();
    server.LocalHost = "localhost";
    server.StartListening();
    expect(server.LocalHost).toBe("127.0.0.1");
  });
});

describe("while listening", () => {
  test("LocalPort is 106, LocalHost 107, MaxConnections 108", () => {
    const server = component();
    server.StartListening();
    const port = server.LocalPort;
    expect(() => {
      server.LocalPort = 1;
    }).toThrow(withCode(106));
    expect(() => server.Config("LocalPort=1")).toThrow(withCode(106));
    expect(() => {
      server.LocalHost = "";
    }).toThrow(withCode(107));
    expect(() => server.Config("MaxConnections=1")).toThrow(withCode(108));
    expect(server.LocalPort).toBe(port);
  });

  test("a certificate that cannot serve is 404 and changes nothing", () => {
    const server = component();
    server.StartListening();
    expect(() => {
      server.SSLCert = withoutKey;
    }).toThrow(withCode(404));
    expect(() => {
      server.SSLCert = new Certificate();
    }).toThrow(withCode(404));
    expect(server.SSLCertSubject).toBe("CN=server");
    server.SSLCert = another;
    expect(server.SSLCertSubject).toBe("CN=another");
  });

  test("the flat properties select anew in steps, and an unusable end of them is 404", () => {
    const server = component();
    server.StartListening();
    server.SSLCertStoreType = 8;
    server.SSLCertStore = withoutKeyFile;
    expect(server.SSLCertSubject).toBe("");
    expect(() => {
      server.SSLCertSubject = "*";
    }).toThrow(withCode(404));
    expect(server.SSLCertSubject).toBe("");
    expect(server.Listening).toBe(true);
  });

  /** Of their ranges some values are refused with numbers of their own: test/unit/config.test.ts. */
  const picky = new Set(["CodePage", "SSLCheckCRL", "SSLCheckOCSP"]);

  test("every number takes the least and the greatest value of its range", () => {
    const server = component();
    server.StartListening();
    for (const [name, row] of Object.entries(settings)) {
      if (row.type !== "integer" || row.locked || name in withoutClients || picky.has(name)) continue;
      for (const value of [row.min, row.max, row.default]) {
        const inEffect = server.Config(`${name}=${value}`);
        if (row.effect !== "buffers") expect(inEffect).toBe(String(value));
      }
    }
    for (const seconds of [1, 1_000_000_000, 0]) server.DefaultIdleTimeout = seconds;
  });

  test.each(Object.entries(withoutClients))("what leaves nothing to offer is 402: %s", (name, text) => {
    const server = component();
    server.StartListening();
    const before = server.Config(name);
    expect(() => server.Config(`${name}=${text}`)).toThrow(withCode(402));
    expect(server.Config(name)).toBe(before);
    server.StopListening();
    expect(server.Config(`${name}=${text}`)).toBe(text);
    expect(() => server.StartListening()).toThrow(withCode(402));
    server.Config(`${name}=${before}`);
    server.StartListening();
  });

  test("buffer sizes read what the system gave", () => {
    const server = component();
    server.StartListening();
    expect(Number(server.Config("InBufferSize"))).toBeGreaterThan(0);
    expect(server.Config("OutBufferSize=65536")).toBe("65536");
    expect(server.Config("InBufferSize=32768")).toBe("32768");
  });
});

describe("the end of listening", () => {
  test("frees the port at once, and the set values show again", () => {
    const server = component();
    server.StartListening();
    const { LocalPort: port } = server;
    server.StopListening();
    expect(server.LocalPort).toBe(0);
    const successor = component();
    successor.LocalPort = port;
    successor.StartListening();
    void successor.Shutdown();
    server.LocalPort = port;
    server.StartListening();
    expect(server.LocalPort).toBe(port);
  });

  test("Reset frees the port, restores the defaults and keeps the listeners", () => {
    const server = component();
    const listener = () => {};
    server.OnDataIn = listener;
    server.DefaultIdleTimeout = 5;
    server.KeepAlive = true;
    server.Config("LogLevel=3");
    server.StartListening();
    server.Reset();
    expect(server).toMatchObject({
      Listening: false,
      LocalHost: "",
      LocalPort: 0,
      DefaultIdleTimeout: 0,
      KeepAlive: false,
      SSLCertSubject: "",
      OnDataIn: listener,
    });
    expect(server.Config("LogLevel")).toBe("1");
    expect(Object.values(counters(server)).every((value) => value === 0)).toBe(true);
  });

  test("Shutdown resolves after the last event, log lines included", async () => {
    const server = component();
    const lines: string[] = [];
    server.OnLog = (e: LogEvent) => lines.push(`${e.LogType} ${e.LogLevel} ${e.Message}`);
    server.StartListening();
    const { LocalPort: port } = server;
    expect(lines).toEqual([]);
    await server.Shutdown();
    expect(lines).toEqual([`Info 1 Listening on 127.0.0.1:${port}.`, "Info 1 Stopped listening."]);
  });

  test("LogLevel 0 logs nothing", async () => {
    const server = component();
    const lines: string[] = [];
    server.OnLog = (e) => lines.push(e.Message);
    server.Config("LogLevel=0");
    server.StartListening();
    await server.Shutdown();
    expect(lines).toEqual([]);
  });

  test("DoEvents resolves within 100 ms, whatever the state", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const server = component();
    const resolves = async (): Promise<void> => {
      const done = vi.fn();
      const events = server.DoEvents().then(done);
      await vi.advanceTimersByTimeAsync(99);
      expect(done).not.toHaveBeenCalled();
      await vi.advanceTimersByTimeAsync(1);
      await events;
    };
    await resolves();
    server.StartListening();
    await resolves();
    await server.Shutdown();
    await resolves();
  });
});

describe("counters", () => {
  test("are those of the core, by name", () => {
    expect(Object.keys(counters(new DTLSServer()))).toEqual(native.seam.counters?.map(camel));
  });

  test("outlive the endpoint that counted", async () => {
    const server = component();
    server.StartListening();
    const socket = createSocket("udp4");
    onTestFinished(() => void socket.close());
    socket.send("hello", server.LocalPort, "127.0.0.1");
    await eventually("the datagram to be counted", () => counters(server).dropUnknownPeer === 1);
    await server.Shutdown();
    expect(counters(server)).toMatchObject({ datagramsReceived: 1, bytesReceived: 5, dropUnknownPeer: 1 });
    server.StartListening();
    expect(counters(server).datagramsReceived).toBe(1);
  });

  test("belong to a DTLSServer", () => {
    expect(() => Reflect.apply(counters, undefined, [{}])).toThrow(withCode(10022));
  });
});
