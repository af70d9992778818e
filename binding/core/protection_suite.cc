#include "core/protection_suite.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>

#include <map>
#include <mutex>
#include <string>
#include <tuple>

namespace dtls {

namespace {

using Kind = ProtectionSuite::Kind;

constexpr std::uint64_t blocks_of_full_record = max_plaintext / 16;

// OpenSSL keeps the length of the tag to itself; the suite's registered name tells it (RFC 6655, 7251).
bool has_short_tag(const SSL_CIPHER* cipher) {
  const std::string name = SSL_CIPHER_standard_name(cipher);
  static constexpr char ending[] = "_CCM_8";
  static constexpr std::size_t size = sizeof ending - 1;
  return name.size() > size && name.compare(name.size() - size, size, ending) == 0;
}

void describe_gcm(ProtectionSuite& suite) {
  suite.kind = Kind::gcm;
  suite.fixed_iv_size = 4;
  suite.explicit_size = 8;
  suite.tag_size = 16;
  suite.forgery_limit = std::uint64_t{1} << 36;
  suite.sealed_block_limit = 23'726'566 * blocks_of_full_record;  // 2^24.5
}

void describe_ccm(ProtectionSuite& suite, bool short_tag) {
  suite.kind = Kind::ccm;
  suite.fixed_iv_size = 4;
  suite.explicit_size = 8;
  suite.tag_size = short_tag ? 8 : 16;
  suite.forgery_limit = short_tag ? ProtectionSuite::no_limit : 11'863'283;  // 2^23.5
  suite.sealed_block_limit = (std::uint64_t{1} << 23) * blocks_of_full_record;
}

void describe_chacha20_poly1305(ProtectionSuite& suite) {
  suite.kind = Kind::chacha20_poly1305;
  suite.fixed_iv_size = 12;
  suite.tag_size = 16;
  suite.forgery_limit = std::uint64_t{1} << 36;
}

bool describe_cbc(ProtectionSuite& suite, int digest_nid, bool encrypt_then_mac) {
  const EVP_MD* digest = EVP_get_digestbynid(digest_nid);
  if (digest == nullptr) {
    return false;
  }
  suite.kind = encrypt_then_mac ? Kind::cbc_encrypt_then_mac : Kind::cbc_mac_then_encrypt;
  suite.digest = OBJ_nid2sn(digest_nid);
  suite.mac_key_size = static_cast<std::uint8_t>(EVP_MD_get_size(digest));
  suite.explicit_size = static_cast<std::uint8_t>(EVP_CIPHER_get_block_size(suite.cipher));
  suite.tag_size = encrypt_then_mac ? suite.mac_key_size : 0;
  return true;
}

bool describe(ProtectionSuite& suite, int cipher_nid, int digest_nid, bool short_tag, bool encrypt_then_mac) {
  // Never freed: a thread may outlive main().
  suite.cipher = EVP_CIPHER_fetch(nullptr, OBJ_nid2sn(cipher_nid), nullptr);
  if (suite.cipher == nullptr) {
    ERR_clear_error();
    return false;
  }
  suite.key_size = static_cast<std::uint8_t>(EVP_CIPHER_get_key_length(suite.cipher));
  switch (EVP_CIPHER_get_mode(suite.cipher)) {
    case EVP_CIPH_GCM_MODE:
      describe_gcm(suite);
      return true;
    case EVP_CIPH_CCM_MODE:
      describe_ccm(suite, short_tag);
      return true;
    case EVP_CIPH_CBC_MODE:
      return describe_cbc(suite, digest_nid, encrypt_then_mac);
    default:
      describe_chacha20_poly1305(suite);
      return cipher_nid == NID_chacha20_poly1305;
  }
}

}  // namespace

const ProtectionSuite* ProtectionSuite::of(const SSL_CIPHER* cipher, bool encrypt_then_mac,
                                           std::uint16_t version) {
  const int cipher_nid = SSL_CIPHER_get_cipher_nid(cipher);
  // A 1.3 suite names no key exchange.
  if (cipher_nid == NID_undef || SSL_CIPHER_get_kx_nid(cipher) == NID_kx_any) {
    return nullptr;
  }
  const int digest_nid = SSL_CIPHER_get_digest_nid(cipher);
  const auto parts = std::make_tuple(cipher_nid, digest_nid, has_short_tag(cipher), encrypt_then_mac);
  const auto key = std::make_pair(parts, version);

  // Both outlive main() for the same reason as the ciphers. An entry of a map stays where it is.
  static std::mutex& mutex = *new std::mutex;
  static auto& known = *new std::map<decltype(key), ProtectionSuite>;
  const std::lock_guard<std::mutex> lock(mutex);
  const auto found = known.find(key);
  if (found != known.end()) {
    return &found->second;
  }
  ProtectionSuite suite;
  if (!std::apply([&](auto... part) { return describe(suite, part...); }, parts)) {
    return nullptr;
  }
  suite.version = version;
  return &known.emplace(key, suite).first->second;
}

std::size_t ProtectionSuite::sealed_size(std::size_t plaintext_size) const {
  const std::size_t around = record_header_size + explicit_size + tag_size;
  if (!is_cbc()) {
    return around + plaintext_size;
  }
  // Between 1 byte and a block of padding.
  const std::size_t encrypted = plaintext_size + (kind == Kind::cbc_mac_then_encrypt ? mac_key_size : 0);
  return around + (encrypted / explicit_size + 1) * explicit_size;
}

}  // namespace dtls
