// A client that holds the keys and sends what OpenSSL would not.
#pragma once

#include <cstdint>

#include "core/bytes.h"
#include "core/record.h"
#include "simulation/client.h"

namespace simulation {

// The suite that seal_as_client knows.
constexpr const char* insider_suite = "ECDHE-ECDSA-AES128-GCM-SHA256";

// An epoch-1 record that authenticates as the client's; its handshake must have ended with insider_suite.
// OpenSSL's own records number from 0: take far higher ones.
Bytes seal_as_client(Client& client, dtls::ContentType type, std::uint64_t sequence,
                     dtls::ByteView plaintext);

}  // namespace simulation
