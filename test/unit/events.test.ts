import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { codecOf } from "../../src/component/code-pages.js";
import {
  ConnectedEvent,
  ConnectionRequestEvent,
  DataInEvent,
  eventNames,
  SSLClientAuthenticationEvent,
} from "../../src/component/events.js";

const der = Buffer.from([0x30, 0x03, 0x02, 0x01, 0x00]);

describe("events", () => {
  test("members cannot be written", () => {
    const event = new ConnectedEvent(7, "127.0.0.1", 5000, 0, "OK");
    expect(() => Object.assign(event, { StatusCode: 1 })).toThrow(TypeError);
    expect(event.StatusCode).toBe(0);
  });

  test("Accept can, with Booleans and their words, and nothing else", () => {
    const event = new ConnectionRequestEvent("127.0.0.1", 5000);
    expect(event.Accept).toBe(true);
    event.Accept = false;
    expect(event.Accept).toBe(false);
    expect(() => Object.assign(event, { Accept: undefined })).toThrow(
      expect.objectContaining({ code: 10022 }),
    );
    expect(event.Accept).toBe(false);
  });

  test("a client's certificate is accepted beforehand only if its status is OK", () => {
    const names = () => ({ subject: "CN=a", issuer: "CN=b" });
    const event = (status: string) => new SSLClientAuthenticationEvent(1, der, names, status);
    expect(event("OK").Accept).toBe(true);
    expect(event("Certificate is self-signed").Accept).toBe(false);
    expect(event("OK").CertEncoded).toBe("MAMCAQA=");
    expect(event("OK").CertEncodedB).toBe(der);
  });

  test("a client certificate's names are read when they are asked for, and once", () => {
    let times = 0;
    const names = () => ({ subject: `CN=${++times}`, issuer: "CN=b" });
    const event = new SSLClientAuthenticationEvent(1, der, names, "OK");
    expect([event.Status, event.CertEncoded, times]).toEqual(["OK", "MAMCAQA=", 0]);
    expect([event.CertIssuer, event.CertSubject, event.CertSubject]).toEqual(["CN=b", "CN=1", "CN=1"]);
  });

  test("a datagram is given as UTF-8 text and as its exact bytes", () => {
    const bytes = Buffer.from([0xe2, 0x82, 0xac, 0xff]);
    const event = new DataInEvent(1, bytes, codecOf(65001));
    expect(event.Datagram).toBe("\u20ac\ufffd");
    expect(event.DatagramB).toBe(bytes);
  });

  test("show their members when they are printed", () => {
    expect(inspect(new ConnectedEvent(7, "::1", 5000, 0, "OK"))).toMatch(/ConnectedEvent .*ConnectionId: 7/s);
  });

  test("are the documented eight", () => {
    expect(eventNames).toEqual([
      "Connected",
      "ConnectionRequest",
      "DataIn",
      "Disconnected",
      "Error",
      "Log",
      "SSLClientAuthentication",
      "SSLStatus",
    ]);
  });
});
