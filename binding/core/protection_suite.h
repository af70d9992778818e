// How a cipher suite protects records (RFC 5246 6.2.3, RFC 7366 for encrypt-then-MAC). Under DTLS 1.0, which
// OpenSSL opens, only CBC with MAC-then-encrypt (RFC 4346 6.2.3.2).
#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <cstdint>
#include <limits>

#include "core/record.h"

namespace dtls {

// Lives as long as the process: one for all connections that protect records alike.
struct ProtectionSuite {
  enum class Kind : std::uint8_t { gcm, ccm, chacha20_poly1305, cbc_encrypt_then_mac, cbc_mac_then_encrypt };

  static constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();

  Kind kind{};
  std::uint16_t version = dtls_1_2;
  std::uint8_t mac_key_size = 0;  // CBC: of the HMAC key, and of its output
  std::uint8_t key_size = 0;
  std::uint8_t fixed_iv_size = 0;  // AEAD: the part of the nonce that comes from the key block
  std::uint8_t explicit_size = 0;  // before the ciphertext: nonce (GCM, CCM: 8), IV (CBC: a block), nothing
  std::uint8_t tag_size = 0;       // behind the ciphertext: AEAD tag, or the MAC of encrypt-then-MAC
  const EVP_CIPHER* cipher = nullptr;
  const char* digest = nullptr;  // of the HMAC; CBC only
  // Records that fail to authenticate before the connection must end (RFC 9147 4.5.3): GCM and ChaCha20 2^36,
  // CCM 2^23.5; none for CCM_8, whose limit an attacker reaches at once, and HMAC.
  std::uint64_t forgery_limit = no_limit;
  // 16-byte blocks sealed under one key before the connection must end: 2^24.5 full records for GCM
  // (RFC 8446 5.5), 2^23 for CCM (RFC 9147 4.5.3).
  std::uint64_t sealed_block_limit = no_limit;

  // Null for a suite that this code does not know, and for the 1.3 ones. Thread-safe.
  static const ProtectionSuite* of(const SSL_CIPHER* cipher, bool encrypt_then_mac,
                                   std::uint16_t version = dtls_1_2);

  bool is_cbc() const { return kind == Kind::cbc_encrypt_then_mac || kind == Kind::cbc_mac_then_encrypt; }
  // False for MAC-then-encrypt: decoding it needs constant time, which is OpenSSL's job (Lucky 13).
  bool can_open() const { return kind != Kind::cbc_mac_then_encrypt; }
  std::size_t key_block_size() const { return 2 * (std::size_t{mac_key_size} + key_size + fixed_iv_size); }
  // The shortest body that can be a protected record. OpenSSL drops what does not authenticate, but takes a
  // shorter one under an AEAD suite for an internal error, which ends the connection: it must not get there.
  std::size_t least_body() const { return sealed_size(0) - record_header_size; }
  // A whole sealed record, header included.
  std::size_t sealed_size(std::size_t plaintext_size) const;
};

}  // namespace dtls
