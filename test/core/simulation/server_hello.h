// What a ServerHello grants that OpenSSL doesn't tell.
#pragma once

#include "core/bytes.h"

namespace simulation {

// `message` is a whole handshake message with its 12-byte header, of any type.
bool grants_encrypt_then_mac(dtls::ByteView message);

}  // namespace simulation
