#include "simulation/server_hello.h"

#include "core/record.h"

namespace simulation {

bool grants_encrypt_then_mac(dtls::ByteView message) {
  constexpr std::uint16_t encrypt_then_mac = 22;  // RFC 7366
  dtls::ByteReader reader(message);
  if (reader.u8() != static_cast<std::uint8_t>(dtls::HandshakeType::server_hello)) {
    return false;
  }
  reader.take(dtls::handshake_header_size - 1);
  reader.take(2 + 32);       // version, random
  reader.take(reader.u8());  // session id
  reader.take(2 + 1);        // suite, compression
  const dtls::ByteView extensions = reader.take(reader.u16());
  dtls::ByteReader rest(extensions);
  while (reader.ok() && rest.remaining() > 0) {
    const std::uint16_t type = rest.u16();
    rest.take(rest.u16());
    if (type == encrypt_then_mac && rest.ok()) {
      return true;
    }
  }
  return false;
}

}  // namespace simulation
