#include "core/ticket_keys.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <algorithm>
#include <new>
#include <stdexcept>

#include "core/key_block.h"
#include "core/openssl_ptr.h"

namespace dtls {

namespace {

int time_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

void delete_keys(void* /*parent*/, void* keys, CRYPTO_EX_DATA* /*data*/, int /*index*/, long /*number*/,
                 void* /*unused*/) {
  delete static_cast<TicketKeys*>(keys);
}

int keys_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, delete_keys);
  return index;
}

std::int64_t period_at(WallTime now) {
  return std::max<std::int64_t>(now.us, 0) / TicketKeys::rotation_period.us;
}

bool set_mac_key(EVP_MAC_CTX* mac, std::array<std::uint8_t, 32> key) {
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key.data(), key.size()),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end(),
  };
  const bool set = EVP_MAC_CTX_set_params(mac, parameters) == 1;
  OPENSSL_cleanse(key.data(), key.size());
  return set;
}

}  // namespace

TicketKeys::TicketKeys(ByteView secret) {
  if (secret.size() == secret_size) {
    std::copy(secret.begin(), secret.end(), secret_.begin());
  } else if (!secret.empty()) {
    throw std::invalid_argument("a secret for tickets has 80 bytes");
  } else if (RAND_bytes(secret_.data(), static_cast<int>(secret_.size())) != 1) {
    throw std::runtime_error("cannot draw a secret for tickets: " + take_openssl_reason());
  }
}

TicketKeys::~TicketKeys() {
  OPENSSL_cleanse(secret_.data(), secret_.size());
  OPENSSL_cleanse(known_.data(), sizeof known_);
}

void TicketKeys::give_to(SSL_CTX* ctx, std::unique_ptr<TicketKeys> keys) {
  if (SSL_CTX_set_ex_data(ctx, keys_index(), keys.get()) != 1) {
    throw std::bad_alloc();
  }
  keys.release();
  SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, on_ticket);
}

void TicketKeys::bind_time(SSL* ssl, const WallTime* now) {
  SSL_set_ex_data(ssl, time_index(), const_cast<WallTime*>(now));
}

void TicketKeys::withhold(SSL* ssl) { bind_time(ssl, nullptr); }

const TicketKeys::Keys* TicketKeys::keys_of(std::int64_t period) {
  Keys& keys = known_[static_cast<std::size_t>(period) % known_.size()];
  if (keys.period == period) {
    return &keys;
  }
  static constexpr char label[] = "session ticket keys";
  constexpr std::size_t label_size = sizeof label - 1;
  std::array<std::uint8_t, label_size + 8> seed{};
  std::copy_n(label, label_size, seed.begin());
  put_number(seed.data() + label_size, static_cast<std::uint64_t>(period), 8);
  std::array<std::uint8_t, 80> derived{};
  const bool done = tls_prf("SHA256", {secret_.data(), secret_.size()}, {seed.data(), seed.size()},
                            derived.data(), derived.size());
  const auto* at = derived.data();
  std::copy_n(at, keys.name.size(), keys.name.begin());
  std::copy_n(at += keys.name.size(), keys.cipher_key.size(), keys.cipher_key.begin());
  std::copy_n(at += keys.cipher_key.size(), keys.mac_key.size(), keys.mac_key.begin());
  OPENSSL_cleanse(derived.data(), derived.size());
  keys.period = done ? period : -1;
  return done ? &keys : nullptr;
}

// Returns what SSL_CTX_set_tlsext_ticket_key_evp_cb(3) wants: 1 good, 2 good and to be renewed, 0 none of
// ours (a full handshake follows), -1 failed.
int TicketKeys::on_ticket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                          EVP_MAC_CTX* mac, int encrypts) noexcept {
  auto* const self = static_cast<TicketKeys*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), keys_index()));
  const auto* const now = static_cast<const WallTime*>(SSL_get_ex_data(ssl, time_index()));
  if (self == nullptr || now == nullptr) {
    return 0;  // an empty ticket is written, which is none (RFC 5077 3.3)
  }
  const std::int64_t current = period_at(*now);
  static EVP_CIPHER* const aes = EVP_CIPHER_fetch(nullptr, "AES-256-CBC", nullptr);  // outlives main()
  if (encrypts != 0) {
    const Keys* const keys = self->keys_of(current);
    const int iv_size = EVP_CIPHER_get_iv_length(aes);
    if (keys == nullptr || RAND_bytes(iv, iv_size) != 1 || !set_mac_key(mac, keys->mac_key) ||
        EVP_EncryptInit_ex(cipher, aes, nullptr, keys->cipher_key.data(), iv) != 1) {
      return -1;
    }
    std::copy(keys->name.begin(), keys->name.end(), name);
    return 1;
  }
  for (const std::int64_t period : {current, current - 1, current + 1}) {
    const Keys* const keys = period < 0 ? nullptr : self->keys_of(period);
    if (keys != nullptr && CRYPTO_memcmp(keys->name.data(), name, keys->name.size()) == 0) {
      const bool set = set_mac_key(mac, keys->mac_key) &&
                       EVP_DecryptInit_ex(cipher, aes, nullptr, keys->cipher_key.data(), iv) == 1;
      return !set ? -1 : period < current ? 2 : 1;
    }
  }
  return 0;
}

}  // namespace dtls
