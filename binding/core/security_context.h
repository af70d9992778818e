// An SSL_CTX built from plain settings. It is replaced whole, never changed while handshakes use it.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/client_verification.h"
#include "core/openssl_ptr.h"
#include "core/trust_store.h"

namespace dtls {

// The NIST curves; X25519 only when named.
constexpr const char* default_groups = "P-256:P-384:P-521";

struct SecuritySettings {
  std::vector<std::vector<std::uint8_t>> certificates;  // DER: leaf, then its chain
  ByteView private_key;                                 // PKCS#8 DER

  bool dtls_1_2 = true;
  bool dtls_1_0 = false;                // takes OpenSSL's security level 0, for all that this context does
  std::string cipher_list;              // IANA names between colons, or OpenSSL's syntax; "" = the default
  int minimum_strength = 0;             // bits of the bulk cipher's key
  std::string groups = default_groups;  // OpenSSL's syntax; "" = none, and so no ECDHE
  std::string signature_algorithms;     // OpenSSL's syntax, see SignatureAlgorithms; "" = all
  bool renegotiation_info = true;       // RFC 5746; without it clients with OpenSSL 3 go away

  bool request_client_certificate = false;
  std::shared_ptr<const TrustStore> client_trust;  // null: nobody is trusted
  std::uint32_t ignored_reasons = 0;               // bits of CertificateReason

  bool resumption = false;  // session tickets (RFC 5077); a bounded session cache for clients without them
  ByteView ticket_secret;  // TicketKeys::secret_size bytes, shared with others; empty: drawn for this context

  bool key_log = false;  // tells the observers of handshakes their master secrets
};

enum class SecurityProblem { certificate, unsupported };

class SecurityError : public std::runtime_error {
 public:
  SecurityError(SecurityProblem kind, const std::string& what) : std::runtime_error(what), problem(kind) {}
  const SecurityProblem problem;
};

class SecurityContext {
 public:
  // Of clients: OpenSSL makes room for all of it at the first fragment. Its default is 100 KiB.
  static constexpr std::uint32_t longest_certificate_message = 32 * 1024;

  // Throws SecurityError: no or unreadable certificate, no key, a key of another certificate, or no protocol
  // version, cipher suite or group left, or none that goes with the key.
  explicit SecurityContext(const SecuritySettings& settings);

  SSL_CTX* get() const { return ctx_.get(); }
  // Null unless clients are asked for a certificate.
  const ClientVerification* client_verification() const { return client_verification_.get(); }
  bool requests_client_certificate() const { return client_verification_ != nullptr; }
  bool answers_renegotiation_info() const { return renegotiation_info_; }
  bool caches_sessions() const { return caches_sessions_; }

 private:
  SslCtxPtr ctx_;
  std::unique_ptr<const ClientVerification> client_verification_;
  bool renegotiation_info_;
  bool caches_sessions_;
};

}  // namespace dtls
