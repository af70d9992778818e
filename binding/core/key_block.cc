#include "core/key_block.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/kdf.h>
#include <openssl/objects.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/openssl_ptr.h"

namespace dtls {

namespace {

using EvpKdfCtxPtr = std::unique_ptr<EVP_KDF_CTX, OpenSslDeleter<EVP_KDF_CTX_free>>;

// OpenSSL names MD5-SHA1 for the suites older than TLS 1.2. From 1.2 on their PRF is SHA-256's (RFC 5246 5);
// before, every suite's is MD5's and SHA-1's together (RFC 4346 5).
const char* prf_digest(const SSL_CIPHER* cipher, std::uint16_t version) {
  if (version == dtls_1_0) {
    return "MD5-SHA1";
  }
  const EVP_MD* digest = SSL_CIPHER_get_handshake_digest(cipher);
  return digest != nullptr && EVP_MD_get_type(digest) != NID_md5_sha1 ? EVP_MD_get0_name(digest) : "SHA256";
}

// OSSL_PARAMs take what they only read by a pointer to non-const.
void* readable(const void* bytes) { return const_cast<void*>(bytes); }

}  // namespace

bool tls_prf(const char* digest, ByteView secret, ByteView label_and_seed, std::uint8_t* out,
             std::size_t size) {
  static EVP_KDF* const prf = EVP_KDF_fetch(nullptr, "TLS1-PRF", nullptr);  // a thread may outlive main()
  const EvpKdfCtxPtr ctx(prf != nullptr ? EVP_KDF_CTX_new(prf) : nullptr);
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, static_cast<char*>(readable(digest)), 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET, readable(secret.data()), secret.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, readable(label_and_seed.data()),
                                        label_and_seed.size()),
      OSSL_PARAM_construct_end(),
  };
  if (ctx != nullptr && EVP_KDF_derive(ctx.get(), out, size, parameters) == 1) {
    return true;
  }
  ERR_clear_error();
  return false;
}

KeyBlock::KeyBlock(std::size_t size) : bytes_(std::make_unique<std::uint8_t[]>(size)), size_(size) {}

KeyBlock::KeyBlock(KeyBlock&& other) noexcept
    : bytes_(std::move(other.bytes_)), size_(std::exchange(other.size_, 0)) {}

KeyBlock& KeyBlock::operator=(KeyBlock&& other) noexcept {
  KeyBlock taken(std::move(other));
  std::swap(bytes_, taken.bytes_);
  std::swap(size_, taken.size_);
  return *this;
}

KeyBlock::~KeyBlock() {
  if (bytes_ != nullptr) {
    OPENSSL_cleanse(bytes_.get(), size_);
  }
}

std::optional<KeyBlock> KeyBlock::derive(SSL* ssl, const ProtectionSuite& suite) {
  std::array<std::uint8_t, SSL_MAX_MASTER_KEY_LENGTH> master{};
  const std::size_t master_size =
      SSL_SESSION_get_master_key(SSL_get0_session(ssl), master.data(), master.size());
  static constexpr char label[] = "key expansion";
  constexpr std::size_t label_size = sizeof label - 1;
  std::array<std::uint8_t, label_size + 2 * SSL3_RANDOM_SIZE> seed{};
  std::copy_n(label, label_size, seed.begin());
  SSL_get_server_random(ssl, seed.data() + label_size, SSL3_RANDOM_SIZE);
  SSL_get_client_random(ssl, seed.data() + label_size + SSL3_RANDOM_SIZE, SSL3_RANDOM_SIZE);

  // Until the handshake is complete the suite is the pending one.
  const SSL_CIPHER* cipher = SSL_get_current_cipher(ssl);
  if (cipher == nullptr) {
    cipher = SSL_get_pending_cipher(ssl);
  }
  std::optional<KeyBlock> block;
  if (cipher != nullptr && master_size > 0) {
    block.emplace(suite.key_block_size());
    if (!tls_prf(prf_digest(cipher, suite.version), {master.data(), master_size}, {seed.data(), seed.size()},
                 block->data(), block->size_)) {
      block.reset();
    }
  }
  OPENSSL_cleanse(master.data(), master.size());
  return block;
}

ByteView KeyBlock::mac_key(const ProtectionSuite& suite, Writer writer) const {
  return part(0, suite.mac_key_size, writer);
}

ByteView KeyBlock::key(const ProtectionSuite& suite, Writer writer) const {
  return part(2 * std::size_t{suite.mac_key_size}, suite.key_size, writer);
}

ByteView KeyBlock::fixed_iv(const ProtectionSuite& suite, Writer writer) const {
  return part(2 * (std::size_t{suite.mac_key_size} + suite.key_size), suite.fixed_iv_size, writer);
}

ByteView KeyBlock::part(std::size_t offset, std::size_t size, Writer writer) const {
  return {bytes_.get() + offset + (writer == Writer::server ? size : 0), size};
}

}  // namespace dtls
