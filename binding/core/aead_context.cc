#include "core/aead_context.h"

namespace dtls {

namespace {

int as_int(std::size_t size) { return static_cast<int>(size); }

bool set_tag(EVP_CIPHER_CTX* ctx, std::size_t size, const std::uint8_t* tag) {
  return EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, as_int(size), const_cast<std::uint8_t*>(tag)) == 1;
}

}  // namespace

bool AeadContext::seal(const DirectionKeys& keys, const AeadNonce& nonce, ByteView associated,
                       ByteView plaintext, std::uint8_t* out) {
  int length = 0;
  return start(keys, nonce) && process(keys.suite, associated, plaintext, out) &&
         EVP_CipherFinal_ex(ctx_.get(), out + plaintext.size(), &length) == 1 &&
         EVP_CIPHER_CTX_ctrl(ctx_.get(), EVP_CTRL_AEAD_GET_TAG, keys.suite.tag_size,
                             out + plaintext.size()) == 1;
}

bool AeadContext::open(const DirectionKeys& keys, const AeadNonce& nonce, ByteView associated,
                       ByteView sealed, std::uint8_t* out) {
  const std::size_t size = sealed.size() - keys.suite.tag_size;
  int length = 0;
  return start(keys, nonce) && set_tag(ctx_.get(), keys.suite.tag_size, sealed.data() + size) &&
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
  if (suite.kind == ProtectionSuite::Kind::ccm && !set_tag(ctx_.get(), suite.tag_size, nullptr)) {
    return false;
  }
  suite_ = &suite;
  return true;
}

bool AeadContext::start(const DirectionKeys& keys, const AeadNonce& nonce) {
  if (suite_ != &keys.suite && !set_up(keys.suite)) {
    return false;
  }
  const bool keyed = holder_.is(keys);
  holder_.clear();
  if (EVP_CipherInit_ex(ctx_.get(), nullptr, nullptr, keyed ? nullptr : keys.key().data(), nonce.data(),
                        -1) != 1) {
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
