// Protecting records under the keys of a finished handshake (RFC 5246 6.3), beside OpenSSL: it sends no
// empty application record, and a record too short to be one must not reach it.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "core/bytes.h"
#include "core/record.h"

namespace dtls {

enum class ProtectionKind { gcm, ccm, chacha20_poly1305, cbc_mac_then_encrypt };

struct WriteKeys {
  ProtectionKind kind{};
  const EVP_CIPHER* cipher = nullptr;
  const EVP_MD* mac_digest = nullptr;  // CBC only
  std::size_t tag_size = 16;           // AEAD only; 8 for CCM_8
  std::vector<std::uint8_t> mac_key;   // CBC only
  std::vector<std::uint8_t> key;
  std::vector<std::uint8_t> iv;  // AEAD: the implicit part of the nonce

  WriteKeys() = default;
  WriteKeys(WriteKeys&&) noexcept = default;
  WriteKeys& operator=(WriteKeys&&) noexcept = default;
  ~WriteKeys();  // wipes
};

// The least length of a protected record's body: explicit nonce and tag. OpenSSL drops records that don't
// authenticate, but takes a shorter one under an AEAD suite for an internal error, which ends the connection:
// anybody could send it, so it must not get there. 0 where OpenSSL itself drops what is too short (CBC).
std::size_t least_protected_size(SSL* ssl);

// None for a suite that this code does not know or when OpenSSL fails.
std::optional<WriteKeys> server_write_keys(SSL* ssl);

// One whole record. `explicit_nonce` is the 8 bytes that GCM and CCM carry on the wire (RFC 5288, 6655).
// Empty if OpenSSL fails.
std::vector<std::uint8_t> seal_record(const WriteKeys& keys, ContentType type, std::uint16_t epoch,
                                      std::uint64_t sequence, ByteView explicit_nonce, ByteView plaintext);

}  // namespace dtls
