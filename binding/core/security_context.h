// An SSL_CTX built from plain settings. It is replaced whole, never changed while handshakes use it.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/openssl_ptr.h"

namespace dtls {

struct SecuritySettings {
  std::vector<std::vector<std::uint8_t>> certificates;  // DER: leaf, then its chain
  ByteView private_key;                                 // PKCS#8 DER
  bool request_client_certificate = false;
  std::string cipher_list;  // OpenSSL's syntax; "" = default_cipher_list
  std::string groups;       // OpenSSL's syntax; "" = default_groups
  bool resumption = false;  // session tickets (RFC 5077); a bounded session cache for clients without them
};

// Forward secrecy and AEAD first; CCM_8, 3DES and anonymous suites only when named.
extern const char* const default_cipher_list;
// The NIST curves; X25519, which costs a third of P-256, only when named.
extern const char* const default_groups;

enum class SecurityProblem { certificate, unsupported };

class SecurityError : public std::runtime_error {
 public:
  SecurityError(SecurityProblem kind, const std::string& what) : std::runtime_error(what), problem(kind) {}
  const SecurityProblem problem;
};

class SecurityContext {
 public:
  // Throws SecurityError: no or unreadable certificate, no key, a key of another certificate, or no cipher
  // suite or group left, or none that goes with the key.
  explicit SecurityContext(const SecuritySettings& settings);

  SSL_CTX* get() const { return ctx_.get(); }
  bool requests_client_certificate() const { return request_client_certificate_; }
  bool caches_sessions() const { return caches_sessions_; }

 private:
  SslCtxPtr ctx_;
  bool request_client_certificate_;
  bool caches_sessions_;
};

}  // namespace dtls
