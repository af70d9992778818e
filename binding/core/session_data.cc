#include "core/session_data.h"

#include <openssl/err.h>

#include <array>

#include "core/bytes.h"

namespace dtls {

void SessionData::keep_in(SSL* ssl) const {
  std::array<std::uint8_t, 2> bytes{};
  put_number(bytes.data(), key_exchange_bits, 2);
  if (SSL_SESSION_set1_ticket_appdata(SSL_get_session(ssl), bytes.data(), bytes.size()) != 1) {
    ERR_clear_error();
  }
}

SessionData SessionData::of(SSL* ssl) {
  void* bytes = nullptr;
  std::size_t size = 0;
  SessionData data;
  if (SSL_SESSION_get0_ticket_appdata(SSL_get_session(ssl), &bytes, &size) == 1 && bytes != nullptr) {
    ByteReader reader({static_cast<const std::uint8_t*>(bytes), size});
    data.key_exchange_bits = reader.u16();
  }
  return data;
}

}  // namespace dtls
