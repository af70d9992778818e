/** The Config method itself: NAME=VALUE sets, NAME reads. */
import { expect, test } from "vitest";
import { config, Owner } from "./config-owner.js";

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

test("reads what is in effect where it is another than what was set", () => {
  const owner = new Owner();
  owner.inEffectNow = { LocalPort: 40000, InBufferSize: 212992 };
  expect(config(owner).execute("LocalPort")).toBe("40000");
  expect(config(owner).execute("InBufferSize=0")).toBe("212992");
});

test("reset restores every default, and only that", () => {
  const owner = new Owner();
  const subject = config(owner);
  const before = { ...subject.values };
  for (const text of ["LogLevel=0", "LocalHost=::1", "UseIPv6=yes", "MaxHandshakes=7"]) subject.execute(text);
  owner.applied = [];
  subject.reset();
  expect(subject.values).toEqual(before);
  expect(owner.applied).toEqual([]);
});
