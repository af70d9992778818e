/** A program written with the JS edition's spellings does with `openssl-dtls/ipworks` what it has always done. */
import { setImmediate } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import * as original from "../src/index.js";
import * as lib from "../src/ipworks/index.js";
import { certificateFile, certificateFolder } from "./peers/certificates.js";
import { catchUncaught } from "./peers/errors.js";
import { runExample } from "./peers/example.js";
import { connect, OpensslClient } from "./peers/openssl-client.js";
import { eventually } from "./peers/waiting.js";

const folder = certificateFolder();
const inUse = expect.objectContaining({ code: 10048, systemCode: "EADDRINUSE", name: "DTLSError" });
const presenting = { args: ["-cert", certificateFile("client.crt"), "-key", certificateFile("client.key")] };

function component(): lib.dtlsserver {
  const server = new lib.dtlsserver();
  onTestFinished(async () => {
    await server.shutdown();
  });
  const { cstPEMKeyFile } = lib.CertStoreTypes;
  server.setSSLCert(new lib.Certificate(cstPEMKeyFile, certificateFile("ecdsa.pem"), "", "*"));
  server.setLocalHost("127.0.0.1");
  return server;
}

/** The promise of the next event of that name. */
function next<Name extends lib.DTLSServerEventName>(server: lib.dtlsserver, name: Name) {
  return new Promise<lib.SpelledEvent<original.DTLSServerEventMap[Name]>>((resolve) => {
    server.once(name, (e) => resolve(e));
  });
}

describe("an echo server", () => {
  test("answers, tells of its connection, and hears of its end", async () => {
    const server = component();
    const texts: string[] = [];
    const answered: unknown[] = [];
    const chained = server
      .on("ConnectionRequest", (e) => expect(e.accept).toBe(true))
      .on("DataIn", async (e) => {
        texts.push(e.datagram);
        answered.push(await server.sendBytes(e.connectionId, e.datagramB));
      });
    expect(chained).toBe(server);
    expect(server.isListening()).toBe(false);
    await server.startListening();
    expect(server.isListening()).toBe(true);
    const connected = next(server, "Connected");

    const client = await connect(server.getLocalPort());
    await client.echoes("Grüße\n");
    expect(texts).toEqual(["Grüße\n"]);
    expect(answered).toEqual([undefined]);

    const { connectionId, sourceAddr, sourcePort, statusCode, description } = await connected;
    expect({ sourceAddr, statusCode, description }).toEqual({
      sourceAddr: "127.0.0.1",
      statusCode: 0,
      description: "OK",
    });
    expect(server.getConnectionCount()).toBe(1);
    expect(server.getConnectionRemoteHost(connectionId)).toBe("127.0.0.1");
    expect(server.getConnectionRemotePort(connectionId)).toBe(sourcePort);
    expect(server.getConnectionLocalPort(connectionId)).toBe(server.getLocalPort());
    const connections = server.getConnections();
    for (const connection of [connections.get(connectionId), connections.item(connectionId)]) {
      expect(connection?.getConnectionId()).toBe(connectionId);
      expect(connection?.getRemoteHost()).toBe("127.0.0.1");
      expect(connection?.getRemotePort()).toBe(sourcePort);
      expect(connection?.getLocalHost()).toBe("127.0.0.1");
    }
    expect(connections.size).toBe(1);
    expect([...connections.keys()]).toEqual([connectionId]);
    expect([...connections].map(([id, connection]) => [id, connection.getRemotePort()])).toEqual([
      [connectionId, sourcePort],
    ]);
    expect([...connections.values()].map((connection) => connection.getConnectionId())).toEqual([
      connectionId,
    ]);
    const visited: unknown[] = [];
    connections.forEach((connection, id, all) => {
      visited.push(connection.getRemotePort(), id, all);
    });
    expect(visited).toEqual([sourcePort, connectionId, connections]);
    expect(lib.counters(server).handshakesCompleted).toBe(1);

    const disconnected = next(server, "Disconnected");
    await server.disconnect(connectionId);
    expect(await disconnected).toMatchObject({ connectionId, statusCode: 0, description: "OK" });
    expect(connections.has(connectionId)).toBe(false);
    expect(connections.item(connectionId)).toBeUndefined();
    await client.exited;
  });

  test("asks for ids that are no connection's as the class does: 126", () => {
    const server = component();
    for (const id of [1, 0, Number.NaN, "toString", "then", true, {}, undefined, Symbol("id")]) {
      expect(() => server.getConnectionRemoteHost(id as number)).toThrow(
        expect.objectContaining({ code: 126 }),
      );
    }
  });
});

describe("a method that fails", () => {
  async function withPortInUse(): Promise<lib.dtlsserver> {
    const first = component();
    await first.startListening();
    const second = component();
    second.setLocalPort(first.getLocalPort());
    return second;
  }

  test("rejects its promise, with the class's own error", async () => {
    const server = await withPortInUse();
    await expect(server.startListening()).rejects.toEqual(inUse);
    const error: unknown = await server.startListening().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(original.DTLSError);
    expect(error).toBeInstanceOf(lib.DTLSError);
    expect(server.isListening()).toBe(false);
  });

  test("tells its callback the same, and then its promise resolves", async () => {
    const server = await withPortInUse();
    const told: unknown[][] = [];
    const promise = server.startListening((...outcome) => told.push(outcome));
    expect(told).toEqual([]);
    expect(await promise).toBeUndefined();
    expect(told).toEqual([[inUse]]);
  });

  test("tells its callback of success with null and the result", async () => {
    const server = component();
    const told: unknown[][] = [];
    await server.startListening((...outcome) => told.push(outcome));
    expect(server.isListening()).toBe(true);
    expect(await server.config("LogLevel=3", (...outcome) => told.push(outcome))).toBe("3");
    expect(told).toEqual([
      [null, undefined],
      [null, "3"],
    ]);
  });

  test("config resolves to the value in effect, and rejects with 402 for an unknown name", async () => {
    const server = component();
    expect(await server.config("LogLevel=3")).toBe("3");
    expect(await server.config("loglevel")).toBe("3");
    await expect(server.config("LogLevl=3")).rejects.toEqual(expect.objectContaining({ code: 402 }));
  });

  test.each(["fails", "succeeds"])(
    "a callback that throws when its method %s is not swallowed",
    async (how) => {
      const caught = catchUncaught();
      const server = how === "fails" ? await withPortInUse() : component();
      const failure = new Error("in the callback");
      const calls: unknown[] = [];
      await server.startListening((error) => {
        calls.push(error);
        throw failure;
      });
      await eventually("the exception to surface", () => caught.length > 0);
      expect(caught).toEqual([failure]);
      expect(calls).toEqual([how === "fails" ? inUse : null]);
    },
  );
});

describe("a decision", () => {
  test("accept = false in ConnectionRequest refuses", async () => {
    const server = component();
    const others: boolean[] = [];
    server.on("ConnectionRequest", (e) => {
      e.accept = false;
    });
    server.on("ConnectionRequest", (e) => {
      others.push(e.accept);
    });
    await server.startListening();
    await new OpensslClient(server.getLocalPort()).says("alert access denied");
    expect(others).toEqual([false]);
    expect(server.getConnectionCount()).toBe(0);
  });

  test.each([true, false])("an async SSLClientAuthentication listener decides: %s", async (accept) => {
    const server = component();
    server.setSSLAuthenticateClients(true);
    expect(server.isSSLAuthenticateClients()).toBe(true);
    const seen: unknown[] = [];
    server.on("SSLClientAuthentication", async (e) => {
      seen.push(e.certSubject, e.status, e.accept, e.certEncodedB.toString("base64") === e.certEncoded);
      await setImmediate();
      e.accept = accept;
    });
    await server.startListening();
    const connected = next(server, "Connected");
    const client = new OpensslClient(server.getLocalPort(), presenting);
    await client.says(accept ? "CONNECTION ESTABLISHED" : "alert unknown ca");
    expect((await connected).statusCode).toBe(accept ? 0 : 404);
    expect(seen).toEqual(["CN=client.example, O=Example", "Certificate is self-signed", false, true]);
  });

  test("a listener that rejects refuses, and Error tells of it", async () => {
    const server = component();
    const error = next(server, "Error");
    server.on("ConnectionRequest", () => Promise.reject(new Error("no database")));
    await server.startListening();
    await new OpensslClient(server.getLocalPort()).says("alert access denied");
    expect((await error).errorCode).toBe(10022);
    expect((await error).description).toContain("no database");
  });

  test("the other spelling of accept throws, lest it be taken for a refusal", async () => {
    const caught = catchUncaught();
    const server = component();
    server.on("ConnectionRequest", (e) => {
      Object.assign(e, { Accept: false });
    });
    await server.startListening();
    await new OpensslClient(server.getLocalPort()).says("alert access denied");
    expect(caught).toEqual([expect.any(TypeError)]);
  });
});

describe("listeners", () => {
  test("have the server as this; off takes one away, once lasts for one event", async () => {
    const server = component();
    const heard: string[] = [];
    const removed = (): unknown => heard.push("removed");
    server.on("Log", function (this: unknown, e) {
      heard.push(`${this === server} ${e.logType} ${e.message.split(" ")[0]}`);
    });
    server.once("Log", () => heard.push("once"));
    server.on("Log", removed).on("Log", removed).off("Log", removed).removeListener("Log", removed);
    await server.startListening();
    await server.stopListening();
    await server.doEvents();
    expect(heard).toEqual(["true Info Listening", "once", "true Info Stopped"]);
  });

  test("of what is no event, or is no function, are refused: 10022", () => {
    const server = component();
    const refused = expect.objectContaining({ code: 10022 });
    expect(() => server.on("Conected" as "Connected", () => {})).toThrow(refused);
    expect(() => server.on("Connected", null as never)).toThrow(refused);
    expect(() => server.off("Connected", "x" as never)).toThrow(refused);
  });
});

describe("the certificate", () => {
  test("is read, replaced and selected by its getters and setters", () => {
    const server = component();
    expect(server.getSSLCertSubject()).toContain("CN=ecdsa.example");
    expect(server.getSSLCert().getSubject()).toBe(server.getSSLCertSubject());
    expect(server.isSSLCertPrivateKeyAvailable()).toBe(true);
    expect(server.getSSLCert()).toBe(server.getSSLCert());

    const other = new lib.Certificate();
    expect(other.isPrivateKeyAvailable()).toBe(false);
    other.setStoreType(lib.CertStoreTypes.cstPEMKeyFile);
    other.setStore(certificateFile("rsa.pem"));
    other.setSubject("*");
    server.setSSLCert(other);
    expect(server.getSSLCert().getPublicKeyAlgorithm()).toBe("RSA");
    server.setSSLCertStoreB(new Uint8Array([1, 2, 3]));
    expect(server.getSSLCertSubject()).toBe("");
    expect(other.getSubject()).toContain("CN=rsa.example");
  });

  test("may be one of the package's own class, under the other spellings", () => {
    const own = new original.Certificate(certificateFile("rsa.pem"));
    const spelled = new lib.Certificate(own);
    expect(spelled.getSubject()).toBe(own.Subject);
    spelled.setStore("");
    expect(own.Subject).toBe("");
  });

  test("errors are those of the class, and change nothing", () => {
    const server = component();
    const { cstAuto } = lib.CertStoreTypes;
    expect(() => new lib.Certificate(cstAuto, certificateFile("ecdsa.pem"), "", "CN=nobody")).toThrow(
      expect.objectContaining({ code: 272 }),
    );
    const before = server.getSSLCertSubject();
    const bad = expect.objectContaining({ code: 10022 });
    expect(() => server.setSSLCert({} as lib.Certificate)).toThrow(bad);
    expect(() => server.setLocalPort(70000)).toThrow(bad);
    expect(() => lib.counters({} as lib.dtlsserver)).toThrow(bad);
    expect(server.getSSLCertSubject()).toBe(before);
    expect(server.getLocalPort()).toBe(0);
  });
});

test("the documented names are no properties here: assigning one throws", () => {
  expect(() => Object.assign(component(), { LocalPort: 4433 })).toThrow(TypeError);
  expect(() => Object.assign(new lib.Certificate(), { Subject: "*" })).toThrow(TypeError);
  class Counting extends lib.dtlsserver {
    count = 0;
  }
  expect(new Counting().count).toBe(0);
});

test("the example of docs/ipworks.md runs, by require() of the package", async () => {
  const prints = runExample({
    document: "docs/ipworks.md",
    type: "commonjs",
    port: { from: "setLocalPort(4433)", to: "setLocalPort(0)" },
    pfx: folder.pfx("server", folder.selfSigned("server"), "password"),
  });
  const client = await connect(Number(await prints(/^Listening on 0\.0\.0\.0:(\d+)\n/m)));
  await prints(/^127\.0\.0\.1:\d+ is connection 1\n/m);
  await client.echoes("hello\n");
  await client.close();
  await prints(/^1 left: OK\n/m);
});
