import { expect, test } from "vitest";
import {
  droppedText,
  forgedText,
  helloVerifyRequestText,
  hostAndPort,
  inertText,
  limitText,
  numbered,
  oneLine,
} from "../../src/component/log-texts.js";
import {
  connectionText,
  retransmissionText,
  statusText,
  timerText,
} from "../../src/component/status-texts.js";
import { counterNames, ProgressStep } from "../../src/native.js";

test("every step has its sentence, and none has two", () => {
  for (const [name, step] of Object.entries(ProgressStep)) {
    const sentences = [
      statusText(step, 2, "detail"),
      retransmissionText(step, 2),
      timerText(step, "detail"),
      connectionText(step, 2),
    ];
    expect(
      sentences.filter((sentence) => sentence !== undefined),
      name,
    ).toEqual([expect.stringMatching(/^[A-Z].*\.$/)]);
  }
});

test("a HelloVerifyRequest names its receiver, and how many were left out", () => {
  expect(helloVerifyRequestText(0, "192.0.2.1:5")).toBe("Sent HelloVerifyRequest to 192.0.2.1:5.");
  expect(helloVerifyRequestText(7, "192.0.2.1:5")).toBe(
    "Sent HelloVerifyRequest to 192.0.2.1:5 and 7 more since the last line.",
  );
});

test("a flight that is sent again says how many datagrams it has", () => {
  expect(retransmissionText(ProgressStep.flightRetransmitted, 1)).toBe("Retransmitted flight: 1 datagram.");
  expect(retransmissionText(ProgressStep.flightRetransmitted, 2)).toBe("Retransmitted flight: 2 datagrams.");
});

test("a HeartbeatRequest that is repeated says how often it has been sent", () => {
  expect(connectionText(ProgressStep.sentHeartbeatRequest, 1)).toBe("Sent HeartbeatRequest.");
  expect(connectionText(ProgressStep.sentHeartbeatRequest, 3)).toBe(
    "Sent HeartbeatRequest again: 3 times now.",
  );
});

test("a connection that cannot be kept alive, or that somebody forges records for, is named", () => {
  expect(inertText(7, "the client does not offer heartbeats")).toBe(
    "Connection 7 is not kept alive: the client does not offer heartbeats.",
  );
  expect(forgedText(7, 256)).toBe(
    "Connection 7 has dropped 256 forged records: its cipher suite sets no limit to them.",
  );
});

test("a handshake's sentences name suites, groups, sizes and alerts", () => {
  expect(statusText(ProgressStep.receivedClientHello, 28, "DTLS1.2")).toBe(
    "Received ClientHello (DTLS1.2, 28 cipher suites).",
  );
  expect(statusText(ProgressStep.sentServerKeyExchange, 256, "x25519")).toBe(
    "Sent ServerKeyExchange (x25519).",
  );
  expect(statusText(ProgressStep.sentServerKeyExchange, 2048, "")).toBe(
    "Sent ServerKeyExchange (DH, 2048 bits).",
  );
  expect(statusText(ProgressStep.handshakeComplete, 256, "DTLS1.2, TLS_X")).toBe(
    "Handshake complete: DTLS1.2, TLS_X, 256-bit encryption.",
  );
  expect(statusText(ProgressStep.receivedAlert, 48, "fatal unknown_ca")).toBe(
    "Received alert: fatal unknown_ca.",
  );
});

test("IPv6 addresses stand in brackets before a port", () => {
  expect(hostAndPort("127.0.0.1", 5)).toBe("127.0.0.1:5");
  expect(hostAndPort("2001:db8::1", 5)).toBe("[2001:db8::1]:5");
});

test("limits are named, and what was left out is counted", () => {
  expect(limitText("dropMaxConnections", 0, "192.0.2.1:5")).toBe(
    "Maximum number of connections reached. Ignored 192.0.2.1:5.",
  );
  expect(limitText("dropMaxHandshakesPerHost", 7, "192.0.2.1:5")).toBe(
    "Maximum number of handshakes per host reached. Ignored 192.0.2.1:5 and 7 more since the last line.",
  );
});

test("every limit of the core has a sentence of its own", () => {
  const limits = counterNames.filter((name) => name.startsWith("dropMax"));
  expect(limits).toHaveLength(4);
  const sentences = new Set(limits.map((name) => limitText(name, 0, "x")));
  expect(sentences.size).toBe(4);
  for (const sentence of sentences) expect(sentence).toMatch(/^Maximum number of/);
});

test("reasons of drops are words", () => {
  expect(droppedText("dropUnknownPeer", 2, "192.0.2.1:5")).toBe(
    "Dropped from 192.0.2.1:5: unknown peer and 2 more since the last line.",
  );
});

test("what a user may have wanted is told of with what it was dropped for", () => {
  expect(droppedText("dropOversized", 0, "192.0.2.1:5")).toBe(
    "Dropped from 192.0.2.1:5: longer than MaxPacketSize.",
  );
  expect(droppedText("dropPaused", 2, "192.0.2.1:5")).toBe(
    "Dropped from 192.0.2.1:5: data of a paused connection and 2 more since the last line.",
  );
});

test("a peer's words cannot begin a line of their own", () => {
  expect(oneLine("CN=a\r\nConnection 1 established.\u2028\x7f")).toBe(
    "CN=a\\u000d\\u000aConnection 1 established.\\u2028\\u007f",
  );
  expect(oneLine("CN=\u202egnp.exe\u2069")).toBe("CN=\\u202egnp.exe\\u2069");
});

test("an error's number stands once in its line", () => {
  expect(numbered(403, "DTLS handshake error.")).toBe("[403] DTLS handshake error.");
  expect(numbered(10060, "[10060] Timed out.")).toBe("[10060] Timed out.");
});
