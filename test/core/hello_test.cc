#include "core/hello.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "simulation/wire.h"

using dtls::ByteView;
using dtls::ContentType;
using dtls::HandshakeType;
using dtls::HelloProblem;
using dtls::read_client_hello;
using simulation::Bytes;

namespace {

struct HelloShape {
  ContentType content_type = ContentType::handshake;
  std::uint16_t version = dtls::dtls_1_2;
  std::uint16_t epoch = 0;
  std::uint64_t record_sequence = 0x010203040506;
  HandshakeType message_type = HandshakeType::client_hello;
  unsigned message_seq = 0;
  std::size_t session_id = 0;
  std::size_t cookie = 0;
  unsigned suites = 2;
  std::size_t extensions = 20;
  std::size_t fragment_offset = 0;
  std::size_t fragment_length = 0xffffff;  // at most; 0xffffff: all
};

Bytes body_of(const HelloShape& shape) {
  Bytes body;
  dtls::append_number(body, 0xfefd, 2);
  for (unsigned i = 0; i < 32; ++i) {
    body.push_back(static_cast<std::uint8_t>(0x40 + i));
  }
  dtls::append_number(body, shape.session_id, 1);
  body.resize(body.size() + shape.session_id, 0x51);
  dtls::append_number(body, shape.cookie, 1);
  body.resize(body.size() + shape.cookie, 0xc0);
  dtls::append_number(body, std::uint64_t{2} * shape.suites, 2);
  body.resize(body.size() + std::size_t{2} * shape.suites, 0x13);
  dtls::append_number(body, 0x0100, 2);  // null compression
  dtls::append_number(body, shape.extensions, 2);
  body.resize(body.size() + shape.extensions, 0xee);
  return body;
}

Bytes datagram_of(const HelloShape& shape) {
  const Bytes body = body_of(shape);
  const std::size_t offset = std::min(shape.fragment_offset, body.size());
  const std::size_t length = std::min(shape.fragment_length, body.size() - offset);
  const Bytes fragment = simulation::fragment(shape.message_type, body.size(), shape.message_seq, offset,
                                              ByteView(body).sub(offset, length));
  return simulation::record(shape.content_type, shape.epoch, shape.record_sequence, fragment, shape.version);
}

HelloProblem problem_of(const HelloShape& shape) { return read_client_hello(datagram_of(shape)).problem; }

}  // namespace

TEST_CASE("a first hello is read") {
  HelloShape shape;
  shape.session_id = 32;
  shape.suites = 17;
  const Bytes datagram = datagram_of(shape);
  const dtls::HelloReading reading = read_client_hello(datagram);
  REQUIRE(reading.problem == HelloProblem::none);
  CHECK(reading.hello.record_sequence == 0x010203040506);
  CHECK(reading.hello.message_seq == 0);
  CHECK(reading.hello.client_version == dtls::dtls_1_2);
  CHECK(reading.hello.random == ByteView(datagram).sub(27, 32));
  CHECK(reading.hello.session_id == ByteView(datagram).sub(60, 32));
  CHECK(reading.hello.cookie.empty());
  CHECK(reading.hello.covered == ByteView(datagram).sub(25, 2 + 32 + 1 + 32));
  CHECK(reading.hello.whole);
  CHECK(reading.hello.cipher_suite_count == 17);
  CHECK(reading.hello.random_array()[31] == 0x5f);
}

TEST_CASE("a second hello brings its cookie, and the part the cookie covers is that of the first") {
  HelloShape shape;
  const Bytes first = datagram_of(shape);
  shape.message_seq = 1;
  shape.record_sequence = 1;
  for (const std::size_t size : {std::size_t{1}, std::size_t{17}, std::size_t{255}}) {
    shape.cookie = size;
    const Bytes second = datagram_of(shape);
    const dtls::HelloReading reading = read_client_hello(second);
    REQUIRE(reading.problem == HelloProblem::none);
    CHECK(reading.hello.message_seq == 1);
    CHECK(reading.hello.cookie.size() == size);
    CHECK(reading.hello.cookie[size - 1] == 0xc0);
    CHECK(reading.hello.covered == read_client_hello(first).hello.covered);
  }
}

TEST_CASE("a first fragment will do once it holds the cookie") {
  HelloShape shape;
  shape.cookie = 17;
  shape.message_seq = 1;
  const std::size_t up_to_cookie = 2 + 32 + 1 + 1 + 17;
  const std::size_t up_to_suites = up_to_cookie + 2 + 4;
  const std::size_t whole = body_of(shape).size();
  for (std::size_t length = 0; length <= whole; ++length) {
    CAPTURE(length);
    shape.fragment_length = length;
    const Bytes datagram = datagram_of(shape);
    const dtls::HelloReading reading = read_client_hello(datagram);
    CHECK((reading.problem == HelloProblem::none) == (length >= up_to_cookie));
    if (length < up_to_cookie) {
      CHECK(reading.problem == HelloProblem::malformed);
      continue;
    }
    CHECK(reading.hello.whole == (length == whole));
    CHECK(reading.hello.cipher_suite_count == (length >= up_to_suites ? 2 : 0));
  }
}

TEST_CASE("a later fragment of a hello is told apart") {
  HelloShape shape;
  shape.fragment_offset = 40;
  CHECK(problem_of(shape) == HelloProblem::later_fragment);
  shape.fragment_length = 3;
  CHECK(problem_of(shape) == HelloProblem::later_fragment);
}

TEST_CASE("what is no hello of a beginning handshake is none") {
  HelloShape shape;
  CHECK(problem_of(shape) == HelloProblem::none);
  for (const ContentType type : simulation::content_types) {
    shape.content_type = type;
    CHECK((problem_of(shape) == HelloProblem::not_a_hello) == (type != ContentType::handshake));
  }
  shape = {};
  shape.epoch = 1;
  CHECK(problem_of(shape) == HelloProblem::not_a_hello);
  shape = {};
  for (const unsigned seq : {2U, 3U, 0xffffU}) {
    shape.message_seq = seq;
    CHECK(problem_of(shape) == HelloProblem::not_a_hello);
  }
  shape = {};
  for (const unsigned type : {0U, 2U, 3U, 16U, 20U, 255U}) {
    shape.message_type = static_cast<HandshakeType>(type);
    CHECK(problem_of(shape) == HelloProblem::not_a_hello);
  }
  CHECK(read_client_hello({}).problem == HelloProblem::not_a_hello);
  CHECK(read_client_hello(Bytes{0x16, 0x03, 0x01}).problem == HelloProblem::malformed);
  CHECK(read_client_hello(Bytes{'G', 'E', 'T', ' ', '/'}).problem == HelloProblem::not_a_hello);
}

TEST_CASE("a session id of more than 32 bytes is malformed") {
  HelloShape shape;
  shape.session_id = 33;
  CHECK(problem_of(shape) == HelloProblem::malformed);
}

TEST_CASE("a hello cut short anywhere is never taken for one, and never read beyond") {
  HelloShape shape;
  shape.session_id = 32;
  shape.cookie = 17;
  shape.message_seq = 1;
  const Bytes datagram = datagram_of(shape);
  for (std::size_t size = 0; size < datagram.size(); ++size) {
    CAPTURE(size);
    const Bytes cut(datagram.begin(), datagram.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK(read_client_hello(cut).problem ==
          (size == 0 ? HelloProblem::not_a_hello : HelloProblem::malformed));
  }
}

TEST_CASE("whatever bit flips, the views stay inside the datagram") {
  HelloShape shape;
  shape.session_id = 8;
  shape.cookie = 17;
  Bytes datagram = datagram_of(shape);
  for (std::size_t bit = 0; bit < datagram.size() * 8; ++bit) {
    const auto mask = static_cast<std::uint8_t>(1U << (bit % 8));
    datagram[bit / 8] ^= mask;
    const dtls::HelloReading reading = read_client_hello(datagram);
    if (reading.problem == HelloProblem::none) {
      const auto inside = [&](ByteView view) {
        return view.data() >= datagram.data() && view.end() <= datagram.data() + datagram.size();
      };
      CHECK(inside(reading.hello.random));
      CHECK(inside(reading.hello.session_id));
      CHECK(inside(reading.hello.cookie));
      CHECK(inside(reading.hello.covered));
      CHECK(reading.hello.random.size() == 32);
    }
    datagram[bit / 8] ^= mask;
  }
}

TEST_CASE("bytes after the first record do not matter") {
  Bytes datagram = datagram_of({});
  datagram.insert(datagram.end(), {22, 0xff, 0xff, 1});
  CHECK(read_client_hello(datagram).problem == HelloProblem::none);
}

TEST_CASE("a HelloVerifyRequest is the one of RFC 6347 4.2.1") {
  const Bytes cookie = {0xaa, 0xbb};
  CHECK(dtls::HelloVerifyRequest(0x010203040506, cookie).bytes() ==
        ByteView(Bytes{22,   0xfe, 0xff, 0,    0,   1, 2, 3, 4, 5, 6, 0, 17,  //
                       3,    0,    0,    5,    0,   0, 0, 0, 0, 0, 0, 5,      //
                       0xfe, 0xff, 2,    0xaa, 0xbb}));
  const Bytes longest(32, 0xcc);
  const dtls::HelloVerifyRequest request(0, longest);
  CHECK(request.bytes().size() == 13 + 12 + 3 + 32);
  CHECK(request.bytes().from(28) == ByteView(longest));
}

TEST_CASE("a hello whose record number leaves ours no room is refused") {
  HelloShape shape;
  shape.record_sequence = dtls::max_sequence - 0x100000;
  CHECK(read_client_hello(datagram_of(shape)).problem == HelloProblem::none);
  shape.record_sequence += 1;
  CHECK(read_client_hello(datagram_of(shape)).problem == HelloProblem::malformed);
}
