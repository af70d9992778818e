#include "core/cookie.h"

#include <doctest/doctest.h>

#include <stdexcept>

using dtls::Address;
using dtls::ByteView;
using dtls::ClientHello;
using dtls::Cookie;
using dtls::CookieJar;
using dtls::Duration;
using dtls::Instant;

namespace {

constexpr Duration second = Duration::seconds(1);
const Address peer = Address::ipv4(192, 0, 2, 7, 40000);

struct Hello {
  std::vector<std::uint8_t> covered = std::vector<std::uint8_t>(35, 7);
  std::vector<std::uint8_t> cookie;

  ClientHello read() const {
    ClientHello hello;
    hello.covered = covered;
    hello.cookie = cookie;
    return hello;
  }
  void bring(const Cookie& issued) { cookie.assign(issued.begin(), issued.end()); }
};

}  // namespace

TEST_CASE("a cookie is good for what it was issued to, and for nothing else") {
  CookieJar jar;
  Hello hello;
  const Instant now{1'000'000'000};
  hello.bring(jar.make(hello.read(), peer, now));
  CHECK(jar.check(hello.read(), peer, now));
  CHECK(jar.check(hello.read(), peer, now));

  Address other = peer;
  other.port = 40001;
  CHECK_FALSE(jar.check(hello.read(), other, now));
  other = peer;
  other.ip[15] ^= 1;
  CHECK_FALSE(jar.check(hello.read(), other, now));
  other = peer;
  other.scope_id = 1;
  CHECK_FALSE(jar.check(hello.read(), other, now));

  Hello changed = hello;
  changed.covered.back() ^= 1;
  CHECK_FALSE(jar.check(changed.read(), peer, now));
  changed = hello;
  changed.covered.push_back(0);
  CHECK_FALSE(jar.check(changed.read(), peer, now));
}

TEST_CASE("every bit and the length of a cookie count") {
  CookieJar jar;
  Hello hello;
  const Instant now{5};
  const Cookie issued = jar.make(hello.read(), peer, now);
  for (std::size_t bit = 0; bit < issued.size() * 8; ++bit) {
    CAPTURE(bit);
    hello.bring(issued);
    hello.cookie[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    CHECK_FALSE(jar.check(hello.read(), peer, now));
  }
  hello.bring(issued);
  hello.cookie.pop_back();
  CHECK_FALSE(jar.check(hello.read(), peer, now));
  hello.bring(issued);
  hello.cookie.push_back(0);
  CHECK_FALSE(jar.check(hello.read(), peer, now));
  hello.cookie.clear();
  CHECK_FALSE(jar.check(hello.read(), peer, now));
  hello.cookie.assign(17, 0);
  CHECK_FALSE(jar.check(hello.read(), peer, now));
}

TEST_CASE("a cookie is good in its period and the next, not before and not later") {
  const Duration period = CookieJar::rotation_period;
  for (const std::int64_t index :
       {std::int64_t{0}, std::int64_t{1}, std::int64_t{255}, std::int64_t{256}, std::int64_t{70000}}) {
    CAPTURE(index);
    CookieJar jar;
    Hello hello;
    const Instant start = Instant{0} + period * index;
    const Instant issued_at = start + second * 30;
    hello.bring(jar.make(hello.read(), peer, issued_at));
    CHECK(hello.cookie[0] == (index & 0xff));
    CHECK(jar.check(hello.read(), peer, start));
    CHECK(jar.check(hello.read(), peer, start + period));
    CHECK(jar.check(hello.read(), peer, Instant{(start + period * 2).us - 1}));
    CHECK_FALSE(jar.check(hello.read(), peer, start + period * 2));
    CHECK_FALSE(jar.check(hello.read(), peer, start + period * 3));
    CHECK_FALSE(jar.check(hello.read(), peer, start + period * 256));
    CHECK_FALSE(jar.check(hello.read(), peer, start + period * 257));
    CHECK_FALSE(jar.check(hello.read(), peer, Instant{start.us - 1}));
    // Looking into other periods must not have spoilt this one.
    CHECK(jar.check(hello.read(), peer, start + period));
  }
}

TEST_CASE("a cookie lives at least 120 s, whenever it was issued") {
  CookieJar jar;
  for (std::int64_t at = 0; at < 500; at += 7) {
    Hello hello;
    const Instant issued = Instant{0} + second * at;
    hello.bring(jar.make(hello.read(), peer, issued));
    CHECK(jar.check(hello.read(), peer, issued + second * 120));
    CHECK_FALSE(jar.check(hello.read(), peer, issued + second * 240));
  }
}

TEST_CASE("the clock may begin anywhere, below zero too") {
  CookieJar jar;
  Hello hello;
  const Instant issued{-1};
  hello.bring(jar.make(hello.read(), peer, issued));
  CHECK(jar.check(hello.read(), peer, issued));
  CHECK(jar.check(hello.read(), peer, Instant{0}));
  CHECK_FALSE(jar.check(hello.read(), peer, Instant{0} + CookieJar::rotation_period));
}

TEST_CASE("two jars know nothing of each other's cookies") {
  CookieJar one;
  CookieJar another;
  Hello hello;
  hello.bring(one.make(hello.read(), peer, Instant{0}));
  CHECK_FALSE(another.check(hello.read(), peer, Instant{0}));
}

TEST_CASE(
    "who shares a secret answers each other's clients, in the periods around too, and nobody else does") {
  const std::vector<std::uint8_t> secret(CookieJar::secret_size, 5);
  const std::vector<std::uint8_t> another(CookieJar::secret_size, 6);
  const Instant now{Duration::seconds(1'735'689'600).us};
  CookieJar one(secret);
  CookieJar other(secret);
  CookieJar stranger(another);
  CookieJar alone;
  CHECK(one.is_shared());
  CHECK_FALSE(alone.is_shared());
  Hello hello;
  hello.bring(one.make(hello.read(), peer, now));
  const Duration period = CookieJar::rotation_period;
  CHECK(other.check(hello.read(), peer, now));
  CHECK(other.check(hello.read(), peer, now + period));
  CHECK(other.check(hello.read(), peer, Instant{now.us - period.us}));
  CHECK_FALSE(other.check(hello.read(), peer, now + period * 2));
  CHECK_FALSE(other.check(hello.read(), peer, Instant{now.us - period.us * 2}));
  CHECK(other.check(hello.read(), peer, now));
  CHECK_FALSE(stranger.check(hello.read(), peer, now));
  CHECK_FALSE(alone.check(hello.read(), peer, now));
}

TEST_CASE("a shared secret has 32 bytes") {
  CHECK_THROWS_AS(CookieJar(std::vector<std::uint8_t>(31)), std::invalid_argument);
  CHECK_THROWS_AS(CookieJar(std::vector<std::uint8_t>(33)), std::invalid_argument);
}
