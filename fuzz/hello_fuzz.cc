// Any bytes as a stranger's first datagram: the reading of a ClientHello, the HelloVerifyRequest that answers
// it, and the cookie in between (RFC 6347 4.2.1).
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/cookie.h"
#include "core/hello.h"
#include "core/record.h"
#include "support/determinism.h"
#include "support/promise.h"

using dtls::Address;
using dtls::ByteView;
using dtls::ClientHello;
using dtls::Cookie;
using dtls::Instant;
using fuzz::promise;

namespace {

using Bytes = std::vector<std::uint8_t>;

const Address peer = Address::ipv4(192, 0, 2, 1, 4433);

bool inside(ByteView part, ByteView whole) {
  return part.begin() >= whole.begin() && part.end() <= whole.end();
}

void check_reading(const ClientHello& hello, ByteView datagram) {
  promise(hello.random.size() == 32, "a random has 32 bytes");
  promise(hello.session_id.size() <= 32, "a session id has at most 32 bytes");
  promise(hello.cookie.size() <= 255, "a cookie has at most 255 bytes");
  for (const ByteView part : {hello.random, hello.session_id, hello.cookie, hello.covered}) {
    promise(inside(part, datagram), "a part of a hello stays inside the datagram");
  }
  promise(hello.covered.size() == 2 + 32 + 1 + hello.session_id.size(),
          "covered is the version, the random and the session id");
  promise(hello.covered.end() == hello.session_id.end(), "covered ends where the session id ends");
  promise(hello.message_seq <= 1, "a hello begins a handshake or follows a HelloVerifyRequest");
  promise(hello.record_sequence <= dtls::max_sequence, "a sequence number has 48 bits");
  promise(hello.cipher_suite_count <= 0x7fff, "there are at most 2^15 - 1 suites in a hello");
  const auto copy = hello.random_array();
  promise(ByteView(copy.data(), copy.size()) == hello.random, "the copy of a random is the random");
}

void check_verify_request(const ClientHello& hello, ByteView cookie, ByteView datagram) {
  const dtls::HelloVerifyRequest request(hello.record_sequence, cookie);
  promise(request.bytes().size() <= datagram.size(),
          "the answer to a stranger is no longer than the question");

  dtls::RecordReader records(request.bytes());
  const auto record = records.next();
  promise(record && record->whole == request.bytes(), "a HelloVerifyRequest is one record");
  promise(record->type == dtls::ContentType::handshake && record->version == dtls::dtls_1_0 &&
              record->epoch == 0 && record->sequence == hello.record_sequence,
          "its record repeats the hello's sequence number");

  dtls::FragmentReader fragments(record->body);
  const auto message = fragments.next();
  promise(message && message->is_whole() && message->message_seq == 0 &&
              message->type == dtls::HandshakeType::hello_verify_request && !fragments.next() &&
              !fragments.malformed(),
          "its record is one whole message");

  dtls::ByteReader reader(message->body);
  promise(reader.u16() == dtls::dtls_1_0, "it bears version DTLS 1.0");
  promise(reader.take(reader.u8()) == cookie && reader.ok() && reader.remaining() == 0,
          "it bears the cookie");
}

// A cookie is good for what it was made for, and for nothing else.
void check_cookie(dtls::CookieJar& jar, const ClientHello& asked, const Cookie& cookie, Instant made) {
  ClientHello hello = asked;
  hello.cookie = {cookie.data(), cookie.size()};
  promise(jar.check(hello, peer, made), "a cookie is good at once");
  promise(jar.check(hello, peer, made + dtls::CookieJar::rotation_period), "a cookie is good for 120 s");
  promise(!jar.check(hello, peer, made + dtls::CookieJar::rotation_period * 2),
          "no cookie is good for 240 s");

  Address other = peer;
  ++other.port;
  promise(!jar.check(hello, other, made), "a cookie is not good for another port");
  other = peer;
  other.ip[15] ^= 1;
  promise(!jar.check(hello, other, made), "a cookie is not good for another host");
  other = peer;
  other.scope_id = 1;
  promise(!jar.check(hello, other, made), "a cookie is not good for another link");

  // Which byte is changed follows from the input, so that the fuzzer gets at all of them.
  const std::size_t changed = (asked.random[0] + asked.random[31]) % asked.covered.size();
  Bytes covered = asked.covered.copy();
  covered[changed] ^= static_cast<std::uint8_t>(asked.random[1] | 1U);
  hello.covered = covered;
  promise(!jar.check(hello, peer, made), "a cookie is not good for a changed hello");

  hello.covered = asked.covered;
  Cookie forged = cookie;
  forged[changed % forged.size()] ^= static_cast<std::uint8_t>(asked.random[1] | 1U);
  hello.cookie = {forged.data(), forged.size()};
  promise(!jar.check(hello, peer, made), "a changed cookie is not good");
  hello.cookie = {cookie.data(), cookie.size() - 1};
  promise(!jar.check(hello, peer, made), "a shortened cookie is not good");
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  fuzz::make_openssl_deterministic();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static dtls::CookieJar jar;
  const ByteView datagram(data, size);
  const dtls::HelloReading reading = dtls::read_client_hello(datagram);
  if (reading.problem != dtls::HelloProblem::none) {
    return 0;
  }
  const ClientHello& hello = reading.hello;
  check_reading(hello, datagram);
  const Instant now{static_cast<std::int64_t>(hello.record_sequence)};
  promise(!jar.check(hello, peer, now), "no cookie that was not made here is good");
  const Cookie cookie = jar.make(hello, peer, now);
  check_verify_request(hello, {cookie.data(), cookie.size()}, datagram);
  check_cookie(jar, hello, cookie, now);
  return 0;
}
