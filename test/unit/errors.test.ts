import { constants } from "node:os";
import { describe, expect, test } from "vitest";
import { outcomeOf, sendError } from "../../src/component/outcome.js";
import {
  DTLSError,
  describe as describeCode,
  errorTexts,
  systemCodeOf,
  systemCodes,
  systemError,
} from "../../src/errors.js";
import { Fault, SendResult } from "../../src/native.js";

describe("descriptions", () => {
  test("say the text of the number, then what is known of the case", () => {
    expect(describeCode(404, "no key")).toBe("Invalid certificate provided: no key.");
    expect(describeCode(404)).toBe("Invalid certificate provided.");
    expect(describeCode(0)).toBe("OK");
  });

  test("show system numbers in front", () => {
    expect(describeCode(10048)).toBe("[10048] Address already in use.");
  });

  test("400 to 405 have the reference's texts", () => {
    expect([400, 401, 402, 403, 404, 405].map((code) => errorTexts[code as 400])).toEqual([
      "Invalid datagram received",
      "Invalid DTLS flow",
      "Not supported",
      "DTLS handshake error",
      "Invalid certificate provided",
      "Fatal alert",
    ]);
  });
});

describe("system errors", () => {
  test("keep Node's name, the number of Winsock, and the cause", () => {
    const cause = Object.assign(new Error("bind EADDRINUSE"), { code: "EADDRINUSE" });
    const error = systemError(cause, "binding 127.0.0.1:4433");
    expect(error).toBeInstanceOf(DTLSError);
    expect(error).toMatchObject({ code: 10048, systemCode: "EADDRINUSE", cause, name: "DTLSError" });
    expect(error.message).toBe("[10048] Address already in use: binding 127.0.0.1:4433 (EADDRINUSE).");
  });

  test("what has no number is 10022 with the system's own words", () => {
    const cause = Object.assign(new Error("something rare"), { code: "ERARE" });
    const error = systemError(cause, "binding");
    expect(error).toMatchObject({ code: 10022, systemCode: "ERARE" });
    expect(error.message).toContain("something rare");
  });

  test("every name maps to a number that has a text", () => {
    for (const code of Object.values(systemCodes)) expect(errorTexts).toHaveProperty(String(code));
  });

  test.each([
    ["ECONNREFUSED", 10061],
    ["EMSGSIZE", 10040],
    ["ENETUNREACH", 10051],
    ["EHOSTUNREACH", 10065],
    ["ENOBUFS", 10055],
  ] as const)("an errno without an exception is named: %s", (name, code) => {
    expect(systemCodeOf(constants.errno[name])).toEqual({ code, systemCode: name });
    expect(systemCodeOf(-constants.errno[name])).toEqual({ code, systemCode: name });
  });
});

describe("outcomes", () => {
  const outcome = (fault: number, alert = -1, reason = "", errno = 0) =>
    outcomeOf({ fault, alert, reason }, errno);

  test.each([
    ["none", 0],
    ["idle", 0],
    ["replaced", 10054],
    ["timedOut", 10060],
    ["aborted", 10053],
    ["closedInHandshake", 10053],
    ["malformed", 400],
    ["unexpectedMessage", 401],
    ["unsupported", 402],
    ["handshakeFailed", 403],
    ["certificateRefused", 404],
    ["fatalAlert", 405],
    ["internal", 403],
    ["noHeartbeatResponse", 10060],
    ["keysUsedUp", 10053],
    ["tooManyForgeries", 10053],
  ] as const)("%s is %i", (fault, code) => {
    const { code: given, description } = outcome(Fault[fault], 40);
    expect(given).toBe(code);
    expect(description.startsWith(describeCode(code).replace(/\.$/, ""))).toBe(true);
  });

  test("every fault of the core but the normal ends has words of its own", () => {
    const faults = Object.values(Fault).filter((fault) => fault !== Fault.none && fault !== Fault.idle);
    const descriptions = faults.map((fault) => outcome(fault).description);
    expect(new Set(descriptions).size).toBe(faults.length);
  });

  test("a normal end is no error, whatever the core gives as its reason", () => {
    expect(outcome(Fault.none)).toEqual({ code: 0, description: "OK" });
    expect(outcome(Fault.idle, -1, "no data for the idle timeout")).toEqual({ code: 0, description: "OK" });
  });

  test("an alert received is told by number and name, and what it means", () => {
    expect(outcome(Fault.fatalAlert, 48).description).toBe(
      "Fatal alert: the client sent alert 48 (unknown_ca): the client does not trust the issuer of this server's certificate.",
    );
  });

  test("an alert sent is told by number and name, behind OpenSSL's reason", () => {
    expect(outcome(Fault.unsupported, 40, "no shared cipher").description).toBe(
      "Not supported: no shared cipher; sent alert 40 (handshake_failure).",
    );
  });

  test("a datagram that the socket refused has the system's number", () => {
    expect(outcome(Fault.sendFailed, -1, "message too long", constants.errno.EMSGSIZE)).toEqual({
      code: 10040,
      description: "[10040] Message too long: sending failed (EMSGSIZE).",
    });
  });

  test("what ICMP says of a datagram that was sent has the system's number, and whose word it is", () => {
    expect(outcome(Fault.networkError, -1, "no route to host", constants.errno.EHOSTUNREACH)).toEqual({
      code: 10065,
      description:
        "[10065] No route to host: the client's machine, or a router on the way, says so by ICMP (EHOSTUNREACH); anybody can forge that.",
    });
  });

  test("a connection that got no socket of its own has the system's number, and is served all the same", () => {
    expect(outcome(Fault.noOwnSocket, -1, "", constants.errno.EMFILE)).toEqual({
      code: 10024,
      description:
        "[10024] Too many open files: UseConnection has no socket for this connection, the common one serves it (EMFILE).",
    });
  });

  test("what the socket reports of itself has the system's number", () => {
    expect(outcome(Fault.internal, -1, "", constants.errno.ENETDOWN).code).toBe(10050);
  });
});

describe("a send that is refused", () => {
  test.each([
    ["unknownConnection", 126],
    ["notEstablished", 10057],
    ["tooLong", 10040],
    ["failed", 403],
    ["blocked", 10055],
  ] as const)("%s is %i", (result, code) => {
    expect(sendError(SendResult[result], 7, 20_000)).toMatchObject({ name: "DTLSError", code });
  });

  test("names the connection or the size, where they are the cause", () => {
    expect(sendError(SendResult.unknownConnection, 7, 1).message).toContain("connection 7");
    expect(sendError(SendResult.tooLong, 7, 20_000).message).toContain("20000 bytes");
  });
});
