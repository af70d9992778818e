/** From what the core knows of a failure to the number and the text that users see. */
import type { Failure } from "../endpoint.js";
import { DTLSError, describe, type ErrorCode, systemCodeOf } from "../errors.js";
import { Fault, native, SendResult } from "../native.js";
import { unknownConnection } from "./connections.js";

export interface Outcome {
  code: ErrorCode;
  description: string;
}

/** What a rejected client most often means by its alert (RFC 5246 7.2.2), and what to do about it. */
const advice: Readonly<Record<number, string>> = {
  40: "the client found no parameters it can accept; compare cipher suites, groups and certificate type",
  42: "the client does not accept this server's certificate",
  43: "the client cannot use this kind of certificate",
  44: "this server's certificate has been revoked",
  45: "this server's certificate has expired; select a current one",
  46: "the client does not accept this server's certificate",
  48: "the client does not trust the issuer of this server's certificate",
  51: "the client could not verify this server's signature",
  70: "the client does not accept the protocol versions of this server",
  71: "the client demands stronger cipher suites",
};

export function outcomeOf(failure: Failure, errno = 0): Outcome {
  const { fault, alert, reason } = failure;
  const because = (code: ErrorCode, text: string): Outcome => ({
    code,
    description: describe(code, reason === "" ? text : reason),
  });
  const withAlert = (code: ErrorCode, text: string): Outcome => ({
    code,
    description: describe(
      code,
      `${reason === "" ? text : reason}${alert < 0 ? "" : `; sent alert ${alertText(alert)}`}`,
    ),
  });
  switch (fault) {
    case Fault.none:
    case Fault.idle:
      return { code: 0, description: describe(0) };
    case Fault.replaced:
      return because(10054, "replaced by a new handshake from the same address");
    case Fault.timedOut:
      return because(10060, "the client did not complete the handshake in time");
    case Fault.aborted:
      return because(10053, "this server closed while the handshake was in progress");
    case Fault.closedInHandshake:
      return because(10053, "the client closed before the handshake was complete");
    case Fault.malformed:
      return because(400, "the datagram is no sequence of DTLS records");
    case Fault.oversized:
      return because(400, "the datagram is longer than MaxPacketSize, and was dropped whole");
    case Fault.unexpectedMessage:
      return withAlert(401, "the client sent a message that has no place here");
    case Fault.unsupported:
      return withAlert(402, "no protocol version, cipher suite, group or signature algorithm in common");
    case Fault.handshakeFailed:
      return withAlert(403, "the handshake failed");
    case Fault.certificateRefused:
      return withAlert(404, "the client's certificate is missing or was refused");
    case Fault.fatalAlert: {
      const meaning = advice[alert];
      const text = `the client sent alert ${alertText(alert)}${meaning === undefined ? "" : `: ${meaning}`}`;
      return { code: 405, description: describe(405, text) };
    }
    case Fault.noHeartbeatResponse:
      return {
        code: 10060,
        description: describe(
          10060,
          "the client has stopped answering heartbeats; it is gone, or out of reach",
        ),
      };
    case Fault.keysUsedUp:
      return because(10053, "the keys of the connection are used up; the client must connect anew");
    case Fault.tooManyForgeries:
      return because(10053, "more forged records came than the keys of the connection may bear");
    case Fault.noOwnSocket: {
      const { code, systemCode } = systemCodeOf(errno);
      const text = `UseConnection has no socket for this connection, the common one serves it (${systemCode})`;
      return { code, description: describe(code, text) };
    }
    case Fault.sendFailed: {
      const { code, systemCode } = systemCodeOf(errno);
      return { code, description: describe(code, `sending failed (${systemCode})`) };
    }
    case Fault.networkError: {
      const { code, systemCode } = systemCodeOf(errno);
      const text = `the client's machine, or a router on the way, says so by ICMP (${systemCode}); anybody can forge that`;
      return { code, description: describe(code, text) };
    }
    default:
      // What the socket itself reports has a system number (Error event with id 0).
      if (errno !== 0) {
        const { code, systemCode } = systemCodeOf(errno);
        return { code, description: describe(code, `receiving failed (${systemCode})`) };
      }
      return because(403, "OpenSSL failed; the machine may be short of memory");
  }
}

/** For a `SendResult` other than `sent`, of a call with so many bytes. */
export function sendError(result: number, id: number, length: number): DTLSError {
  switch (result) {
    case SendResult.notEstablished:
      return new DTLSError(10057, `the handshake of connection ${id} is not complete`);
    case SendResult.tooLong:
      return new DTLSError(
        10040,
        `${length} bytes in a datagram; connection ${id} takes 16384, or fewer if its client asked for that`,
      );
    case SendResult.blocked:
      return new DTLSError(10055, "the outgoing queue is full; send again when the socket has caught up");
    case SendResult.failed:
      return new DTLSError(
        403,
        `the datagram could not be encrypted; Disconnected tells why ${id} has ended`,
      );
    default:
      return unknownConnection(id);
  }
}

/** "48 (unknown_ca)". */
function alertText(alert: number): string {
  return `${alert} (${native.alertName(alert)})`;
}
