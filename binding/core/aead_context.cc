#include "core/aead_context.h"

#include <openssl/core_names.h>

namespace dtls {

namespace {

int as_int(std::size_t size) { return static_cast<int>(size); }

}  // namespace

bool AeadContext::seal(const DirectionKeys& keys, const AeadNonce& nonce, ByteView associated,
                       ByteView plaintext, std::uint8_t* out) {
  std::uint8_t* const tag = out + plaintext.size();
  int length = 0;
  if (!start(keys, nonce, nullptr) || !process(keys.suite, associated, plaintext, out) ||
      EVP_CipherFinal_ex(ctx_.get(), tag, &length) != 1) {
    return false;
  }
  tag_[0].data = tag;
  return EVP_CIPHER_CTX_get_params(ctx_.get(), tag_.data()) == 1;
}

bool AeadContext::open(const DirectionKeys& keys, const AeadNonce& nonce, ByteView associated,
                       ByteView sealed, std::uint8_t* out) {
  const std::size_t size = sealed.size() - keys.suite.tag_size;
  int length = 0;
  return start(keys, nonce, sealed.data() + size) &&
         process(keys.suite, associated, sealed.sub(0, size), out) &&
         // CCM has verified with the text.
         (keys.suite.kind == ProtectionSuite::Kind::ccm ||
          EVP_CipherFinal_ex(ctx_.get(), out + size, &length) == 1);
}

void AeadContext::forget(std::uint64_t owner) {
  if (holder_.is(owner)) {
    ctx_.reset();
    suite_ = nullptr;
    holder_.clear();
  }
}

bool AeadContext::set_up(const ProtectionSuite& suite) {
  suite_ = nullptr;
  holder_.clear();
  if (ctx_ == nullptr) {
    ctx_.reset(EVP_CIPHER_CTX_new());
  }
  if (ctx_ == nullptr ||
      EVP_CipherInit_ex(ctx_.get(), suite.cipher, nullptr, nullptr, nullptr, static_cast<int>(direction_)) !=
          1 ||
      EVP_CIPHER_CTX_ctrl(ctx_.get(), EVP_CTRL_AEAD_SET_IVLEN, sizeof(AeadNonce), nullptr) != 1) {
    return false;
  }
  // CCM computes with the tag's length, so it must know it before the key.
  if (suite.kind == ProtectionSuite::Kind::ccm &&
      EVP_CIPHER_CTX_ctrl(ctx_.get(), EVP_CTRL_AEAD_SET_TAG, suite.tag_size, nullptr) != 1) {
    return false;
  }
  tag_ = {OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, nullptr, suite.tag_size),
          OSSL_PARAM_construct_end()};
  suite_ = &suite;
  return true;
}

bool AeadContext::start(const DirectionKeys& keys, const AeadNonce& nonce, const std::uint8_t* expected_tag) {
  if (suite_ != &keys.suite && !set_up(keys.suite)) {
    return false;
  }
  const std::uint8_t* const key = holder_.is(keys) ? nullptr : keys.key().data();
  holder_.clear();
  tag_[0].data = const_cast<std::uint8_t*>(expected_tag);  // only read
  const OSSL_PARAM* const parameters = expected_tag != nullptr ? tag_.data() : nullptr;
  if (EVP_CipherInit_ex2(ctx_.get(), nullptr, key, nonce.data(), -1, parameters) != 1) {
    return false;
  }
  holder_.set(keys);
  return true;
}

bool AeadContext::process(const ProtectionSuite& suite, ByteView associated, ByteView text,
                          std::uint8_t* out) {
  // A null input would be taken for additional data, and CCM wants its one update for empty text too.
  static constexpr std::uint8_t nothing = 0;
  EVP_CIPHER_CTX* const ctx = ctx_.get();
  int length = 0;
  return (suite.kind != ProtectionSuite::Kind::ccm ||
          EVP_CipherUpdate(ctx, nullptr, &length, nullptr, as_int(text.size())) == 1) &&
         EVP_CipherUpdate(ctx, nullptr, &length, associated.data(), as_int(associated.size())) == 1 &&
         EVP_CipherUpdate(ctx, out, &length, text.empty() ? &nothing : text.data(), as_int(text.size())) == 1;
}

}  // namespace dtls
