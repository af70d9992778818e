// What a ServerHello grants that OpenSSL doesn't tell.
#pragma once

#include <cstdint>
#include <optional>

#include "core/bytes.h"

namespace simulation {

// Both take a handshake message of any type with its 12-byte header; the first one a whole message, the
// second one also its first fragment.
bool grants_encrypt_then_mac(dtls::ByteView message);
std::optional<std::uint16_t> chosen_suite(dtls::ByteView message);

}  // namespace simulation
