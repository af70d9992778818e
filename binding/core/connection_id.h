// The name of a connection, from its request to its end.
#pragma once

#include <cstdint>

namespace dtls {

// Sequential from the owner's first number on, never reused: 2^53 of them fit a JavaScript number.
using ConnectionId = std::uint64_t;

}  // namespace dtls
