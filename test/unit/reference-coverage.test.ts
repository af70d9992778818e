// Every name of the component's reference is there, in the class, the types and the docs. The names were taken out
// of its text by scripts/extract-reference-names.mjs. What a later version brings answers 402 and stands in `open`
// by name: a name that is missing fails, and so does one that is listed as open and works.
import { describe, expect, test } from "vitest";
import {
  ConnectedEvent,
  ConnectionRequestEvent,
  DataInEvent,
  DisconnectedEvent,
  ErrorEvent,
  LogEvent,
  SSLClientAuthenticationEvent,
  SSLStatusEvent,
} from "../../src/component/events.js";
import { CertStoreTypes, DTLSError, DTLSServer, errorTexts } from "../../src/index.js";
import { readText } from "../peers/repository.js";

interface ReferenceNames {
  properties: string[];
  methods: string[];
  events: Record<string, string[]>;
  settings: string[];
  perConnectionSettings: string[];
  storeTypes: Record<string, number>;
  usageFlags: string[];
  logTypes: string[];
  securityFlags: string[];
  protocols: number[];
  cipherSuites: string[];
  signatureAlgorithms: string[];
  groups: string[];
  codePages: number[];
  appleCodePages: number[];
  errors: number[];
}

const reference = JSON.parse(readText("test/reference/names.json")) as ReferenceNames;

const open = {
  storeTypes: [
    ...["cstUser", "cstMachine", "cstJKSFile", "cstJKSBlob", "cstSSHPublicKeyFile", "cstSSHPublicKeyBlob"],
    ...["cstPPKFile", "cstPPKBlob", "cstXMLFile", "cstXMLBlob", "cstJWKFile", "cstJWKBlob"],
    ...["cstBCFKSFile", "cstBCFKSBlob", "cstPKCS11"],
  ],
  settingValues: ["SSLCheckCRL=1", "SSLCheckCRL=2", "SSLCheckOCSP=1", "SSLCheckOCSP=2"],
  codePages: [
    // EBCDIC
    ...[
      37, 500, 870, 875, 1026, 1047, 1140, 1141, 1142, 1143, 1144, 1145, 1146, 1147, 1148, 1149, 20273, 20277,
    ],
    ...[
      20278, 20280, 20284, 20285, 20290, 20297, 20420, 20423, 20424, 20833, 20838, 20871, 20880, 20905, 20924,
    ],
    ...[21025, 21027, 50930, 50931, 50933, 50935, 50936, 50937, 50939],
    // OEM, MAC and East Asian ones without an encoder
    ...[709, 710, 1361, 10001, 10002, 10003, 10004, 10005, 10008, 20000, 20001, 20002, 20003, 20004, 20005],
    ...[20105, 20106, 20107, 20108, 20261, 20269, 20932, 29001, 50220, 50221, 50222, 50225, 50227, 50229],
    ...[51950, 52936],
    // ISCII
    ...[57002, 57003, 57004, 57005, 57006, 57007, 57008, 57009, 57010, 57011],
  ],
};

function member(name: string): PropertyDescriptor | undefined {
  for (let at: object = DTLSServer.prototype; at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    const found = Object.getOwnPropertyDescriptor(at, name);
    if (found) return found;
  }
  return undefined;
}

const types = ["dtls-server", "server-certificate", "server-events", "events"]
  .map((file) => readText(`dist/component/${file}.d.ts`))
  .join("\n");
const declares = (name: string): boolean => new RegExp(`^ +(?:(?:get|set) )?${name}\\(`, "m").test(types);

const eventClasses: Readonly<Record<string, { prototype: object }>> = {
  Connected: ConnectedEvent,
  ConnectionRequest: ConnectionRequestEvent,
  DataIn: DataInEvent,
  Disconnected: DisconnectedEvent,
  Error: ErrorEvent,
  Log: LogEvent,
  SSLClientAuthentication: SSLClientAuthenticationEvent,
  SSLStatus: SSLStatusEvent,
};

/** The number that it throws; undefined for none. */
function codeOf(call: () => unknown): number | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    if (error instanceof DTLSError) return error.code;
    throw error;
  }
}

const withSetting = (text: string): number | undefined => codeOf(() => new DTLSServer().Config(text));

describe("properties", () => {
  test.each(reference.properties)("%s", (name) => {
    expect(member(name)?.get).toBeTypeOf("function");
    expect(declares(name)).toBe(true);
    const server = new DTLSServer();
    expect(server[name as keyof DTLSServer]).toBeDefined();
  });
});

describe("methods", () => {
  test.each(reference.methods)("%s", (name) => {
    expect(member(name)?.value).toBeTypeOf("function");
    expect(declares(name)).toBe(true);
  });
});

describe("events", () => {
  test.each(Object.entries(reference.events))("%s, with all its parameters", (name, parameters) => {
    const server = new DTLSServer();
    const listener = (): void => {};
    expect(server.on(name as "Connected", listener)).toBe(server);
    expect(member(`On${name}`)?.set).toBeTypeOf("function");
    expect(types).toMatch(new RegExp(`^ +${name}: ${name}Event;`, "m"));
    const members: Record<string, PropertyDescriptor> = Object.getOwnPropertyDescriptors(
      eventClasses[name]?.prototype ?? {},
    );
    const getters = Object.keys(members).filter((key) => members[key]?.get);
    expect(getters.sort()).toEqual([...parameters].sort());
  });
});

describe("settings", () => {
  const docs = readText("docs/settings.md");
  test.each(reference.settings)("%s", (name) => {
    expect(withSetting(name)).toBeUndefined();
    expect(docs).toContain(`\`${name}\``);
  });

  test.each(reference.perConnectionSettings)("%s[connId]", (name) => {
    expect(withSetting(`${name}[1]`)).toBe(126);
  });

  test.each([
    ...reference.securityFlags.map((flag) => `SSLSecurityFlags=${flag}`),
    ...reference.protocols.map((number) => `SSLEnabledProtocols=${number}`),
    ...reference.cipherSuites.map((suite) => `SSLEnabledCipherSuites=${suite}`),
    ...reference.signatureAlgorithms.map((pair) => `TLS12SignatureAlgorithms=${pair}`),
    ...reference.groups.map((group) => `TLS12SupportedGroups=${group}`),
    ...["KeepAliveMode=1", "KeepAliveMode=2", "LogLevel=0", "LogLevel=1", "LogLevel=2", "LogLevel=3"],
    ...["SSLCheckCRL=0", "SSLCheckOCSP=0"],
  ])("%s", (text) => {
    expect(withSetting(text)).toBeUndefined();
  });

  test.each(open.settingValues)("%s is still open: 402", (text) => {
    expect(withSetting(text)).toBe(402);
  });
});

describe("code pages", () => {
  const later = new Set(open.codePages);
  test.each(reference.codePages.map((page) => [page, later.has(page)] as const))("%i", (page, isOpen) => {
    expect(withSetting(`CodePage=${page}`)).toBe(isOpen ? 402 : undefined);
  });

  // Of another system; they would clash with nothing that works here.
  test.each(reference.appleCodePages)("%i, of Apple's own numbers: 402", (page) => {
    expect(withSetting(`CodePage=${page}`)).toBe(402);
  });
});

describe("store types", () => {
  test("have the numbers of the reference", () => {
    expect(CertStoreTypes).toMatchObject(reference.storeTypes);
  });

  const later = new Set(open.storeTypes);
  test.each(Object.keys(reference.storeTypes).map((name) => [name, later.has(name)] as const))(
    "%s",
    (name, isOpen) => {
      const server = new DTLSServer();
      server.SSLCertStoreType = CertStoreTypes[name as keyof typeof CertStoreTypes];
      server.SSLCertStore = "/nonexistent/store";
      const code = codeOf(() => {
        server.SSLCertSubject = "*";
      });
      expect(code).toBe(isOpen ? 402 : 271);
    },
  );
});

describe("other values", () => {
  test("log types", () => {
    const declared = /type LogType = ([^;]+);/.exec(readText("dist/component/events.d.ts"))?.[1];
    expect(declared?.match(/\w+/g)?.sort()).toEqual([...reference.logTypes].sort());
  });

  const docs = readText("docs/errors.md");
  const [notRaisedHere = ""] = docs.split("## Documented, and not raised here")[1]?.split("\n## ") ?? [];
  const notRaised = [...notRaisedHere.matchAll(/^\| (\d[\d, ]*) \|/gm)].flatMap(([, numbers = ""]) =>
    numbers.split(", ").map(Number),
  );

  test.each(reference.errors)("error %i", (code) => {
    expect(errorTexts).toHaveProperty(String(code));
    expect(docs).toMatch(new RegExp(`^\\| ${code} \\|`, "m"));
  });

  // Those of the component's family that the reference does not list itself.
  test.each([109, 135, 211, 213, 270, 273, 274, 275, 276, 280, 281, 282, 283, 284, 301])(
    "error %i is documented as never raised, and is not",
    (code) => {
      expect(errorTexts).not.toHaveProperty(String(code));
      expect(notRaised).toContain(code);
    },
  );
});
