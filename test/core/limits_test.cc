// Limits of connections and of handshakes in progress, in total and per host.
#include "network_test.h"

namespace {

// `port` tells peers of one host apart.
Address at(unsigned host, unsigned port) {
  Address address = Network::address(host);
  address.port = static_cast<std::uint16_t>(port);
  return address;
}

// With those that were left out.
int times_told(const Network& network, EventKind kind) {
  int times = 0;
  for (const auto& event : network.reported(kind)) {
    times += 1 + event.b;
  }
  return times;
}

}  // namespace

TEST_CASE("no more connections than max_connections, and a place that becomes free is given away") {
  dtls::EndpointSettings settings;
  settings.max_connections = 2;
  Network network(settings);
  Client& first = network.connect(at(1, 1));
  network.connect(at(2, 1));
  REQUIRE(network.run_until_connected(at(1, 1)));
  REQUIRE(network.run_until_connected(at(2, 1)));
  Client& third = network.connect(at(3, 1));
  network.run_for(Duration::milliseconds(500));
  CHECK_FALSE(third.connected());
  CHECK(network.counted(Counter::drop_max_connections) == 1);
  CHECK(network.counted(Counter::hello_verify_requests) == 2);  // not even an answer
  REQUIRE(network.reported(EventKind::limit_reached).size() == 1);
  CHECK(network.reported(EventKind::limit_reached).at(0).a ==
        static_cast<int>(Counter::drop_max_connections));
  CHECK(network.reported(EventKind::limit_reached).at(0).text == "192.0.2.3:1");

  first.close();
  network.flush();
  CHECK(network.run_until_connected(at(3, 1), second * 3));
  CHECK(network.endpoint().connection_count() == 2);
}

TEST_CASE("an established client's place serves its own restart") {
  dtls::EndpointSettings settings;
  settings.max_connections = 1;
  settings.max_connections_per_host = 1;
  Network network(settings);
  network.connect(at(1, 1));
  REQUIRE(network.run_until_connected(at(1, 1)));
  Client& again = network.connect(at(1, 1));
  REQUIRE(network.run_until([&] { return again.connected(); }, second * 3));
  CHECK(network.run_until([&] { return network.endpoint().peer_of(2).has_value(); }, second));
  CHECK(network.echo_works(again));
}

TEST_CASE("no more handshakes than max_handshakes") {
  dtls::EndpointSettings settings;
  settings.max_handshakes = 2;
  Network network(settings);
  network.accepts_requests = false;
  for (unsigned host = 1; host <= 3; ++host) {
    network.connect(at(host, 1));
  }
  network.run_for(Duration::milliseconds(500));
  CHECK(network.reported(EventKind::connection_request).size() == 2);
  CHECK(network.endpoint().association_count() == 2);
  CHECK(network.counted(Counter::drop_max_handshakes) >= 1);
  CHECK(network.reported(EventKind::limit_reached).at(0).a == static_cast<int>(Counter::drop_max_handshakes));

  // Once the two are established they are handshakes no more.
  network.endpoint().answer_request(1, true, network.now());
  network.endpoint().answer_request(2, true, network.now());
  network.flush();
  network.accepts_requests = true;
  CHECK(network.run_until_connected(at(3, 1), second * 8));
  CHECK(network.endpoint().connection_count() == 3);
}

TEST_CASE("no more handshakes of one host than max_handshakes_per_host; others have theirs") {
  dtls::EndpointSettings settings;
  settings.max_handshakes_per_host = 3;
  Network network(settings);
  network.accepts_requests = false;
  for (unsigned port = 1; port <= 5; ++port) {
    network.connect(at(1, port));
  }
  for (unsigned port = 1; port <= 2; ++port) {
    network.connect(at(2, port));
  }
  network.run_for(Duration::milliseconds(500));
  CHECK(network.endpoint().association_count() == 5);
  CHECK(network.counted(Counter::drop_max_handshakes_per_host) >= 2);
  CHECK(network.reported(EventKind::limit_reached).at(0).a ==
        static_cast<int>(Counter::drop_max_handshakes_per_host));
}

TEST_CASE("no more connections of one host than max_connections_per_host, handshakes included") {
  dtls::EndpointSettings settings;
  settings.max_connections_per_host = 2;
  Network network(settings);
  network.connect(at(1, 1));
  REQUIRE(network.run_until_connected(at(1, 1)));
  network.accepts_requests = false;
  for (unsigned port = 2; port <= 4; ++port) {
    network.connect(at(1, port));
  }
  network.connect(at(2, 1));
  network.run_for(Duration::milliseconds(500));
  CHECK(network.endpoint().association_count() == 3);
  CHECK(network.counted(Counter::drop_max_connections_per_host) >= 2);
}

TEST_CASE("an IPv6 /64 is one host to the limits, and each address of a link another") {
  const auto ipv6 = [](unsigned prefix, std::uint8_t subnet, std::uint8_t interface) {
    Address address;
    address.ip = {static_cast<std::uint8_t>(prefix >> 8),
                  static_cast<std::uint8_t>(prefix),
                  0,
                  0,
                  0,
                  0,
                  0,
                  subnet,
                  0,
                  0,
                  0,
                  0,
                  0,
                  0,
                  0,
                  interface};
    address.port = 40000;
    return address;
  };
  dtls::EndpointSettings settings;
  settings.max_connections_per_host = 1;
  Network network(settings);
  network.connect(ipv6(0x2001, 1, 1));
  REQUIRE(network.run_until_connected(ipv6(0x2001, 1, 1)));
  network.connect(ipv6(0x2001, 1, 2));
  network.connect(ipv6(0x2001, 2, 1));
  network.connect(ipv6(0xfe80, 0, 1));
  network.connect(ipv6(0xfe80, 0, 2));
  network.run_for(Duration::seconds(3));
  CHECK(network.connection_of(ipv6(0x2001, 1, 2)) == 0);
  CHECK(network.connection_of(ipv6(0x2001, 2, 1)) != 0);
  CHECK(network.connection_of(ipv6(0xfe80, 0, 1)) != 0);
  CHECK(network.connection_of(ipv6(0xfe80, 0, 2)) != 0);
}

TEST_CASE("connections that end, however they end, free what they counted for") {
  dtls::EndpointSettings settings;
  settings.max_connections = 1;
  settings.max_handshakes = 1;
  settings.max_handshakes_per_host = 1;
  settings.max_connections_per_host = 1;
  Network network(settings);
  for (unsigned round = 0; round < 12; ++round) {
    CAPTURE(round);
    network.accepts_requests = round % 4 != 2;
    Client& client = network.connect(at(1, 100 + round));
    if (round % 4 == 2) {
      network.run_for(Duration::milliseconds(200));
      REQUIRE(network.endpoint().association_count() == 1);
      CHECK(network.endpoint().answer_request(network.endpoint().next_id() - 1, false, network.now()));
    } else {
      REQUIRE(network.run_until_connected(at(1, 100 + round), second * 2));
      if (round % 4 == 0) {
        client.close();
      }
      if (round % 4 == 1) {
        network.endpoint().disconnect(network.connection_of(at(1, 100 + round)), network.now());
      }
      if (round % 4 == 3) {
        network.endpoint().close_all(network.now());
      }
    }
    network.flush();
    network.run_for(second * 2);
    CHECK(network.endpoint().association_count() == 0);
  }
}

TEST_CASE("a flood against a full endpoint is noticed at most once a second, and the rest are counted") {
  dtls::EndpointSettings settings;
  settings.max_connections = 1;
  Network network(settings);
  network.connect(at(1, 1));
  REQUIRE(network.run_until_connected(at(1, 1)));
  Client stranger;
  stranger.start();
  const Bytes hello = stranger.take_outgoing().at(0);
  const std::size_t sent = network.packets(false).size();
  const Instant start = network.now();
  for (unsigned i = 0; i < 1000; ++i) {
    network.at(start + Duration::milliseconds(i * 10), [&, i] { network.inject(at(3 + i % 50, i), hello); });
  }
  network.run_until(start + second * 10);
  const auto notices = network.reported(EventKind::limit_reached);
  CHECK(notices.size() >= 9);
  CHECK(notices.size() <= 11);
  for (std::size_t i = 1; i < notices.size(); ++i) {
    CHECK(notices[i].at - notices[i - 1].at >= second);
    CHECK(notices[i].b >= 98);
    CHECK(notices[i].b <= 100);
  }
  network.run_for(second);
  CHECK(times_told(network, EventKind::limit_reached) == 1000);
  CHECK(network.counted(Counter::drop_max_connections) == 1000);
  CHECK(network.packets(false).size() == sent);
}

TEST_CASE("settings may change under way: lower limits keep what there is") {
  Network network;
  for (unsigned host = 1; host <= 3; ++host) {
    network.connect(at(host, 1));
    REQUIRE(network.run_until_connected(at(host, 1)));
  }
  dtls::EndpointSettings settings;
  settings.max_connections = 1;
  network.endpoint().configure(settings, network.now());
  CHECK(network.endpoint().connection_count() == 3);
  network.connect(at(4, 1));
  network.run_for(second);
  CHECK(network.endpoint().connection_count() == 3);
  settings.max_connections = 4;
  network.endpoint().configure(settings, network.now());
  CHECK(network.run_until_connected(at(4, 1), second * 3));
}

TEST_CASE("HelloVerifyRequests are told of ten times a second at most, and only if progress is asked for") {
  for (const bool asked : {false, true}) {
    dtls::EndpointSettings settings;
    settings.report_progress = asked;
    Network network(settings);
    Client stranger;
    stranger.start();
    const Bytes hello = stranger.take_outgoing().at(0);
    const Instant start = network.now();
    for (unsigned i = 0; i < 500; ++i) {
      network.at(start + Duration::milliseconds(i * 4), [&, i] { network.inject(at(3 + i % 50, i), hello); });
    }
    network.run_until(start + second * 2);
    const auto told = network.reported(EventKind::hello_verify_request);
    REQUIRE(told.size() == (asked ? 21 : 0));
    if (asked) {
      CHECK(told.at(0).id == 0);
      CHECK(told.at(0).b == 0);
      CHECK(told.at(10).b == 239);
    }
    CHECK(times_told(network, EventKind::hello_verify_request) == (asked ? 500 : 0));
    CHECK(network.counted(Counter::hello_verify_requests) == 500);
  }
}
