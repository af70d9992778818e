#include "core/record.h"

#include <doctest/doctest.h>

#include "simulation/wire.h"

using dtls::ByteView;
using dtls::ContentType;
using dtls::FragmentReader;
using dtls::HandshakeType;
using dtls::RecordReader;
using simulation::Bytes;

namespace {

Bytes record(ContentType type, std::size_t size, std::uint16_t version = dtls::dtls_1_2) {
  return simulation::record(type, 0x0102, 0x030405060708, Bytes(size, 0xab), version);
}

Bytes fragment(HandshakeType type, std::size_t message_length, std::size_t offset, std::size_t size) {
  return simulation::fragment(type, message_length, 7, offset, Bytes(size, 0xcd));
}

}  // namespace

TEST_CASE("a record header is written as RFC 6347 4.1 draws it") {
  CHECK(record(ContentType::application_data, 2) ==
        Bytes{23, 0xfe, 0xfd, 1, 2, 3, 4, 5, 6, 7, 8, 0, 2, 0xab, 0xab});
}

TEST_CASE("all records of a datagram are found, empty ones too") {
  Bytes datagram = record(ContentType::handshake, 5);
  dtls::append(datagram, record(ContentType::application_data, 0));
  dtls::append(datagram, record(ContentType::heartbeat, 3, dtls::dtls_1_0));
  RecordReader reader(datagram);
  const auto first = reader.next();
  REQUIRE(first);
  CHECK(first->type == ContentType::handshake);
  CHECK(first->version == dtls::dtls_1_2);
  CHECK(first->epoch == 0x0102);
  CHECK(first->sequence == 0x030405060708);
  CHECK(first->body == ByteView(datagram).sub(13, 5));
  CHECK(first->whole == ByteView(datagram).sub(0, 18));
  const auto second = reader.next();
  REQUIRE(second);
  CHECK(second->body.empty());
  CHECK(second->whole.size() == 13);
  const auto third = reader.next();
  REQUIRE(third);
  CHECK(third->version == dtls::dtls_1_0);
  CHECK_FALSE(reader.next());
  CHECK_FALSE(reader.malformed());
}

TEST_CASE("a record cut short anywhere is malformed, and what came before it stands") {
  Bytes datagram = record(ContentType::alert, 2);
  const std::size_t first_size = datagram.size();
  dtls::append(datagram, record(ContentType::handshake, 20));
  for (std::size_t size = 0; size < datagram.size(); ++size) {
    CAPTURE(size);
    RecordReader reader(ByteView(datagram).sub(0, size));
    CHECK(reader.next().has_value() == (size >= first_size));
    CHECK_FALSE(reader.next());
    CHECK(reader.malformed() == (size != 0 && size != first_size));
  }
}

TEST_CASE("unknown types and foreign versions end the walk") {
  for (unsigned type = 0; type < 256; ++type) {
    CAPTURE(type);
    Bytes datagram = record(static_cast<ContentType>(type), 4);
    dtls::append(datagram, record(ContentType::alert, 2));
    RecordReader reader(datagram);
    const bool known = type >= 20 && type <= 24;
    CHECK(reader.next().has_value() == known);
    CHECK(reader.malformed() == !known);
    CHECK(reader.next().has_value() == known);
  }
  for (const unsigned version : {0x0303U, 0x0100U, 0xfdfdU, 0xfffdU, 0x0000U}) {
    CAPTURE(version);
    const Bytes datagram = record(ContentType::handshake, 4, static_cast<std::uint16_t>(version));
    RecordReader reader(datagram);
    CHECK_FALSE(reader.next());
    CHECK(reader.malformed());
  }
  const Bytes datagram = record(ContentType::handshake, 4, 0xfe00);
  CHECK(RecordReader(datagram).next());
}

TEST_CASE("a body may be as long as RFC 5246 allows a ciphertext, and no longer") {
  const Bytes longest = record(ContentType::application_data, dtls::max_ciphertext);
  CHECK(RecordReader(longest).next());
  const Bytes longer = record(ContentType::application_data, dtls::max_ciphertext + 1);
  RecordReader reader(longer);
  CHECK_FALSE(reader.next());
  CHECK(reader.malformed());
}

TEST_CASE("several handshake fragments may share a record") {
  Bytes body = fragment(HandshakeType::server_hello_done, 0, 0, 0);
  dtls::append(body, fragment(HandshakeType::certificate, 1000, 0, 10));
  dtls::append(body, fragment(HandshakeType::certificate, 1000, 990, 10));
  FragmentReader reader(body);
  const auto whole = reader.next();
  REQUIRE(whole);
  CHECK(whole->type == HandshakeType::server_hello_done);
  CHECK(whole->message_seq == 7);
  CHECK(whole->is_whole());
  const auto first = reader.next();
  REQUIRE(first);
  CHECK(first->is_first());
  CHECK_FALSE(first->is_whole());
  CHECK(first->length == 1000);
  const auto last = reader.next();
  REQUIRE(last);
  CHECK(last->offset == 990);
  CHECK(last->body.size() == 10);
  CHECK_FALSE(last->is_first());
  CHECK_FALSE(reader.next());
  CHECK_FALSE(reader.malformed());
}

TEST_CASE("a fragment that leaves its message or its record is malformed") {
  const Bytes beyond = fragment(HandshakeType::certificate, 1000, 991, 10);
  FragmentReader beyond_reader(beyond);
  CHECK_FALSE(beyond_reader.next());
  CHECK(beyond_reader.malformed());

  const Bytes largest = fragment(HandshakeType::certificate, 0xffffff, 0xffffff, 1);
  FragmentReader largest_reader(largest);
  CHECK_FALSE(largest_reader.next());
  CHECK(largest_reader.malformed());

  const Bytes body = fragment(HandshakeType::client_key_exchange, 33, 0, 33);
  for (std::size_t size = 0; size < body.size(); ++size) {
    CAPTURE(size);
    FragmentReader reader(ByteView(body).sub(0, size));
    CHECK_FALSE(reader.next());
    CHECK(reader.malformed() == (size != 0));
  }
}
