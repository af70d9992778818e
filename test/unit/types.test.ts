/** What the types promise: `tsc` checks this file, and an error that is expected must be one. */
import { describe, expect, expectTypeOf, test } from "vitest";
import { boolean, integer } from "../../src/component/settings/setting.js";
import {
  Certificate,
  CertStoreTypes,
  type ConnectedEvent,
  type Counters,
  counters,
  type DataInEvent,
  type DisconnectedEvent,
  DTLSError,
  DTLSServer,
  type ErrorCode,
  type ErrorEvent,
  errorTexts,
} from "../../src/index.js";
import type { counterNames } from "../../src/native.js";

const server = new DTLSServer();

describe("types", () => {
  test("an event's name gives its listener's type", () => {
    server.on("Connected", (e) => expectTypeOf(e).toEqualTypeOf<ConnectedEvent>());
    server.once("DataIn", async (e) => expectTypeOf(e).toEqualTypeOf<DataInEvent>());
    server.OnDataIn = (e) => expectTypeOf(e.DatagramB).toEqualTypeOf<Buffer>();
    server.OnDataIn = null;
    // @ts-expect-error there is no such event
    expect(() => server.on("Conected", () => {})).toThrow(DTLSError);
  });

  test("what is read-only cannot be assigned", () => {
    expect(() => {
      // @ts-expect-error read-only
      server.Listening = true;
    }).toThrow(DTLSError);
    expect(() => {
      // @ts-expect-error read-only
      server.SSLCertIssuer = "CN=me";
    }).toThrow(DTLSError);
    server.on("Connected", (e) => {
      // @ts-expect-error read-only
      e.StatusCode = 0;
    });
    expect(() => {
      // @ts-expect-error no such property
      server.AuthenticateClients = true;
    }).toThrow(TypeError);
  });

  test("the flat certificate properties are the members of a Certificate, with its types", () => {
    type Flat = { [Name in keyof Certificate as `SSLCert${Name}`]: Certificate[Name] };
    expectTypeOf<Pick<DTLSServer, keyof Flat>>().toEqualTypeOf<Flat>();
  });

  test("members have the documented types", () => {
    expectTypeOf(server.LocalPort).toBeNumber();
    expectTypeOf(server.KeepAlive).toBeBoolean();
    expectTypeOf(server.SSLCertStoreB).toEqualTypeOf<Buffer>();
    expectTypeOf(server.SSLCertPrivateKeyAvailable).toBeBoolean();
    expectTypeOf(server.SSLCertPublicKeyLength).toBeNumber();
    expectTypeOf(server.SSLCertIssuer).toBeString();
    expectTypeOf(server.ConnectionRemoteHost).toEqualTypeOf<{ readonly [id: number]: string }>();
    expectTypeOf(server.Config).returns.toBeString();
    expectTypeOf(server.Shutdown).returns.toEqualTypeOf<Promise<void>>();
    expectTypeOf(counters(server)).toEqualTypeOf<Counters>();
    expectTypeOf(counters(server).heartbeatRequestsSent).toBeNumber();
    expectTypeOf<keyof Counters>().toEqualTypeOf<(typeof counterNames)[number]>();
  });

  test("every number of an error is one of the table, and its text is there", () => {
    expectTypeOf<DTLSError["code"]>().toEqualTypeOf<ErrorCode>();
    expectTypeOf<ConnectedEvent["StatusCode"]>().toEqualTypeOf<ErrorCode>();
    expectTypeOf<DisconnectedEvent["StatusCode"]>().toEqualTypeOf<ErrorCode>();
    expectTypeOf<ErrorEvent["ErrorCode"]>().toEqualTypeOf<ErrorCode>();
    expectTypeOf<keyof typeof errorTexts>().toEqualTypeOf<ErrorCode>();
    expect(errorTexts[10060]).toBe("Timed out");
    expect(Object.isFrozen(errorTexts)).toBe(true);
  });

  test("both orders of the Certificate constructor, and no third", () => {
    const make = [
      () => new Certificate(CertStoreTypes.cstPFXFile, "missing.pfx", "password", "*"),
      () => new Certificate("missing.pfx", CertStoreTypes.cstPFXFile, "password", "*"),
      // @ts-expect-error the password stands behind store and type
      () => new Certificate("missing.pfx", "password"),
    ];
    for (const one of make) expect(one).toThrow(DTLSError);
  });

  test("a row of the settings table has all that its kind needs, and nothing else", () => {
    // @ts-expect-error no max, no effect, no meaning
    integer({ default: 1, min: 0 });
    // @ts-expect-error of numbers only
    boolean({ default: false, min: 0, effect: "now", meaning: "" });
    // @ts-expect-error another kind's default
    boolean({ default: 0, effect: "now", meaning: "" });
  });
});
