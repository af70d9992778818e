// The key block: the keys of both directions, from the master secret and the randoms (RFC 5246 6.3).
#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "core/bytes.h"
#include "core/protection_suite.h"

namespace dtls {

// Whose keys: those that the client, or the server, writes with.
enum class Writer : std::uint8_t { client, server };

// Each kind of key twice, the client's first. Wiped when it goes.
class KeyBlock {
 public:
  KeyBlock() = default;
  explicit KeyBlock(std::size_t size);
  KeyBlock(KeyBlock&& other) noexcept;
  KeyBlock& operator=(KeyBlock&& other) noexcept;
  ~KeyBlock();

  // From the master secret and the randoms, as soon as both are known. None if OpenSSL fails.
  static std::optional<KeyBlock> derive(SSL* ssl, const ProtectionSuite& suite);

  bool empty() const { return size_ == 0; }
  std::uint8_t* data() { return bytes_.get(); }
  ByteView mac_key(const ProtectionSuite& suite, Writer writer) const;
  ByteView key(const ProtectionSuite& suite, Writer writer) const;
  ByteView fixed_iv(const ProtectionSuite& suite, Writer writer) const;

 private:
  ByteView part(std::size_t offset, std::size_t size, Writer writer) const;

  std::unique_ptr<std::uint8_t[]> bytes_;
  std::size_t size_ = 0;
};

// The keys of one direction of one connection. `owner` tells connections apart and is never used again.
struct DirectionKeys {
  const ProtectionSuite& suite;
  const KeyBlock& block;
  Writer writer;
  std::uint64_t owner;

  ByteView mac_key() const { return block.mac_key(suite, writer); }
  ByteView key() const { return block.key(suite, writer); }
  ByteView fixed_iv() const { return block.fixed_iv(suite, writer); }
};

// Whom a context is keyed for.
class KeyHolder {
 public:
  bool is(const DirectionKeys& keys) const { return held_ && owner_ == keys.owner && writer_ == keys.writer; }
  bool is(std::uint64_t owner) const { return held_ && owner_ == owner; }
  void set(const DirectionKeys& keys) { held_ = true, owner_ = keys.owner, writer_ = keys.writer; }
  void clear() { held_ = false; }

 private:
  bool held_ = false;
  Writer writer_{};
  std::uint64_t owner_ = 0;
};

// P_<digest>(secret, label + seed) of RFC 5246 5, `size` bytes to `out`; the PRF of RFC 4346 5 for
// "MD5-SHA1". False if OpenSSL fails.
bool tls_prf(const char* digest, ByteView secret, ByteView label_and_seed, std::uint8_t* out,
             std::size_t size);

}  // namespace dtls
