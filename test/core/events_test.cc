#include "core/events.h"

#include <doctest/doctest.h>

#include <cstring>

#include "core/alert.h"
#include "core/counters.h"
#include "core/outbox.h"

using dtls::ByteView;
using dtls::Event;
using dtls::EventKind;
using dtls::Events;
using Bytes = std::vector<std::uint8_t>;

namespace {

std::string text_of(const Events& events, const Event& event) {
  return events.bytes().sub(event.offset, event.length).text();
}

}  // namespace

TEST_CASE("events keep their order, numbers and bytes") {
  Events events;
  CHECK(events.empty());
  events.add(EventKind::connection_request, 7, "192.0.2.1", 4433);
  events.add(EventKind::data, 8, ByteView{});
  events.add(EventKind::handshake_failed, dtls::ConnectionId{1} << 40, std::string_view("a\0b", 3), 1, -2, 3);
  REQUIRE(events.list().size() == 3);
  CHECK(events.list()[0].kind == EventKind::connection_request);
  CHECK(events.list()[0].id == 7);
  CHECK(events.list()[0].a == 4433);
  CHECK(text_of(events, events.list()[0]) == "192.0.2.1");
  CHECK(events.list()[1].length == 0);
  CHECK(events.list()[2].id == dtls::ConnectionId{1} << 40);
  CHECK(events.list()[2].b == -2);
  CHECK(events.list()[2].c == 3);
  CHECK(text_of(events, events.list()[2]) == std::string("a\0b", 3));
  events.clear();
  CHECK(events.empty());
  CHECK(events.bytes().empty());
}

TEST_CASE("data is read straight into the events, and what is not used is given back") {
  Events events;
  for (int round = 0; round < 100; ++round) {
    std::memset(events.reserve_data(18432), round, 18432);
    if (round % 3 == 0) {
      continue;  // nothing came
    }
    events.add_reserved(EventKind::data, 1, static_cast<std::size_t>(round));
  }
  std::size_t checked = 0;
  for (const Event& event : events.list()) {
    const ByteView bytes = events.bytes().sub(event.offset, event.length);
    for (const std::uint8_t byte : bytes) {
      CHECK(byte == event.length);
    }
    checked += bytes.size();
  }
  CHECK(checked == events.bytes().size());
  CHECK(checked == 4950 - 1683);
}

TEST_CASE("datagrams in the outbox keep peer, connection and bytes while it grows") {
  dtls::Outbox outbox;
  Bytes datagram;
  for (unsigned i = 0; i < 200; ++i) {
    outbox.add(dtls::Address::ipv4(10, 0, 0, 1, static_cast<std::uint16_t>(i)), i, datagram);
    datagram.push_back(static_cast<std::uint8_t>(i));
  }
  REQUIRE(outbox.list().size() == 200);
  CHECK(outbox.byte_count() == 199 * 200 / 2);
  for (unsigned i = 0; i < 200; ++i) {
    const dtls::OutgoingDatagram& entry = outbox.list()[i];
    CHECK(entry.peer.port == i);
    CHECK(entry.id == i);
    CHECK(outbox.bytes_of(entry) == ByteView(datagram).sub(0, i));
  }
  outbox.clear();
  CHECK(outbox.empty());
  CHECK(outbox.byte_count() == 0);
}

TEST_CASE("counters are named in their order") {
  CHECK(dtls::counter_names.size() == dtls::counter_count);
  const auto name_of = [](dtls::Counter counter) {
    return std::string(dtls::counter_names[static_cast<std::size_t>(counter)]);
  };
  CHECK(name_of(dtls::Counter::datagrams_received) == "datagrams_received");
  CHECK(name_of(dtls::Counter::drop_bad_cookie) == "drop_bad_cookie");
  CHECK(name_of(dtls::Counter::alerts_ignored) == "alerts_ignored");
  CHECK(std::string(dtls::counter_names.back()) == "alerts_ignored");
  dtls::Counters counters;
  counters.add(dtls::Counter::restarts);
  counters.add(dtls::Counter::restarts, 41);
  CHECK(counters[dtls::Counter::restarts] == 42);
  CHECK(counters[dtls::Counter::drop_empty] == 0);
}

TEST_CASE("alerts have the names of their RFCs") {
  CHECK(std::string(dtls::alert::name(0)) == "close_notify");
  CHECK(std::string(dtls::alert::name(40)) == "handshake_failure");
  CHECK(std::string(dtls::alert::name(48)) == "unknown_ca");
  CHECK(std::string(dtls::alert::name(120)) == "no_application_protocol");
  for (const int number : {-1, 1, 39, 254, 255, 256, 1000}) {
    CHECK(std::string(dtls::alert::name(number)) == "unknown");
  }
}
