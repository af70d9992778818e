// One direction of a block cipher in CBC mode with HMAC (RFC 5246 6.2.3.2, RFC 7366), keyed for one
// connection at a time.
#pragma once

#include <openssl/evp.h>

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/bytes.h"
#include "core/key_block.h"
#include "core/openssl_ptr.h"

namespace dtls {

class CbcContext {
 public:
  enum class Direction : int { open = 0, seal = 1 };  // as EVP_CipherInit_ex has it

  explicit CbcContext(Direction direction) : direction_(direction) {}

  // A whole record body to `out`. `associated` precedes the text under the MAC.
  bool seal(const DirectionKeys& keys, ByteView associated, ByteView plaintext, std::uint8_t* out);
  // Encrypt-then-MAC only: the length of the plaintext, at most max_plaintext, or none.
  std::optional<std::size_t> open(const DirectionKeys& keys, ByteView associated, ByteView body,
                                  std::uint8_t* out);

  // Wipes what belongs to this connection.
  void forget(std::uint64_t owner);

 private:
  bool set_up(const ProtectionSuite& suite);
  bool start(const DirectionKeys& keys);
  bool mac(ByteView associated, ByteView text, std::uint8_t* out);
  bool crypt(const std::uint8_t* iv, ByteView text, std::uint8_t* out);

  Direction direction_;
  EvpCipherCtxPtr cipher_;
  EvpMacCtxPtr mac_;
  const ProtectionSuite* suite_ = nullptr;
  KeyHolder holder_;
};

}  // namespace dtls
