#include "core/cbc_context.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "core/record.h"

namespace dtls {

namespace {

constexpr std::size_t max_padding = 256;

int as_int(std::size_t size) { return static_cast<int>(size); }

// Each byte of the padding tells how many others there are.
void pad(std::uint8_t* at, std::size_t size) { std::memset(at, static_cast<int>(size) - 1, size); }

// The MAC has been verified, so only the peer itself learns anything from the time this takes.
std::optional<std::size_t> without_padding(ByteView text) {
  const std::uint8_t last = text[text.size() - 1];
  const std::size_t padding = std::size_t{last} + 1;
  if (padding > text.size()) {
    return std::nullopt;
  }
  const std::size_t size = text.size() - padding;
  const ByteView bytes = text.from(size);
  if (size > max_plaintext ||
      !std::all_of(bytes.begin(), bytes.end(), [last](auto b) { return b == last; })) {
    return std::nullopt;
  }
  return size;
}

}  // namespace

bool CbcContext::seal(const DirectionKeys& keys, ByteView associated, ByteView plaintext, std::uint8_t* out) {
  if (!start(keys)) {
    return false;
  }
  const ProtectionSuite& suite = keys.suite;
  const bool mac_first = suite.kind == ProtectionSuite::Kind::cbc_mac_then_encrypt;
  const std::size_t block = suite.explicit_size;
  std::uint8_t* const text = out + block;
  std::size_t size = plaintext.size();
  std::copy(plaintext.begin(), plaintext.end(), text);
  if (mac_first) {
    if (!mac(associated, plaintext, text + size)) {
      return false;
    }
    size += suite.mac_key_size;
  }
  const std::size_t padding = block - size % block;
  pad(text + size, padding);
  size += padding;
  return RAND_bytes(out, as_int(block)) == 1 && crypt(out, {text, size}, text) &&
         (mac_first || mac(associated, {out, block + size}, text + size));
}

std::optional<std::size_t> CbcContext::open(const DirectionKeys& keys, ByteView associated, ByteView body,
                                            std::uint8_t* out) {
  const ProtectionSuite& suite = keys.suite;
  const std::size_t block = suite.explicit_size;
  const ByteView covered = body.sub(0, body.size() - suite.tag_size);
  const ByteView ciphertext = covered.from(block);
  if (ciphertext.size() % block != 0 || ciphertext.size() > max_plaintext + max_padding) {
    return std::nullopt;
  }
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> expected{};
  if (!start(keys) || !mac(associated, covered, expected.data()) ||
      CRYPTO_memcmp(expected.data(), covered.end(), suite.tag_size) != 0) {
    return std::nullopt;
  }
  // With its padding the text can be longer than `out`.
  std::array<std::uint8_t, max_plaintext + max_padding> text;
  if (!crypt(covered.data(), ciphertext, text.data())) {
    return std::nullopt;
  }
  const auto size = without_padding({text.data(), ciphertext.size()});
  if (size) {
    std::copy_n(text.begin(), *size, out);
  }
  return size;
}

void CbcContext::forget(std::uint64_t owner) {
  if (holder_.is(owner)) {
    cipher_.reset();
    mac_.reset();
    suite_ = nullptr;
    holder_.clear();
  }
}

bool CbcContext::set_up(const ProtectionSuite& suite) {
  suite_ = nullptr;
  holder_.clear();
  if (cipher_ == nullptr) {
    cipher_.reset(EVP_CIPHER_CTX_new());
  }
  if (mac_ == nullptr) {
    static EVP_MAC* const hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);  // a thread may outlive main()
    mac_.reset(hmac != nullptr ? EVP_MAC_CTX_new(hmac) : nullptr);
  }
  const OSSL_PARAM digest[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>(suite.digest), 0),
      OSSL_PARAM_construct_end(),
  };
  if (cipher_ == nullptr || mac_ == nullptr || EVP_MAC_CTX_set_params(mac_.get(), digest) != 1 ||
      EVP_CipherInit_ex(cipher_.get(), suite.cipher, nullptr, nullptr, nullptr,
                        static_cast<int>(direction_)) != 1 ||
      EVP_CIPHER_CTX_set_padding(cipher_.get(), 0) != 1) {
    return false;
  }
  suite_ = &suite;
  return true;
}

bool CbcContext::start(const DirectionKeys& keys) {
  if (suite_ != &keys.suite && !set_up(keys.suite)) {
    return false;
  }
  if (holder_.is(keys)) {
    return EVP_MAC_init(mac_.get(), nullptr, 0, nullptr) == 1;
  }
  holder_.clear();
  const ByteView mac_key = keys.mac_key();
  if (EVP_CipherInit_ex(cipher_.get(), nullptr, nullptr, keys.key().data(), nullptr, -1) != 1 ||
      EVP_MAC_init(mac_.get(), mac_key.data(), mac_key.size(), nullptr) != 1) {
    return false;
  }
  holder_.set(keys);
  return true;
}

bool CbcContext::mac(ByteView associated, ByteView text, std::uint8_t* out) {
  std::size_t size = 0;
  return EVP_MAC_update(mac_.get(), associated.data(), associated.size()) == 1 &&
         EVP_MAC_update(mac_.get(), text.data(), text.size()) == 1 &&
         EVP_MAC_final(mac_.get(), out, &size, suite_->mac_key_size) == 1;
}

bool CbcContext::crypt(const std::uint8_t* iv, ByteView text, std::uint8_t* out) {
  int length = 0;
  return EVP_CipherInit_ex(cipher_.get(), nullptr, nullptr, nullptr, iv, -1) == 1 &&
         EVP_CipherUpdate(cipher_.get(), out, &length, text.data(), as_int(text.size())) == 1;
}

}  // namespace dtls
