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

// Version 3. Self-signed without an issuer. `padding` bytes of comment make it long.
dtls::X509Ptr make_certificate(EVP_PKEY* key, const std::string& common_name,
                               const Identity* issuer = nullptr, bool authority = false,
                               std::size_t padding = 0);

// One EC identity for all tests that don't care.
const Identity& plain_identity();

// A leaf whose chain of `length` certificates has `padding` bytes of ballast each.
Identity long_chain(std::size_t length, std::size_t padding);

struct ContextOptions {
  bool request_client_certificate = false;
  std::string cipher_list;
  bool resumption = false;
  bool dtls_1_0 = false;
};
std::shared_ptr<const dtls::SecurityContext> server_context(const Identity& identity,
                                                            const ContextOptions& options = {});
// Of plain_identity(), made once; the second requests a client certificate.
std::shared_ptr<const dtls::SecurityContext> plain_context();
std::shared_ptr<const dtls::SecurityContext> asking_context();

}  // namespace simulation
