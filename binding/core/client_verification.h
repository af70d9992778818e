// Whether a client's certificate leads to an authority that is trusted (RFC 5280 6), and all that speaks
// against it: who decides sees the reasons together.
#pragma once

#include <openssl/x509.h>

#include <cstdint>
#include <memory>

#include "core/clock.h"
#include "core/signature_algorithms.h"
#include "core/trust_store.h"

namespace dtls {

// Crosses the seam as bits, 1 for the first: append only. clang-format off
#define DTLS_CERTIFICATE_REASONS(X)                                                                   \
  X(not_yet_valid)                                                                                    \
  X(expired)                                                                                          \
  X(untrusted_issuer) /* no authority that is trusted stands behind it, or none that may */           \
  X(self_signed)      /* it vouches for itself, and is not trusted */                                 \
  X(incomplete_chain) /* the client has sent nothing but it, and its issuer is not known here */      \
  X(invalid_signature)                                                                                \
  X(wrong_usage) /* (extended) key usage does not permit client authentication */                     \
  X(revoked)                                                                                          \
  X(unknown_revocation)                                                                               \
  X(forbidden_algorithm) /* a key is too short, or a signature of the chain was made with what is not \
                            allowed */
// clang-format on

enum class CertificateReason : std::uint32_t {
#define DTLS_CERTIFICATE_REASON(name) name,
  DTLS_CERTIFICATE_REASONS(DTLS_CERTIFICATE_REASON)
#undef DTLS_CERTIFICATE_REASON
};

constexpr std::uint32_t bit_of(CertificateReason reason) { return 1u << static_cast<std::uint32_t>(reason); }

struct ClientVerification {
  std::shared_ptr<const TrustStore> trust;
  std::uint32_t ignored_reasons;
  SignatureAlgorithms signatures;  // of the chain, but for the trusted end of it
  int security_level;              // OpenSSL's: least sizes of keys, least digests

  // Bits of CertificateReason; 0 is good. `others` are what the client has sent beside it; may be null.
  std::uint32_t verify(X509* certificate, STACK_OF(X509) * others, WallTime now) const;
};

}  // namespace dtls
