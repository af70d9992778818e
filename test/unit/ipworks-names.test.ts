/** Every documented name has its JS spelling, at run time and in the types, and there are no others. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, expectTypeOf, onTestFinished, test } from "vitest";
import * as events from "../../src/component/events.js";
import { type CertStoreType, DTLSServer, type ErrorCode } from "../../src/index.js";
import { DTLSConnection } from "../../src/ipworks/connections.js";
import { spelledEvent } from "../../src/ipworks/events.js";
import { Certificate, type Connections, type DTLSError, dtlsserver } from "../../src/ipworks/index.js";
import { peerEnvironment } from "../peers/environment.js";
import { readText, root } from "../peers/repository.js";

const reference = JSON.parse(readText("test/reference/names.json")) as {
  properties: string[];
  methods: string[];
  events: Record<string, string[]>;
};

const der = Buffer.from("certificate");
const codec = { decode: (bytes: Uint8Array) => `text of ${bytes.length}`, encode: () => der };
const samples: { [Name in events.DTLSServerEventName]: events.DTLSServerEventMap[Name] } = {
  Connected: new events.ConnectedEvent(1, "::1", 4433, 0, "OK"),
  ConnectionRequest: new events.ConnectionRequestEvent("::1", 4433),
  DataIn: new events.DataInEvent(1, der, codec),
  Disconnected: new events.DisconnectedEvent(1, 0, "OK"),
  Error: new events.ErrorEvent(1, 400, "what"),
  Log: new events.LogEvent(1, 2, "what", "Verbose"),
  SSLClientAuthentication: new events.SSLClientAuthenticationEvent(
    1,
    der,
    () => ({ subject: "CN=a", issuer: "CN=b" }),
    "OK",
  ),
  SSLStatus: new events.SSLStatusEvent(1, "what"),
};

const uncapitalize = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

/** Of an object's classes, without what every object has. */
function membersOf(object: object): string[] {
  const names = new Set<string>();
  for (
    let at: object = Object.getPrototypeOf(object);
    at !== Object.prototype;
    at = Object.getPrototypeOf(at)
  ) {
    for (const name of Object.getOwnPropertyNames(at)) names.add(name);
  }
  names.delete("constructor");
  return [...names].sort();
}

function call(object: object, name: string, ...given: unknown[]): unknown {
  const method: unknown = Reflect.get(object, name);
  expect(method, name).toBeTypeOf("function");
  return Reflect.apply(method as () => unknown, object, given);
}

/** What can be assigned to the class's properties, beside what it has already. */
const others: Readonly<Record<string, unknown>> = {
  DefaultIdleTimeout: 5,
  KeepAlive: true,
  LocalHost: "127.0.0.1",
  LocalPort: 4433,
  SSLAuthenticateClients: true,
  SSLCertStore: "server.pem",
  SSLCertStoreB: Buffer.from("server.pem"),
  SSLCertStorePassword: "password",
  SSLCertStoreType: 6,
};
/** Assigning these two opens the store, and what it does not hold leaves them empty. */
const selecting = ["SSLCertSubject", "SSLCertEncoded", "SSLCertEncodedB"];

describe("properties", () => {
  test.each(reference.properties)("%s", (name) => {
    const server = new dtlsserver();
    const documented = new DTLSServer()[name as keyof DTLSServer];
    const getter = `${typeof documented === "boolean" ? "is" : "get"}${name}`;
    if (/^Connection(?!Count)/.test(name)) {
      expect(() => call(server, getter, 1)).toThrow(expect.objectContaining({ code: 126 }));
    } else {
      expect(call(server, getter)).toEqual(documented);
    }
    const setter = `set${name}`;
    if (selecting.includes(name)) {
      expect(() => call(server, setter, 5)).toThrow(expect.objectContaining({ code: 10022 }));
    } else if (name in others) {
      expect(call(server, setter, others[name])).toBeUndefined();
      expect(call(server, getter)).toEqual(others[name]);
      expect(call(server, getter)).not.toEqual(documented);
    } else {
      const readOnly = expect.objectContaining({ code: 10045 });
      expect(() => Reflect.set(new DTLSServer(), name, documented)).toThrow(readOnly);
      expect(setter in server).toBe(false);
    }
  });

  test("a Certificate has those of the server, without the prefix", () => {
    const flat = membersOf(new dtlsserver())
      .map((name) => /^(get|is|set)SSLCert(\w+)$/.exec(name))
      .flatMap((match) => (match ? [`${match[1]}${match[2]}`] : []));
    expect(membersOf(new Certificate())).toEqual(flat.sort());
  });
});

describe("methods", () => {
  const given: Readonly<Record<string, unknown[]>> = {
    Config: ["BuildInfo"],
    Disconnect: [1],
    PauseData: [1],
    ProcessData: [1],
    SendBytes: [1, der],
    SendText: [1, "text"],
  };
  const codes: Readonly<Record<string, number>> = {
    Disconnect: 126,
    PauseData: 126,
    ProcessData: 126,
    SendBytes: 126,
    SendText: 126,
    StartListening: 404,
  };

  test.each(reference.methods)("%s, by promise and by callback", async (name) => {
    const server = new dtlsserver();
    const method = uncapitalize(name);
    expect((Reflect.get(server, method) as () => void).name).toBe(method);
    const outcome = async (promise: unknown): Promise<unknown> => {
      expect(promise).toBeInstanceOf(Promise);
      try {
        return [null, await promise];
      } catch (error) {
        return [error];
      }
    };
    const byPromise = await outcome(call(server, method, ...(given[name] ?? [])));
    let byCallback: unknown;
    const callback = (...told: unknown[]): void => {
      byCallback = told;
    };
    await call(server, method, ...(given[name] ?? []), callback);
    expect(byCallback).toEqual(byPromise);
    const code = codes[name];
    const result = name === "Config" ? expect.stringContaining("OpenSSL") : undefined;
    expect(byPromise).toEqual(code ? [expect.objectContaining({ code })] : [null, result]);
  });
});

describe("events", () => {
  test.each(Object.entries(reference.events))("%s", (name, parameters) => {
    const event = samples[name as events.DTLSServerEventName];
    const view = spelledEvent(event);
    expect(membersOf(view)).toEqual(parameters.map(uncapitalize).sort());
    for (const parameter of parameters) {
      const member = uncapitalize(parameter);
      expect(Reflect.get(view, member), member).toEqual(Reflect.get(event, parameter));
      expect(Reflect.set(view, member, false), member).toBe(parameter === "Accept");
      if (parameter === "Accept") expect(Reflect.get(event, parameter)).toBe(false);
      expect(inspect(view)).toContain(`${member}: `);
    }
  });
});

test("there is nothing else on the class", () => {
  const spelled = [
    ...reference.properties.map((name) => new RegExp(`^(get|is|set)${name}$`)),
    ...reference.methods.map((name) => new RegExp(`^${uncapitalize(name)}$`)),
    /^(getConnections|getSSLCert|setSSLCert|on|once|off|removeListener)$/,
  ];
  const more = membersOf(new dtlsserver()).filter((name) => !spelled.some((pattern) => pattern.test(name)));
  expect(more).toEqual([]);
});

describe("types", () => {
  test("have exactly the names that there are at run time", () => {
    const connection = new DTLSConnection({
      ConnectionId: 1,
      LocalHost: "::1",
      LocalPort: 1,
      RemoteHost: "::1",
      RemotePort: 1,
    });
    const checks: [type: string, names: string[]][] = [
      ["keyof lib.dtlsserver", membersOf(new dtlsserver())],
      ["keyof lib.Certificate", membersOf(new Certificate())],
      ["keyof lib.DTLSConnection", membersOf(connection)],
      ...Object.entries(samples).map(([name, event]): [string, string[]] => [
        `keyof lib.EventMap["${name}"]`,
        membersOf(spelledEvent(event)),
      ]),
    ];
    const lines = checks.map(([type, names]) => {
      const object = Object.fromEntries(names.map((name) => [name, true]));
      return `(${JSON.stringify(object)}) satisfies Record<${type}, true>;`;
    });
    expect(compile(lines)).toEqual({ status: 0, output: "" });
    // It would find one that is missing, and one too many.
    const { status, output } = compile([
      ...lines,
      `({ status: true }) satisfies Record<"status" | "message", true>;`,
      `({ status: true, mesage: true }) satisfies Record<"status", true>;`,
    ]);
    expect(status).not.toBe(0);
    expect(output.match(/error TS\d+/g)).toHaveLength(2);
  });

  test("are those of the documented members", () => {
    const server = new dtlsserver();
    type Result<Name extends keyof dtlsserver> = dtlsserver[Name] extends () => infer Value ? Value : never;
    expectTypeOf<Result<"getLocalPort">>().toBeNumber();
    expectTypeOf<Result<"isKeepAlive">>().toBeBoolean();
    expectTypeOf<Result<"getSSLCertIssuer">>().toBeString();
    expectTypeOf<Result<"getSSLCertStoreB">>().toEqualTypeOf<Buffer>();
    expectTypeOf<Result<"getSSLCertStoreType">>().toEqualTypeOf<CertStoreType>();
    expectTypeOf<Result<"getSSLCert">>().toEqualTypeOf<Certificate>();
    expectTypeOf<Result<"getConnections">>().toEqualTypeOf<Connections>();
    expectTypeOf<Result<"startListening">>().toEqualTypeOf<Promise<void>>();
    expectTypeOf<dtlsserver["setSSLCertStoreB"]>().parameter(0).toEqualTypeOf<Uint8Array>();
    expectTypeOf<dtlsserver["setSSLCertStoreType"]>().parameter(0).toEqualTypeOf<CertStoreType>();
    expectTypeOf<dtlsserver["getConnectionRemoteHost"]>().toEqualTypeOf<(connectionId: number) => string>();
    expectTypeOf<dtlsserver["getConnectionRemotePort"]>().returns.toBeNumber();
    server.on("Connected", (e) => expectTypeOf(e.statusCode).toEqualTypeOf<ErrorCode>());
    server.on("DataIn", (e) => expectTypeOf(e.datagramB).toEqualTypeOf<Buffer>());
    void (async () => {
      expectTypeOf(await server.config("LogLevel")).toBeString();
      await server.config("LogLevel", (error, text) => {
        expectTypeOf(error).toEqualTypeOf<DTLSError | null>();
        expectTypeOf(text).toEqualTypeOf<string | undefined>();
      });
      // @ts-expect-error no such argument
      await server.stopListening(5);
    })();
    server.on("ConnectionRequest", (e) => {
      e.accept = false;
      // @ts-expect-error read-only
      e.port = 0;
      // @ts-expect-error the other spelling
      e.Accept = false;
    });
  });
});

function compile(lines: string[]): { status: number | null; output: string } {
  const folder = mkdtempSync(join(tmpdir(), "openssl-dtls-names-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const entry = JSON.stringify(join(root, "dist/ipworks/index.js"));
  writeFileSync(join(folder, "names.mts"), [`import type * as lib from ${entry};`, ...lines].join("\n"));
  const compilerOptions = {
    ...{ strict: true, noEmit: true, module: "NodeNext", target: "ES2022", types: ["node"] },
    typeRoots: [join(root, "node_modules/@types")],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["names.mts"] }));
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", folder], {
    encoding: "utf8",
    env: peerEnvironment(),
  });
  return { status, output: stdout };
}
