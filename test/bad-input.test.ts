// Bad input gets a clear error at the call and changes nothing.
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { Certificate, CertStoreTypes, DTLSError, DTLSServer } from "../src/index.js";
import { certificateFile } from "./peers/certificates.js";
import { withCode } from "./peers/errors.js";
import { connect } from "./peers/openssl-client.js";
import { makeServer, startEchoServer } from "./peers/server.js";

describe("an unknown connection id", () => {
  test.each([0, 4711, -1, 1.5, Number.NaN, 2 ** 53])("%s: 126 from every method and array", (id) => {
    const { server } = startEchoServer();
    for (const call of [
      () => server.Disconnect(id),
      () => server.PauseData(id),
      () => server.ProcessData(id),
      () => server.SendText(id, "to nobody"),
      () => server.SendBytes(id, Buffer.from("to nobody")),
      () => server.ConnectionConnectionId[id],
      () => server.ConnectionLocalHost[id],
      () => server.ConnectionLocalPort[id],
      () => server.ConnectionRemoteHost[id],
      () => server.ConnectionRemotePort[id],
    ]) {
      expect(call).toThrow(withCode(126));
    }
    expect(server.Connections.get(id)).toBeUndefined();
    expect(server.Connections.has(id)).toBe(false);
  });

  test("so does the id of a connection that has ended", async () => {
    const { server, port, events } = startEchoServer();
    const client = await connect(port);
    const { ConnectionId } = await events.first("Connected");
    await client.close();
    await events.first("Disconnected");
    expect(() => server.SendText(ConnectionId, "too late")).toThrow(withCode(126));
    expect(() => server.Disconnect(ConnectionId)).toThrow(withCode(126));
  });

  test("and any id of a server that does not listen", () => {
    expect(() => new DTLSServer().SendText(1, "x")).toThrow(withCode(126));
  });
});

describe("a datagram that is too long", () => {
  test("16385 bytes: 10040, and the connection goes on", async () => {
    const { server, port, events } = startEchoServer();
    const client = await connect(port);
    const { ConnectionId } = await events.first("Connected");
    expect(() => server.SendBytes(ConnectionId, new Uint8Array(16385))).toThrow(withCode(10040));
    expect(() => server.SendText(ConnectionId, "ü".repeat(8193))).toThrow(withCode(10040));
    await client.echoes("as if nothing had been\n");
    expect(client.received.toString()).toBe("as if nothing had been\n");
  });

  test("a buffer of another realm is as good as ours; one that was transferred away is 10022", async () => {
    const { server, port, events } = startEchoServer();
    const client = await connect(port);
    const { ConnectionId } = await events.first("Connected");
    server.SendBytes(
      ConnectionId,
      runInNewContext("new Uint8Array([0x68, 0x69, 0x0a]).buffer") as ArrayBuffer,
    );
    await client.receives("hi\n");
    const gone = new ArrayBuffer(8);
    structuredClone(gone, { transfer: [gone] });
    expect(() => server.SendBytes(ConnectionId, gone)).toThrow(withCode(10022));
  });

  test("longer than the client's max_fragment_length: 10040", async () => {
    const { server, port, events } = startEchoServer();
    const client = await connect(port, { args: ["-maxfraglen", "512"] });
    const { ConnectionId } = await events.first("Connected");
    expect(() => server.SendBytes(ConnectionId, new Uint8Array(513))).toThrow(withCode(10040));
    server.SendBytes(ConnectionId, Buffer.alloc(512, "x"));
    expect(await client.receives(512)).toEqual(Buffer.alloc(512, "x"));
  });
});

describe("what is no datagram", () => {
  test.each([undefined, null, 5, "text", [1, 2, 3], {}])("SendBytes(%j): 10022", async (data) => {
    const { server, port, events } = startEchoServer();
    await connect(port);
    const { ConnectionId } = await events.first("Connected");
    expect(() => server.SendBytes(ConnectionId, data as unknown as Uint8Array)).toThrow(withCode(10022));
  });
});

describe("names", () => {
  test("a misspelt property throws a TypeError", () => {
    const server = new DTLSServer();
    const anything = server as unknown as Record<string, unknown>;
    for (const name of ["AuthenticateClients", "localPort", "OnDatain", "SSLcert"]) {
      expect(() => {
        anything[name] = true;
      }).toThrow(TypeError);
    }
  });

  test("a misspelt event throws", () => {
    const on = (name: string) => new DTLSServer().on(name as "DataIn", () => {});
    expect(() => on("dataIn")).toThrow(withCode(10022));
    expect(() => on("toString")).toThrow(withCode(10022));
  });

  test("a read-only property throws 10045", () => {
    const server = new DTLSServer() as unknown as Record<string, unknown>;
    for (const name of ["Listening", "ConnectionCount", "Connections", "ConnectionRemoteHost"]) {
      expect(() => {
        server[name] = 1;
      }).toThrow(withCode(10045));
    }
  });
});

describe("values", () => {
  test.each<[keyof DTLSServer, unknown]>([
    ["LocalPort", -1],
    ["LocalPort", 65536],
    ["LocalPort", 1.5],
    ["LocalPort", "a port"],
    ["LocalHost", 5],
    ["DefaultIdleTimeout", -1],
    ["SSLAuthenticateClients", "perhaps"],
    ["SSLCertStoreType", 98],
    ["SSLCert", "server.pem"],
    ["OnDataIn", "echo"],
  ])("%s = %j: 10022, and the old value stays", (name, value) => {
    const server = new DTLSServer();
    const before = server[name];
    expect(() => {
      (server as unknown as Record<string, unknown>)[name] = value;
    }).toThrow(withCode(10022));
    expect(server[name]).toBe(before);
  });
});

describe("Config", () => {
  test("an unknown name: 402", () => {
    const server = new DTLSServer();
    expect(() => server.Config("LogLevl=2")).toThrow(withCode(402));
    expect(() => server.Config("LogLevl")).toThrow(withCode(402));
    expect(() => server.Config("")).toThrow(withCode(402));
    expect(() => server.Config("LogLevel[1]")).toThrow(withCode(402));
  });

  test.each(["LogLevel=4", "LogLevel=loud", "MaxConnections=0", "UseIPv6=maybe", "MaxHandshakes=-1"])(
    "%s: 10022, and the old value stays",
    (text) => {
      const server = new DTLSServer();
      const [name = ""] = text.split("=");
      const before = server.Config(name);
      expect(() => server.Config(text)).toThrow(expect.objectContaining({ code: 10022 }));
      expect(() => server.Config(text)).toThrow(name);
      expect(server.Config(name)).toBe(before);
    },
  );

  test("a read-only setting: 10045", () => {
    expect(() => new DTLSServer().Config("BuildInfo=mine")).toThrow(withCode(10045));
  });
});

describe("certificate stores", () => {
  test("a PFX opens with its password, and not with another: 271, saying so", () => {
    const file = certificateFile("ecdsa.pfx");
    const { cstPFXFile } = CertStoreTypes;
    expect(new Certificate(cstPFXFile, file, "secret", "*").Subject).toBe("CN=ecdsa.example, O=Example");
    for (const password of ["wrong", ""]) {
      expect(() => new Certificate(cstPFXFile, file, password, "*")).toThrow(withCode(271));
      expect(() => new Certificate(cstPFXFile, file, password, "*")).toThrow(/password/i);
    }
  });

  test("a wrong password by the properties shows when the store is opened; the certificate in use stays", async () => {
    const { server, port } = startEchoServer();
    server.SSLCertStoreType = CertStoreTypes.cstPFXFile;
    server.SSLCertStore = certificateFile("ecdsa.pfx");
    server.SSLCertStorePassword = "wrong";
    expect(() => {
      server.SSLCertSubject = "*";
    }).toThrow(withCode(271));
    await (await connect(port)).echoes("served as before\n");
  });

  test("a file that is not there, and one that is no store: 271", () => {
    expect(() => new Certificate(certificateFile("missing.pem"))).toThrow(withCode(271));
    expect(() => new Certificate(Buffer.from("no certificate"))).toThrow(withCode(271));
  });

  test("a subject that is not in the store: 272 from the constructor", () => {
    const { cstPEMKeyFile } = CertStoreTypes;
    expect(() => new Certificate(cstPEMKeyFile, certificateFile("rsa.pem"), "", "CN=other")).toThrow(
      withCode(272),
    );
  });

  test("what is no certificate, as SSLCertEncoded: 404", () => {
    const { server } = makeServer();
    const before = server.SSLCertEncoded;
    expect(() => {
      server.SSLCertEncoded = "no certificate";
    }).toThrow(withCode(404));
    expect(server.SSLCertEncoded).toBe(before);
  });
});

test("every error is a DTLSError with a number and a text of its own", () => {
  try {
    new DTLSServer().Disconnect(1);
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(DTLSError);
    expect((error as DTLSError).message).toMatch(/Invalid connection id/);
  }
});
