// A client that holds the keys: it sends what OpenSSL would not, and reads what OpenSSL would not show.
#pragma once

#include <cstdint>
#include <optional>

#include "core/bytes.h"
#include "core/record.h"
#include "simulation/client.h"

namespace simulation {

// A suite for tests that don't care.
constexpr const char* insider_suite = "ECDHE-ECDSA-AES128-GCM-SHA256";

// An epoch-1 record that authenticates as the client's. OpenSSL's own records number from 0: take far higher
// ones, and never one twice.
Bytes seal_as_client(Client& client, dtls::ContentType type, std::uint64_t sequence,
                     dtls::ByteView plaintext);

// What the server has put into this record; none if it is not the server's.
std::optional<Bytes> open_as_client(Client& client, dtls::ByteView record);

}  // namespace simulation
