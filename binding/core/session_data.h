// What we want to know again when a client resumes its session, and OpenSSL does not keep: it goes into the
// session, and with that into its ticket.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>

namespace dtls {

struct SessionData {
  std::uint16_t key_exchange_bits = 0;

  // Before the ticket is written. Without memory the session goes without.
  void keep_in(SSL* ssl) const;
  // Of a resumed handshake.
  static SessionData of(SSL* ssl);
};

}  // namespace dtls
