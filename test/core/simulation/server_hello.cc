#include "simulation/server_hello.h"

#include "core/record.h"

namespace simulation {

namespace {

// Up to the session id, inclusive. False for another message.
bool enter_server_hello(dtls::ByteReader& reader) {
  if (reader.u8() != static_cast<std::uint8_t>(dtls::HandshakeType::server_hello)) {
    return false;
  }
  reader.take(dtls::handshake_header_size - 1);
  reader.take(2 + 32);  // version, random
  reader.take(reader.u8());
  return true;
}

}  // namespace

bool grants_encrypt_then_mac(dtls::ByteView message) {
  constexpr std::uint16_t encrypt_then_mac = 22;  // RFC 7366
  dtls::ByteReader reader(message);
  if (!enter_server_hello(reader)) {
    return false;
  }
  reader.take(2 + 1);  // suite, compression
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

std::optional<std::uint16_t> chosen_suite(dtls::ByteView message) {
  dtls::ByteReader reader(message);
  if (!enter_server_hello(reader)) {
    return std::nullopt;
  }
  const std::uint16_t suite = reader.u16();
  return reader.ok() ? std::optional<std::uint16_t>(suite) : std::nullopt;
}

}  // namespace simulation
