// One direction of an AEAD cipher (RFC 5116), keyed for one connection at a time.
#pragma once

#include <openssl/evp.h>
#include <openssl/params.h>

#include <array>
#include <cstdint>

#include "core/bytes.h"
#include "core/key_block.h"
#include "core/openssl_ptr.h"

namespace dtls {

using AeadNonce = std::array<std::uint8_t, 12>;

class AeadContext {
 public:
  enum class Direction : int { open = 0, seal = 1 };  // as EVP_CipherInit_ex has it

  explicit AeadContext(Direction direction) : direction_(direction) {}

  // Ciphertext of the plaintext's size, then the tag, to `out`.
  bool seal(const DirectionKeys& keys, const AeadNonce& nonce, ByteView associated, ByteView plaintext,
            std::uint8_t* out);
  // False if the tag, which ends `sealed`, says otherwise. `out` has room for sealed.size() minus the tag.
  bool open(const DirectionKeys& keys, const AeadNonce& nonce, ByteView associated, ByteView sealed,
            std::uint8_t* out);

  // Wipes what belongs to this connection.
  void forget(std::uint64_t owner);

 private:
  bool set_up(const ProtectionSuite& suite);
  bool start(const DirectionKeys& keys, const AeadNonce& nonce, const std::uint8_t* expected_tag);
  bool process(const ProtectionSuite& suite, ByteView associated, ByteView text, std::uint8_t* out);

  Direction direction_;
  EvpCipherCtxPtr ctx_;
  std::array<OSSL_PARAM, 2> tag_{};  // where it is read from or written to changes with each record
  const ProtectionSuite* suite_ = nullptr;
  KeyHolder holder_;
};

}  // namespace dtls
