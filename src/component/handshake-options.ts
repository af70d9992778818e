/** What the settings of a server are to its handshakes: the documented names in the addon's terms. */
import { cipherList } from "./algorithms/cipher-suites.js";
import { groupList } from "./algorithms/groups.js";
import { protocolsOf } from "./algorithms/protocols.js";
import { signatureAlgorithmList } from "./algorithms/signature-algorithms.js";
import type { SettingValues } from "./settings/table.js";

/** Beside the server's own certificate. As NativeSecuritySettings. */
export interface HandshakeOptions {
  requestClientCertificate: boolean;
  dtls12: boolean;
  dtls10: boolean;
  cipherList: string;
  minimumStrength: number;
  groups: string;
  signatureAlgorithms: string;
  resumption: boolean;
}

export function handshakeOptions(
  values: Readonly<SettingValues>,
  requestClientCertificate: boolean,
): HandshakeOptions {
  return {
    requestClientCertificate,
    ...protocolsOf(values.SSLEnabledProtocols),
    cipherList: cipherList(values.SSLEnabledCipherSuites),
    minimumStrength: values.SSLCipherStrength,
    groups: groupList(values.TLS12SupportedGroups),
    signatureAlgorithms: signatureAlgorithmList(values.TLS12SignatureAlgorithms),
    resumption: values.ReuseSSLSession,
  };
}
