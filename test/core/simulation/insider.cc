#include "simulation/insider.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "simulation/wire.h"

namespace simulation {

namespace {

constexpr std::size_t key_size = 16;
constexpr std::size_t salt_size = 4;
constexpr std::size_t explicit_nonce_size = 8;
constexpr std::size_t tag_size = 16;

void require(bool condition, const char* what) {
  if (!condition) {
    throw std::runtime_error(std::string(what) + ": " + dtls::take_openssl_reason());
  }
}

// RFC 5246 6.3: client key, server key, client salt, server salt.
std::array<std::uint8_t, 2 * (key_size + salt_size)> key_block(Client& client) {
  Bytes secret(48);
  require(SSL_SESSION_get_master_key(SSL_get0_session(client.ssl()), secret.data(), secret.size()) ==
              secret.size(),
          "master secret");
  Bytes seed = {'k', 'e', 'y', ' ', 'e', 'x', 'p', 'a', 'n', 's', 'i', 'o', 'n'};
  std::array<std::uint8_t, 32> random{};
  SSL_get_server_random(client.ssl(), random.data(), random.size());
  seed.insert(seed.end(), random.begin(), random.end());
  SSL_get_client_random(client.ssl(), random.data(), random.size());
  seed.insert(seed.end(), random.begin(), random.end());

  EVP_KDF* const prf = EVP_KDF_fetch(nullptr, "TLS1-PRF", nullptr);
  EVP_KDF_CTX* const ctx = EVP_KDF_CTX_new(prf);
  char digest[] = "SHA256";
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET, secret.data(), secret.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, seed.data(), seed.size()),
      OSSL_PARAM_construct_end()};
  std::array<std::uint8_t, 2 * (key_size + salt_size)> block{};
  const bool derived = EVP_KDF_derive(ctx, block.data(), block.size(), params) == 1;
  EVP_KDF_CTX_free(ctx);
  EVP_KDF_free(prf);
  require(derived, "key block");
  return block;
}

}  // namespace

Bytes seal_as_client(Client& client, dtls::ContentType type, std::uint64_t sequence,
                     dtls::ByteView plaintext) {
  const auto block = key_block(client);
  constexpr std::uint64_t epoch_one = std::uint64_t{1} << 48;
  std::array<std::uint8_t, salt_size + explicit_nonce_size> nonce{};
  std::copy_n(block.begin() + 2 * key_size, salt_size, nonce.begin());
  dtls::put_number(nonce.data() + salt_size, epoch_one | sequence, explicit_nonce_size);
  std::array<std::uint8_t, 13> associated{};  // RFC 5246 6.2.3.3
  dtls::put_number(associated.data(), epoch_one | sequence, 8);
  associated[8] = static_cast<std::uint8_t>(type);
  dtls::put_number(associated.data() + 9, dtls::dtls_1_2, 2);
  dtls::put_number(associated.data() + 11, plaintext.size(), 2);

  Bytes body(explicit_nonce_size + plaintext.size() + tag_size);
  std::copy_n(nonce.begin() + salt_size, explicit_nonce_size, body.begin());
  std::uint8_t* const ciphertext = body.data() + explicit_nonce_size;

  EVP_CIPHER_CTX* const ctx = EVP_CIPHER_CTX_new();
  int size = 0;
  const bool sealed =
      EVP_EncryptInit_ex(ctx, EVP_aes_128_gcm(), nullptr, block.data(), nonce.data()) == 1 &&
      EVP_EncryptUpdate(ctx, nullptr, &size, associated.data(), static_cast<int>(associated.size())) == 1 &&
      EVP_EncryptUpdate(ctx, ciphertext, &size, plaintext.data(), static_cast<int>(plaintext.size())) == 1 &&
      EVP_EncryptFinal_ex(ctx, ciphertext + plaintext.size(), &size) == 1 &&
      EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, tag_size, ciphertext + plaintext.size()) == 1;
  EVP_CIPHER_CTX_free(ctx);
  require(sealed, "sealing");
  return record(type, 1, sequence, body);
}

}  // namespace simulation
