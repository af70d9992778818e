// Reading a ClientHello from a stranger, and the HelloVerifyRequest that answers it (RFC 6347 4.2.1).
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "core/bytes.h"
#include "core/record.h"

namespace dtls {

// The part of a ClientHello that the cookie covers, and the cookie. Views point into the datagram. A hello
// may come in fragments (big tickets, many extensions), the first one too: only what stands up to the
// cookie has to be in it (findings of OpenSSL and GnuTLS peers).
struct ClientHello {
  std::uint64_t record_sequence = 0;
  std::uint16_t message_seq = 0;
  std::uint16_t client_version = 0;
  ByteView random;                  // 32 bytes
  ByteView session_id;              // 0 to 32 bytes
  ByteView cookie;                  // 0 to 255 bytes
  ByteView covered;                 // client_version, random and session_id as on the wire
  bool whole = false;               // the message came unfragmented
  unsigned cipher_suite_count = 0;  // 0 if it isn't in this fragment

  std::array<std::uint8_t, 32> random_array() const;
};

enum class HelloProblem { none, not_a_hello, later_fragment, malformed };

struct HelloReading {
  HelloProblem problem = HelloProblem::none;
  ClientHello hello;
};

// Reads the first record of a datagram. Only message_seq 0 and 1 are hellos of a handshake that begins:
// others give not_a_hello.
HelloReading read_client_hello(ByteView datagram);

// The whole datagram: one record that repeats the hello's sequence number, version DTLS 1.0 as RFC 6347
// 4.2.1 wants it, message_seq 0. It lives on the stack, for strangers may not make us allocate. The cookie
// has at most 32 bytes.
class HelloVerifyRequest {
 public:
  HelloVerifyRequest(std::uint64_t record_sequence, ByteView cookie);
  ByteView bytes() const { return {bytes_.data(), size_}; }

 private:
  std::array<std::uint8_t, record_header_size + handshake_header_size + 3 + 32> bytes_;
  std::size_t size_;
};

}  // namespace dtls
