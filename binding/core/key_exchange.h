// What our ServerKeyExchange tells of a handshake's ephemeral key (RFC 8422 5.4, RFC 5246 7.4.3).
#pragma once

#include <cstdint>
#include <string>

#include "core/bytes.h"

namespace dtls {

struct KeyExchange {
  std::string group;       // IANA name, "group 4711" for one without a name here; "" for finite-field DH
  std::uint16_t bits = 0;  // of the curve or the prime; 0 if unknown
};

// `body` without its handshake header.
KeyExchange read_server_key_exchange(ByteView body);

}  // namespace dtls
