/** The SSLStatus messages: stable sentences, whose first words people search for. */
import { ProgressStep } from "../native.js";

/** Undefined for what is only logged: `retransmissionText`, `timerText` and `connectionText`. */
export function statusText(step: number, number: number, detail: string): string | undefined {
  switch (step) {
    case ProgressStep.handshakeStarted:
      return `Handshake started with ${detail}.`;
    case ProgressStep.receivedClientHello:
      return `Received ClientHello (${detail}, ${number} cipher suites).`;
    case ProgressStep.sentServerHello:
      return `Sent ServerHello (${detail}).`;
    case ProgressStep.sentCertificate:
      return "Sent Certificate.";
    case ProgressStep.sentServerKeyExchange:
      return `Sent ServerKeyExchange (${detail === "" ? `DH, ${number} bits` : detail}).`;
    case ProgressStep.sentCertificateRequest:
      return "Sent CertificateRequest.";
    case ProgressStep.sentServerHelloDone:
      return "Sent ServerHelloDone.";
    case ProgressStep.receivedCertificate:
      return `Received client certificate: ${detail}.`;
    case ProgressStep.receivedClientKeyExchange:
      return "Received ClientKeyExchange.";
    case ProgressStep.receivedCertificateVerify:
      return "Received CertificateVerify.";
    case ProgressStep.receivedFinished:
      return "Received Finished.";
    case ProgressStep.sentFinished:
      return "Sent Finished.";
    case ProgressStep.handshakeComplete:
      return `Handshake complete: ${detail}, ${number}-bit encryption.`;
    case ProgressStep.sessionResumed:
      return "Session resumed.";
    case ProgressStep.sentAlert:
      return `Sent alert: ${detail}.`;
    case ProgressStep.receivedAlert:
      return `Received alert: ${detail}.`;
    default:
      return undefined;
  }
}

/** What is no news of the handshake to its user, and yet of use to who reads a log. */
export function retransmissionText(step: number, number: number): string | undefined {
  if (step !== ProgressStep.flightRetransmitted) return undefined;
  return `Retransmitted flight: ${number} ${number === 1 ? "datagram" : "datagrams"}.`;
}

/** For whoever asks when and why something happened without a packet. */
export function timerText(step: number, detail: string): string | undefined {
  return step === ProgressStep.timerExpired ? `Timer expired: ${detail}.` : undefined;
}

/** What happens on an established connection, beside its data. */
export function connectionText(step: number, number: number): string | undefined {
  switch (step) {
    case ProgressStep.sentHeartbeatRequest:
      return number === 1 ? "Sent HeartbeatRequest." : `Sent HeartbeatRequest again: ${number} times now.`;
    case ProgressStep.receivedHeartbeatResponse:
      return "Received HeartbeatResponse.";
    case ProgressStep.answeredHeartbeatRequest:
      return "Answered HeartbeatRequest.";
    case ProgressStep.refusedRenegotiation:
      return "Refused renegotiation.";
    default:
      return undefined;
  }
}
