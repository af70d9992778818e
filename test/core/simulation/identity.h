// Keys and certificates made for a test.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/openssl_ptr.h"
#include "core/security_context.h"

namespace simulation {

using Bytes = std::vector<std::uint8_t>;

struct Identity {
  dtls::EvpPkeyPtr key;
  dtls::X509Ptr certificate;
  std::vector<dtls::X509Ptr> chain;  // from the issuer upwards

  Bytes key_der() const;
  Bytes certificate_der() const;
  std::vector<Bytes> chain_ders() const;
};

dtls::EvpPkeyPtr ec_key();
dtls::EvpPkeyPtr rsa_key();
// An EC key that passes for the one whose public half it has, until it signs.
dtls::EvpPkeyPtr ec_key_of_halves(EVP_PKEY* public_half, EVP_PKEY* private_half);

struct CertificateShape {
  std::string common_name;
  const Identity* issuer = nullptr;  // none: self-signed
  bool authority = false;
  // Seconds from the virtual wall clock's beginning.
  std::int64_t not_before = -3600;
  std::int64_t not_after = 30L * 24 * 3600;
  std::string key_usage = {};  // OpenSSL's words; "": no such extension
  std::string extended_key_usage = {};
  const EVP_MD* digest = EVP_sha256();
  std::size_t padding = 0;  // bytes of comment
};

// Version 3.
dtls::X509Ptr make_certificate(EVP_PKEY* key, const CertificateShape& shape);
dtls::X509Ptr make_certificate(EVP_PKEY* key, const std::string& common_name,
                               const Identity* issuer = nullptr, bool authority = false,
                               std::size_t padding = 0);

// A new EC key and its certificate, with the issuer's own certificate, and its chain, as the chain.
Identity make_identity(const CertificateShape& shape);

// One EC identity for all tests that don't care.
const Identity& plain_identity();

// A leaf whose chain of `length` certificates has `padding` bytes of ballast each.
Identity long_chain(std::size_t length, std::size_t padding);

struct ContextOptions {
  bool request_client_certificate = false;
  std::string cipher_list;
  bool resumption = false;
  bool dtls_1_0 = false;
  std::shared_ptr<const dtls::TrustStore> client_trust;
  std::uint32_t ignored_reasons = 0;
  std::string signature_algorithms;
  Bytes ticket_secret;
  bool renegotiation_info = true;
  bool key_log = false;
};
std::shared_ptr<const dtls::SecurityContext> server_context(const Identity& identity,
                                                            const ContextOptions& options = {});
// Of plain_identity(), made once; the second requests a client certificate.
std::shared_ptr<const dtls::SecurityContext> plain_context();
std::shared_ptr<const dtls::SecurityContext> asking_context();

}  // namespace simulation
