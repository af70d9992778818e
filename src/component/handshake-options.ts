/** What the settings of a server are to its handshakes: the documented names in the addon's terms. */
import { cipherList } from "./algorithms/cipher-suites.js";
import { groupList } from "./algorithms/groups.js";
import { protocolsOf } from "./algorithms/protocols.js";
import { signatureAlgorithmList } from "./algorithms/signature-algorithms.js";
import { ignoredReasons } from "./client-certificate.js";
import type { SettingValues } from "./settings/table.js";

/** Beside the server's own certificate. Plain values, so that two can be compared. */
export interface HandshakeOptions {
  /** PEM. */
  chain: string;
  requestClientCertificate: boolean;
  /** PEM. */
  clientAuthorities: string;
  ignoredReasons: number;
  dtls12: boolean;
  dtls10: boolean;
  cipherList: string;
  minimumStrength: number;
  groups: string;
  signatureAlgorithms: string;
  renegotiationInfo: boolean;
  resumption: boolean;
  /** Hexadecimal. */
  ticketSecret: string;
  keyLog: boolean;
}

export function handshakeOptions(
  values: Readonly<SettingValues>,
  requestClientCertificate: boolean,
): HandshakeOptions {
  return {
    chain: values.SSLCACerts,
    requestClientCertificate,
    clientAuthorities: requestClientCertificate ? values.SSLClientCACerts : "",
    ignoredReasons: requestClientCertificate ? ignoredReasons(values.SSLSecurityFlags) : 0,
    ...protocolsOf(values.SSLEnabledProtocols),
    cipherList: cipherList(values.SSLEnabledCipherSuites),
    minimumStrength: values.SSLCipherStrength,
    groups: groupList(values.TLS12SupportedGroups),
    signatureAlgorithms: signatureAlgorithmList(values.TLS12SignatureAlgorithms),
    renegotiationInfo: values.SSLEnableRenegotiation,
    resumption: values.ReuseSSLSession,
    ticketSecret: values.ReuseSSLSession ? values.TicketKeys : "",
    keyLog: values.SSLKeyLogFile !== "",
  };
}
