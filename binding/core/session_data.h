// What we want to know again when a client resumes its session, and OpenSSL does not keep: it goes into the
// session, and with that into its ticket.
#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/openssl_ptr.h"

namespace dtls {

struct FreeCertificates {
  void operator()(STACK_OF(X509) * certificates) const { sk_X509_pop_free(certificates, X509_free); }
};
using CertificatesPtr = std::unique_ptr<STACK_OF(X509), FreeCertificates>;

struct SessionData {
  // A ticket with more could not come back in a hello that a server of ours takes; the cache's bound too.
  static constexpr std::size_t most_certificate_bytes = 8192;

  std::uint16_t key_exchange_bits = 0;
  // What the client has sent beside its certificate, which is verified anew with each resumption.
  CertificatesPtr chain;

  // `chain` is taken from the handshake. Before the ticket is written. False if the client's certificates are
  // too large: then the session must not be resumed.
  static bool keep(SSL* ssl, std::uint16_t key_exchange_bits);
  // Of a resumed handshake.
  static SessionData of(SSL* ssl);
};

}  // namespace dtls
