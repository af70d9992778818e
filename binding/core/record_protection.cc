#include "core/record_protection.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/kdf.h>
#include <openssl/objects.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <array>
#include <memory>
#include <string>

#include "core/openssl_ptr.h"

namespace dtls {

namespace {

using EvpKdfPtr = std::unique_ptr<EVP_KDF, OpenSslDeleter<EVP_KDF_free>>;
using EvpKdfCtxPtr = std::unique_ptr<EVP_KDF_CTX, OpenSslDeleter<EVP_KDF_CTX_free>>;
using EvpCipherCtxPtr = std::unique_ptr<EVP_CIPHER_CTX, OpenSslDeleter<EVP_CIPHER_CTX_free>>;

constexpr std::size_t explicit_nonce_size = 8;  // of GCM and CCM (RFC 5288 3, RFC 6655 3)

int as_int(std::size_t size) { return static_cast<int>(size); }

void wipe(std::vector<std::uint8_t>& bytes) {
  if (!bytes.empty()) {
    OPENSSL_cleanse(bytes.data(), bytes.size());
  }
}

bool describe_suite(const SSL_CIPHER* suite, WriteKeys& keys) {
  keys.cipher = EVP_get_cipherbynid(SSL_CIPHER_get_cipher_nid(suite));
  if (!keys.cipher) {
    return false;
  }
  const std::string name = SSL_CIPHER_standard_name(suite);
  switch (EVP_CIPHER_get_mode(keys.cipher)) {
    case EVP_CIPH_GCM_MODE:
      keys.kind = ProtectionKind::gcm;
      return true;
    case EVP_CIPH_CCM_MODE:
      keys.kind = ProtectionKind::ccm;
      if (name.size() > 6 && name.compare(name.size() - 6, 6, "_CCM_8") == 0) {
        keys.tag_size = 8;
      }
      return true;
    case EVP_CIPH_CBC_MODE:
      keys.kind = ProtectionKind::cbc_mac_then_encrypt;
      keys.mac_digest = EVP_get_digestbynid(SSL_CIPHER_get_digest_nid(suite));
      return keys.mac_digest != nullptr;
    default:
      keys.kind = ProtectionKind::chacha20_poly1305;
      return EVP_CIPHER_get_nid(keys.cipher) == NID_chacha20_poly1305;
  }
}

// OpenSSL names MD5-SHA1 for the suites older than TLS 1.2; there their PRF is SHA-256's (RFC 5246 5).
const char* prf_digest(const SSL_CIPHER* suite) {
  const EVP_MD* digest = SSL_CIPHER_get_handshake_digest(suite);
  return digest && EVP_MD_get_type(digest) != NID_md5_sha1 ? EVP_MD_get0_name(digest) : "SHA256";
}

bool key_expansion(SSL* ssl, std::vector<std::uint8_t>& block) {
  std::array<std::uint8_t, SSL_MAX_MASTER_KEY_LENGTH> master{};
  const std::size_t master_size =
      SSL_SESSION_get_master_key(SSL_get0_session(ssl), master.data(), master.size());
  static constexpr char label[] = "key expansion";
  std::vector<std::uint8_t> seed(label, label + sizeof label - 1);
  std::array<std::uint8_t, SSL3_RANDOM_SIZE> random{};
  SSL_get_server_random(ssl, random.data(), random.size());
  append(seed, {random.data(), random.size()});
  SSL_get_client_random(ssl, random.data(), random.size());
  append(seed, {random.data(), random.size()});

  const EvpKdfPtr kdf(EVP_KDF_fetch(nullptr, "TLS1-PRF", nullptr));
  const EvpKdfCtxPtr ctx(kdf ? EVP_KDF_CTX_new(kdf.get()) : nullptr);
  std::string digest = prf_digest(SSL_get_current_cipher(ssl));
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET, master.data(), master_size),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, seed.data(), seed.size()),
      OSSL_PARAM_construct_end(),
  };
  const bool done = ctx && EVP_KDF_derive(ctx.get(), block.data(), block.size(), parameters) == 1;
  OPENSSL_cleanse(master.data(), master.size());
  return done;
}

std::array<std::uint8_t, 13> pseudo_header(ContentType type, std::uint16_t epoch, std::uint64_t sequence,
                                           std::size_t length) {
  std::array<std::uint8_t, 13> header{};
  put_number(header.data(), epoch, 2);
  put_number(header.data() + 2, sequence, 6);
  header[8] = static_cast<std::uint8_t>(type);
  put_number(header.data() + 9, dtls_1_2, 2);
  put_number(header.data() + 11, length, 2);
  return header;
}

std::vector<std::uint8_t> nonce_of(const WriteKeys& keys, ByteView explicit_nonce, ByteView header) {
  std::vector<std::uint8_t> nonce = keys.iv;
  if (keys.kind == ProtectionKind::chacha20_poly1305) {
    for (std::size_t i = 0; i < 8; ++i) {
      nonce[4 + i] ^= header[i];  // RFC 7905 2
    }
  } else {
    append(nonce, explicit_nonce);
  }
  return nonce;
}

// The protected body, or false.
bool seal_aead(const WriteKeys& keys, ByteView header, ByteView explicit_nonce, ByteView plaintext,
               std::vector<std::uint8_t>& body) {
  const std::vector<std::uint8_t> nonce = nonce_of(keys, explicit_nonce, header);
  if (keys.kind != ProtectionKind::chacha20_poly1305) {
    append(body, explicit_nonce);
  }
  const std::size_t at = body.size();
  body.resize(at + plaintext.size() + keys.tag_size);
  std::uint8_t* tag = body.data() + at + plaintext.size();

  const EvpCipherCtxPtr ctx(EVP_CIPHER_CTX_new());
  const bool ccm = keys.kind == ProtectionKind::ccm;
  int length = 0;
  if (!ctx || EVP_EncryptInit_ex(ctx.get(), keys.cipher, nullptr, nullptr, nullptr) != 1 ||
      EVP_CIPHER_CTX_ctrl(ctx.get(), EVP_CTRL_AEAD_SET_IVLEN, as_int(nonce.size()), nullptr) != 1 ||
      (ccm && EVP_CIPHER_CTX_ctrl(ctx.get(), EVP_CTRL_AEAD_SET_TAG, as_int(keys.tag_size), nullptr) != 1) ||
      EVP_EncryptInit_ex(ctx.get(), nullptr, nullptr, keys.key.data(), nonce.data()) != 1 ||
      (ccm && EVP_EncryptUpdate(ctx.get(), nullptr, &length, nullptr, as_int(plaintext.size())) != 1) ||
      EVP_EncryptUpdate(ctx.get(), nullptr, &length, header.data(), as_int(header.size())) != 1) {
    return false;
  }
  // A null input would be taken for additional data, and CCM wants its one update for empty text too.
  static constexpr std::uint8_t nothing = 0;
  const std::uint8_t* text = plaintext.empty() ? &nothing : plaintext.data();
  if (EVP_EncryptUpdate(ctx.get(), body.data() + at, &length, text, as_int(plaintext.size())) != 1) {
    return false;
  }
  return EVP_EncryptFinal_ex(ctx.get(), tag, &length) == 1 &&
         EVP_CIPHER_CTX_ctrl(ctx.get(), EVP_CTRL_AEAD_GET_TAG, as_int(keys.tag_size), tag) == 1;
}

bool seal_cbc(const WriteKeys& keys, ByteView header, ByteView plaintext, std::vector<std::uint8_t>& body) {
  std::vector<std::uint8_t> authenticated = header.copy();
  append(authenticated, plaintext);
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> mac{};
  std::size_t mac_size = 0;
  if (!EVP_Q_mac(nullptr, "HMAC", nullptr, EVP_MD_get0_name(keys.mac_digest), nullptr, keys.mac_key.data(),
                 keys.mac_key.size(), authenticated.data(), authenticated.size(), mac.data(), mac.size(),
                 &mac_size)) {
    return false;
  }
  const auto block = static_cast<std::size_t>(EVP_CIPHER_get_block_size(keys.cipher));
  std::vector<std::uint8_t> padded = plaintext.copy();
  append(padded, {mac.data(), mac_size});
  const std::size_t padding = block - padded.size() % block;  // each byte tells how many others there are
  padded.insert(padded.end(), padding, static_cast<std::uint8_t>(padding - 1));

  body.resize(block + padded.size());
  const EvpCipherCtxPtr ctx(EVP_CIPHER_CTX_new());
  int length = 0;
  return ctx && RAND_bytes(body.data(), as_int(block)) == 1 &&
         EVP_EncryptInit_ex(ctx.get(), keys.cipher, nullptr, keys.key.data(), body.data()) == 1 &&
         EVP_CIPHER_CTX_set_padding(ctx.get(), 0) == 1 &&
         EVP_EncryptUpdate(ctx.get(), body.data() + block, &length, padded.data(), as_int(padded.size())) ==
             1;
}

}  // namespace

WriteKeys::~WriteKeys() {
  wipe(mac_key);
  wipe(key);
  wipe(iv);
}

std::size_t least_protected_size(SSL* ssl) {
  // Until the handshake is complete the suite is the pending one.
  const SSL_CIPHER* suite = SSL_get_current_cipher(ssl);
  if (!suite) {
    suite = SSL_get_pending_cipher(ssl);
  }
  WriteKeys keys;
  if (!suite || !describe_suite(suite, keys)) {
    return 0;
  }
  switch (keys.kind) {
    case ProtectionKind::gcm:
    case ProtectionKind::ccm:
      return explicit_nonce_size + keys.tag_size;
    case ProtectionKind::chacha20_poly1305:
      return keys.tag_size;
    case ProtectionKind::cbc_mac_then_encrypt:
      return 0;
  }
  return 0;
}

std::optional<WriteKeys> server_write_keys(SSL* ssl) {
  WriteKeys keys;
  if (!describe_suite(SSL_get_current_cipher(ssl), keys)) {
    return std::nullopt;
  }
  const bool cbc = keys.kind == ProtectionKind::cbc_mac_then_encrypt;
  const std::size_t mac_size = cbc ? static_cast<std::size_t>(EVP_MD_get_size(keys.mac_digest)) : 0;
  const auto key_size = static_cast<std::size_t>(EVP_CIPHER_get_key_length(keys.cipher));
  const std::size_t iv_size = cbc ? 0 : (keys.kind == ProtectionKind::chacha20_poly1305 ? 12 : 4);

  std::vector<std::uint8_t> block(2 * (mac_size + key_size + iv_size));
  if (!key_expansion(ssl, block)) {
    ERR_clear_error();
    return std::nullopt;
  }
  // Each kind of key stands twice, the client's first.
  const auto servers = [&](std::size_t offset, std::size_t size) {
    const std::uint8_t* from = block.data() + offset + size;
    return std::vector<std::uint8_t>(from, from + size);
  };
  keys.mac_key = servers(0, mac_size);
  keys.key = servers(2 * mac_size, key_size);
  keys.iv = servers(2 * (mac_size + key_size), iv_size);
  wipe(block);
  return keys;
}

std::vector<std::uint8_t> seal_record(const WriteKeys& keys, ContentType type, std::uint16_t epoch,
                                      std::uint64_t sequence, ByteView explicit_nonce, ByteView plaintext) {
  const auto header = pseudo_header(type, epoch, sequence, plaintext.size());
  const ByteView covered(header.data(), header.size());
  std::vector<std::uint8_t> body;
  const bool sealed = keys.kind == ProtectionKind::cbc_mac_then_encrypt
                          ? seal_cbc(keys, covered, plaintext, body)
                          : seal_aead(keys, covered, explicit_nonce, plaintext, body);
  if (!sealed) {
    ERR_clear_error();
    return {};
  }
  std::vector<std::uint8_t> record(record_header_size);
  put_record_header(record.data(), type, dtls_1_2, epoch, sequence, body.size());
  append(record, body);
  return record;
}

}  // namespace dtls
