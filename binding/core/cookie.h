// Stateless cookies: an HMAC-SHA-256 over what the client can't change between its two hellos and the
// address it claims, under a secret that rotates.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/address.h"
#include "core/bytes.h"
#include "core/clock.h"
#include "core/hello.h"
#include "core/openssl_ptr.h"

namespace dtls {

// One byte names the rotation period, 16 bytes are the truncated HMAC.
using Cookie = std::array<std::uint8_t, 17>;

// A cookie is good in its own period and in the next: between 120 and 240 seconds. 120 s is the least,
// for OpenSSL clients ignore a second HelloVerifyRequest and repeat the cookie they have.
//
// With a secret that others have too (workers, machines of one service) they answer each other's clients.
// Then the time must be the wall clock's, and a cookie is good in the period before its own as well: another
// machine's clock may be ahead.
class CookieJar {
 public:
  static constexpr Duration rotation_period = Duration::seconds(120);
  static constexpr std::size_t secret_size = 32;

  // An empty secret: one that nobody shares is drawn. Throws std::runtime_error if OpenSSL has no randomness.
  explicit CookieJar(ByteView secret = {});
  ~CookieJar();
  CookieJar(const CookieJar&) = delete;
  CookieJar& operator=(const CookieJar&) = delete;

  bool is_shared() const { return shared_; }

  Cookie make(const ClientHello& hello, const Address& peer, Instant now);
  bool check(const ClientHello& hello, const Address& peer, Instant now);

 private:
  struct Secret {
    std::int64_t period = 0;
    bool keyed = false;
    EvpMacCtxPtr mac;  // keyed once a period, re-initialised for each use
  };
  // False, and null, only when OpenSSL fails (memory): then no cookie is good.
  bool compute(std::int64_t period, const ClientHello& hello, const Address& peer, Cookie& out);
  EVP_MAC_CTX* keyed_for(std::int64_t period);

  bool shared_;
  std::array<std::uint8_t, secret_size> master_{};  // a period's key is HMAC(master, period)
  std::array<Secret, 3> secrets_;                   // by the period: the last, this and the next one
};

}  // namespace dtls
