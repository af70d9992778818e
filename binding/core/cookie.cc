#include "core/cookie.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <algorithm>
#include <stdexcept>

namespace dtls {

namespace {

constexpr std::size_t sha256_size = 32;

std::int64_t period_at(Instant now) {
  const std::int64_t length = CookieJar::rotation_period.us;
  return now.us / length - (now.us % length < 0 ? 1 : 0);
}

std::uint8_t low_byte(std::int64_t period) {
  return static_cast<std::uint8_t>(static_cast<std::uint64_t>(period));
}

EvpMacCtxPtr new_hmac_sha256() {
  const EvpMacPtr hmac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  EvpMacCtxPtr ctx(hmac ? EVP_MAC_CTX_new(hmac.get()) : nullptr);
  char digest[] = "SHA256";
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string("digest", digest, 0),
                               OSSL_PARAM_construct_end()};
  if (!ctx || EVP_MAC_CTX_set_params(ctx.get(), params) != 1) {
    throw std::runtime_error("cannot set up HMAC-SHA-256 for cookies: " + take_openssl_reason());
  }
  return ctx;
}

}  // namespace

CookieJar::CookieJar(ByteView secret) : shared_(!secret.empty()) {
  for (Secret& slot : secrets_) {
    slot.mac = new_hmac_sha256();
  }
  if (shared_ && secret.size() != secret_size) {
    throw std::invalid_argument("a secret for cookies has 32 bytes");
  }
  if (shared_) {
    std::copy(secret.begin(), secret.end(), master_.begin());
  } else if (RAND_bytes(master_.data(), static_cast<int>(master_.size())) != 1) {
    throw std::runtime_error("cannot draw a secret for cookies: " + take_openssl_reason());
  }
}

CookieJar::~CookieJar() { OPENSSL_cleanse(master_.data(), master_.size()); }

Cookie CookieJar::make(const ClientHello& hello, const Address& peer, Instant now) {
  const std::int64_t period = period_at(now);
  Cookie cookie{};
  // Without memory the cookie is all zeros, which check() refuses unless the HMAC happens to be zero.
  compute(period, hello, peer, cookie);
  return cookie;
}

bool CookieJar::check(const ClientHello& hello, const Address& peer, Instant now) {
  Cookie expected{};
  if (hello.cookie.size() != expected.size()) {
    return false;
  }
  const std::int64_t current = period_at(now);
  std::int64_t period = current;
  if (hello.cookie[0] == low_byte(current - 1)) {
    period = current - 1;
  } else if (shared_ && hello.cookie[0] == low_byte(current + 1)) {
    period = current + 1;
  } else if (hello.cookie[0] != low_byte(current)) {
    return false;
  }
  return compute(period, hello, peer, expected) &&
         CRYPTO_memcmp(expected.data(), hello.cookie.data(), expected.size()) == 0;
}

bool CookieJar::compute(std::int64_t period, const ClientHello& hello, const Address& peer, Cookie& out) {
  // `covered` tells its own length and the rest is of fixed size: no two inputs look the same.
  std::array<std::uint8_t, 16 + 4 + 2> address{};
  std::copy(peer.ip.begin(), peer.ip.end(), address.begin());
  put_number(address.data() + 16, peer.scope_id, 4);
  put_number(address.data() + 20, peer.port, 2);

  EVP_MAC_CTX* mac = keyed_for(period);
  std::array<std::uint8_t, sha256_size> digest{};
  std::size_t size = 0;
  if (mac == nullptr || EVP_MAC_init(mac, nullptr, 0, nullptr) != 1 ||
      EVP_MAC_update(mac, hello.covered.data(), hello.covered.size()) != 1 ||
      EVP_MAC_update(mac, address.data(), address.size()) != 1 ||
      EVP_MAC_final(mac, digest.data(), &size, digest.size()) != 1 || size != digest.size()) {
    ERR_clear_error();
    return false;
  }
  out[0] = low_byte(period);
  std::copy_n(digest.begin(), out.size() - 1, out.begin() + 1);
  return true;
}

EVP_MAC_CTX* CookieJar::keyed_for(std::int64_t period) {
  const auto slots = static_cast<std::int64_t>(secrets_.size());
  Secret& secret = secrets_[static_cast<std::size_t>((period % slots + slots) % slots)];
  if (secret.keyed && secret.period == period) {
    return secret.mac.get();
  }
  EVP_MAC_CTX* mac = secret.mac.get();
  std::array<std::uint8_t, 8> name{};
  put_number(name.data(), static_cast<std::uint64_t>(period), name.size());
  std::array<std::uint8_t, sha256_size> key{};
  std::size_t size = 0;
  secret.period = period;
  secret.keyed = EVP_MAC_init(mac, master_.data(), master_.size(), nullptr) == 1 &&
                 EVP_MAC_update(mac, name.data(), name.size()) == 1 &&
                 EVP_MAC_final(mac, key.data(), &size, key.size()) == 1 &&
                 EVP_MAC_init(mac, key.data(), size, nullptr) == 1;
  OPENSSL_cleanse(key.data(), key.size());
  if (secret.keyed) {
    return mac;
  }
  ERR_clear_error();
  return nullptr;
}

}  // namespace dtls
