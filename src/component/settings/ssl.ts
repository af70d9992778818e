import { badArgument, DTLSError } from "../../errors.js";
import {
  checkCipherSuites,
  cipherSuiteNames,
  ignoredCipherSuites,
  isUsable,
} from "../algorithms/cipher-suites.js";
import { checkGroups, defaultGroups } from "../algorithms/groups.js";
import { checkProtocols, ignoredProtocols } from "../algorithms/protocols.js";
import { checkSignatureAlgorithms, defaultSignatureAlgorithms } from "../algorithms/signature-algorithms.js";
import { checkCertificates } from "../certificate-texts.js";
import { ignoredFlags } from "../client-certificate.js";
import { boolean, integer, ofConnection, type SettingGroup, text } from "./setting.js";

/** All that the reference lists. */
const securityFlags = 0x8000_cf37;
function refuseChecks(name: string, value: number): void {
  if (value > 0) throw new DTLSError(402, `${name} can only be 0 in this version: revocation is not checked`);
}

/** The reference's "SSL Config Settings". */
export const sslSettings = {
  LogSSLPackets: boolean({
    default: false,
    effect: "now",
    meaning:
      "Whether each DTLS record that is sent or received, from the hello with the cookie on, fires SSLStatus: " +
      "content type, epoch, sequence number, length and its first 64 bytes as they are on the wire. The log has the same lines at Debug.",
  }),
  ReuseSSLSession: boolean({
    default: false,
    effect: "handshakes",
    meaning:
      "Whether clients may resume a session, which saves both sides the certificates and most of the work: " +
      "with session tickets (RFC 5077), or from a bounded cache for clients without them. A session lives ten " +
      "hours. It is resumed only by the server that made it, or with TicketKeys by those that have the same; " +
      "and, without TicketKeys, not after the certificate or a setting of handshakes was changed, or " +
      "StartListening was called again. One made with other suites, groups, algorithms or versions allowed, or " +
      "with another SSLAuthenticateClients, is not resumed. False: no session is, whoever made it.",
  }),
  SSLCACerts: text({
    holds: "PEM blocks",
    default: "",
    effect: "handshakes",
    check: (text) => checkCertificates("SSLCACerts", text),
    meaning:
      "Certificates that are sent behind the server's own as its chain, besides those of its store; each once, " +
      "in the order in which they certify each other. No PEM block in it, or one that holds no certificate, " +
      "is 404.",
  }),
  SSLCheckCRL: integer({
    default: 0,
    min: 0,
    max: 2,
    effect: "handshakes",
    check: (value) => refuseChecks("SSLCheckCRL", value),
    meaning:
      "Whether revocation lists are asked about client certificates: 0 no. 1 and 2 throw 402 in this version.",
  }),
  SSLCheckOCSP: integer({
    default: 0,
    min: 0,
    max: 2,
    effect: "handshakes",
    check: (value) => refuseChecks("SSLCheckOCSP", value),
    meaning:
      "Whether OCSP responders are asked about client certificates: 0 no. 1 and 2 throw 402 in this version.",
  }),
  SSLCipherStrength: integer({
    default: 0,
    min: 0,
    max: 0x7fff_ffff,
    effect: "handshakes",
    meaning:
      "Least strength of a connection's cipher, in bits of its key: suites below it are not offered. 0 = no " +
      "minimum. AES has 128 or 256, ChaCha20 256. If no suite is left, StartListening throws 402. " +
      "SSLStatus and SSLNegotiatedCipherStrength tell what a connection has.",
  }),
  SSLClientCACerts: text({
    holds: "PEM blocks",
    default: "",
    effect: "handshakes",
    check: (text) => checkCertificates("SSLClientCACerts", text),
    meaning:
      "Authorities that certificates of clients may come from, besides those that the system trusts (and " +
      "NODE_EXTRA_CA_CERTS): roots, authorities below them, or single certificates. Their names are told to " +
      "clients that are asked for one. No PEM block in it, or one that holds no certificate, is 404.",
  }),
  SSLEnabledCipherSuites: text({
    holds: "`*`, or names between semicolons",
    default: "*",
    effect: "handshakes",
    check: checkCipherSuites,
    ignored: ignoredCipherSuites,
    meaning:
      "The cipher suites that clients may have, in the order of this server's preference; `*` is those of " +
      "today, forward secrecy and AEAD first, and so is an empty text. Suites that do not go with the " +
      "certificate are skipped; if none is left that can run, StartListening throws 402. Names that can run: " +
      `${cipherSuiteNames.filter(isUsable).join(", ")}. Accepted, and never used: ` +
      `${cipherSuiteNames.filter((name) => !isUsable(name)).join(", ")}.`,
  }),
  SSLEnabledProtocols: integer({
    default: 3072,
    min: 0,
    max: 0xffff_ffff,
    effect: "handshakes",
    check: checkProtocols,
    ignored: ignoredProtocols,
    meaning:
      "The protocol versions that clients may have, added up: 3072 DTLS 1.2, 768 DTLS 1.0 (the numbers of TLS " +
      "1.2 and 1.1). Naming DTLS 1.0 lowers OpenSSL's security level to 0 for every handshake with this " +
      "setting, those with DTLS 1.2 included: SHA-1 signatures and short keys pass. 12288, DTLS 1.3, is 402; " +
      "other bits are ignored, and the log says so. If none is left, StartListening throws 402.",
  }),
  SSLEnableRenegotiation: boolean({
    default: true,
    effect: "handshakes",
    meaning:
      "Whether renegotiation_info (RFC 5746) is answered in handshakes. False makes clients with OpenSSL 3 go " +
      "away. A renegotiation itself is always refused, with a warning.",
  }),
  SSLKeyLogFile: text({
    holds: "path",
    default: "",
    effect: "handshakes",
    meaning:
      "File that the master secret of each handshake is appended to, in the format of NSS " +
      "(`CLIENT_RANDOM <random> <secret>`), with which Wireshark decrypts: whoever reads it reads all. Made with " +
      "mode 0600. One that cannot be written is an Error event, and handshakes go on. Empty: none.",
  }),
  SSLNegotiatedCipher: ofConnection({
    read: ({ cipherSuite }) => partsOf(cipherSuite).cipher,
    meaning: "The connection's bulk cipher: AES_256_GCM, say.",
  }),
  SSLNegotiatedCipherStrength: ofConnection({
    read: ({ strength }) => String(strength),
    meaning: "Bits of the bulk cipher's key.",
  }),
  SSLNegotiatedCipherSuite: ofConnection({
    read: ({ cipherSuite }) => cipherSuite,
    meaning: "The connection's cipher suite, by the name that SSLEnabledCipherSuites has for it.",
  }),
  SSLNegotiatedKeyExchange: ofConnection({
    read: ({ cipherSuite }) => partsOf(cipherSuite).keyExchange,
    meaning:
      "How keys were exchanged and this server was authenticated: ECDHE_ECDSA, ECDHE_RSA, DHE_RSA, RSA.",
  }),
  SSLNegotiatedKeyExchangeStrength: ofConnection({
    read: ({ keyExchangeBits }) => String(keyExchangeBits),
    meaning:
      "Bits of the curve, the prime or the RSA modulus of the key exchange; of a resumed session, those of the " +
      "handshake that made it.",
  }),
  SSLNegotiatedVersion: ofConnection({
    read: ({ version }) => version,
    meaning: "DTLS1.2 or DTLS1.0.",
  }),
  SSLSecurityFlags: integer({
    default: 0,
    min: 0,
    max: securityFlags,
    effect: "handshakes",
    check: checkSecurityFlags,
    ignored: ignoredFlags,
    meaning:
      "What is overlooked in the certificates of clients, added up: 0x1 time of validity, 0x10 unknown " +
      "authority (self-signed certificates and incomplete chains too), 0x20 wrong usage, 0x100, 0x400 and " +
      "0x800 unknown revocation. 0x2, 0x4, 0x200, 0x4000, 0x8000 and 0x80000000 are accepted, without effect; " +
      "other bits are a bad value.",
  }),
  SSLServerCACerts: text({
    holds: "PEM blocks",
    default: "",
    effect: "none",
    check: (text) => checkCertificates("SSLServerCACerts", text),
    meaning:
      "Kept and read back, without effect: a client's authorities for the certificates of servers. No PEM block " +
      "in it, or one that holds no certificate, is 404.",
  }),
  TLS12SignatureAlgorithms: text({
    holds: "names between commas",
    default: defaultSignatureAlgorithms,
    effect: "handshakes",
    check: checkSignatureAlgorithms,
    meaning:
      "The signature algorithms of this server's key exchange, in the order of its preference, and those of " +
      "client certificates and their chains. `hash-key`, of sha512, sha384, sha256, sha224, sha1 and ecdsa, " +
      "rsa (RSASSA-PSS included), dsa; ed25519 and ed448 are of our own. Empty: no restriction. sha1 counts " +
      "only with DTLS 1.0 among SSLEnabledProtocols: OpenSSL's security level forbids it otherwise. A client " +
      "with none of them in common fails with 402, and StartListening if the certificate's key has none.",
  }),
  TLS12SupportedGroups: text({
    holds: "names between commas",
    default: defaultGroups,
    effect: "handshakes",
    check: checkGroups,
    meaning:
      "The groups of the ECDHE key exchange, in the order of this server's preference: ecdhe_secp256r1, " +
      "ecdhe_secp384r1, ecdhe_secp521r1, and of our own x25519 and x448. x25519 takes less CPU than secp256r1 " +
      "(bench/handshake.mjs measures both). Empty: no ECDHE. The curves of client certificates must be among them " +
      "too (RFC 8422 5.1.1).",
  }),
} satisfies SettingGroup;

function checkSecurityFlags(flags: number): void {
  const unknown = (flags & ~securityFlags) >>> 0;
  if (unknown !== 0) throw badArgument(`SSLSecurityFlags: there are no flags 0x${unknown.toString(16)}`);
}

/** TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 is ECDHE_RSA and AES_256_GCM; the hash of CCM suites is not named. */
function partsOf(cipherSuite: string): { keyExchange: string; cipher: string } {
  const [, keyExchange = "", cipher = ""] =
    /^TLS_(\w+?)_WITH_(\w+?)(?:_SHA\d*|_MD5)?$/.exec(cipherSuite) ?? [];
  return { keyExchange, cipher };
}
