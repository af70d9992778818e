// A wrong argument of a native call is an error that names it, and nothing changes.
import { expect, test } from "vitest";
import { type NativeEndpoint, type NativeEndpointSettings, native } from "../../src/native.js";
import { loopback, makeTable, RecordingEndpoint, securityContext, settings } from "./native-endpoint.js";

/** What TypeScript would not let through. */
function wrong<T>(value: unknown): T {
  return value as T;
}

function makeEndpoint(): NativeEndpoint {
  return new native.Endpoint(settings, 1, makeTable(), () => {});
}

test("the endpoint's constructor names the setting, id, table or callback that is wrong", () => {
  const make = (
    changed: Partial<NativeEndpointSettings>,
    firstId = 1,
    table = makeTable(),
    dispatch: unknown = () => {},
  ) => new native.Endpoint({ ...settings, ...changed }, firstId, table, wrong(dispatch));
  expect(() => make({ maxConnections: -1 })).toThrow(/^settings.maxConnections must be an integer from 0/);
  expect(() => make({ idleTimeout: Number.NaN })).toThrow(RangeError);
  expect(() => make({ heartbeatMode: 3 })).toThrow("settings.heartbeatMode must be an integer from 0 to 2");
  expect(() => make({ keepAliveTime: 0 })).toThrow("settings.keepAliveTime must be an integer from 1");
  expect(() => make({ keepAliveInterval: 0 })).toThrow(
    "settings.keepAliveInterval must be an integer from 1",
  );
  expect(() => make({ keepAliveMaxRetries: wrong("1") })).toThrow(
    new TypeError("settings.keepAliveMaxRetries must be a number"),
  );
  expect(() => make({ handshakeMtu: 255 })).toThrow("settings.handshakeMtu must be an integer from 256");
  expect(() => make({ reportDrops: wrong(1) })).toThrow(
    new TypeError("settings.reportDrops must be a boolean"),
  );
  expect(() => make({}, 0)).toThrow("firstId must be an integer from 1");
  expect(() => make({}, 2 ** 53)).toThrow(RangeError);
  expect(() => make({}, 1, new Int32Array(7))).toThrow(TypeError);
  expect(() => make({}, 1, wrong(new Uint8Array(64)))).toThrow("table must be an Int32Array");
  expect(() => make({}, 1, makeTable(), {})).toThrow(new TypeError("dispatch must be a function"));
});

test("bind names the option that is wrong, and binds nothing", () => {
  const endpoint = makeEndpoint();
  expect(() => endpoint.bind({ ...loopback, port: 65536 })).toThrow(
    new RangeError("options.port must be an integer from 0 to 65535"),
  );
  expect(() => endpoint.bind({ ...loopback, port: wrong("1") })).toThrow(
    new TypeError("options.port must be a number"),
  );
  expect(() => endpoint.bind(wrong(undefined))).toThrow(new TypeError("options must be an object"));
  expect(() => endpoint.bind({ ...loopback, host: "a\0b" })).toThrow("NUL");
  expect(() => endpoint.localAddress()).toThrow("EBADF");
});

test("ids and data of the wrong kind are refused by name", () => {
  const { endpoint } = new RecordingEndpoint();
  const data = Buffer.from("data");
  expect(() => endpoint.send(1.5, data)).toThrow(RangeError);
  expect(() => endpoint.send(-1, data)).toThrow(RangeError);
  expect(() => endpoint.send(wrong("1"), data)).toThrow(new TypeError("id must be a number"));
  expect(() => endpoint.send(1, wrong("text"))).toThrow(new TypeError("data must be a Uint8Array"));
  expect(() => endpoint.send(1, wrong(new Uint16Array(2)))).toThrow(TypeError);
  expect(() => endpoint.setAccepting(wrong(0))).toThrow(TypeError);
  expect(() => endpoint.answerCertificate(1, false, 256)).toThrow(RangeError);
});

test("a method called on another object throws a TypeError", () => {
  const context = securityContext();
  expect(() => native.Endpoint.prototype.nextId.call(context)).toThrow(TypeError);
  expect(() => native.Endpoint.prototype.nextId.call({})).toThrow(TypeError);
});

test("what is no security context is refused, and none is made of the wrong things", () => {
  const { endpoint } = new RecordingEndpoint();
  const complaint = new TypeError("context must be a SecurityContext");
  expect(() => endpoint.setSecurityContext(wrong({}))).toThrow(complaint);
  expect(() => endpoint.setSecurityContext(wrong(endpoint))).toThrow(complaint);
  expect(() => new native.SecurityContext(wrong({ certificates: [1] }))).toThrow(
    new TypeError("settings.certificates must be an array of Uint8Arrays"),
  );
});

test("what is no store is refused, each kind in words of its own", () => {
  const junk = Buffer.from("junk");
  expect(() => native.openStore(wrong("junk"), "", 0)).toThrow(new TypeError("bytes must be a Uint8Array"));
  expect(() => native.openStore(junk, wrong(undefined), 0)).toThrow(
    new TypeError("password must be a string"),
  );
  expect(() => native.openStore(junk, "", 99)).toThrow(RangeError);
  expect(() => native.openStore(junk, "", 0, wrong(junk))).toThrow(
    new TypeError("more must be an array of Uint8Arrays"),
  );
  expect(() => native.openStore(junk, "", 0)).toThrow(expect.objectContaining({ problem: "unreadable" }));
  expect(() => native.describeCertificate(junk)).toThrow(expect.objectContaining({ problem: "certificate" }));
  expect(() => native.certificateNames(junk)).toThrow(expect.objectContaining({ problem: "certificate" }));
  expect(() => native.describeKey(junk)).toThrow(expect.objectContaining({ problem: "certificate" }));
});
