// What a handshake has agreed on, in as few bytes as tell it: every connection keeps it.
#pragma once

#include <cstdint>

namespace dtls {

struct Negotiated {
  std::uint16_t version = 0;            // dtls_1_0 or dtls_1_2
  std::uint16_t suite = 0;              // its IANA number: cipher_suite()
  std::uint16_t key_exchange_bits = 0;  // of the curve, the prime or the RSA modulus
};

}  // namespace dtls
