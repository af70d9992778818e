// What ICMP says of a datagram that has left is a hint, which anybody can forge: an error event, and no more.
#include "network_test.h"

namespace {

constexpr int refused = 111;

void say(Network& network, const Address& to) {
  network.endpoint().network_error(to, refused, "ECONNREFUSED: connection refused", network.now());
  network.flush();
}

}  // namespace

TEST_CASE("an error of the network is an error event of its connection, one a second, and ends nothing") {
  Network network;
  Client& client = network.connect(peer);
  REQUIRE(network.run_until_connected(peer));
  for (int i = 0; i < 100; ++i) {
    say(network, peer);
  }
  auto errors = network.reported(EventKind::error);
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].id == 1);
  CHECK(errors[0].fault() == Fault::network_error);
  CHECK(errors[0].c == refused);
  CHECK(network.counted(Counter::icmp_errors) == 100);
  CHECK(network.counted(Counter::sends_failed) == 0);
  network.run_for(second);
  say(network, peer);
  CHECK(network.reported(EventKind::error).size() == 2);
  CHECK(network.echo_works(client));
}

TEST_CASE("what anybody can forge does not hide what fails here") {
  Network network;
  network.connect(peer);
  REQUIRE(network.run_until_connected(peer));
  say(network, peer);
  network.endpoint().send_failed(1, 1, "EPERM", network.now());
  network.flush();
  const auto errors = network.reported(EventKind::error);
  REQUIRE(errors.size() == 2);
  CHECK(errors[1].fault() == Fault::send_failed);
}

TEST_CASE("errors of strangers and of handshakes are counted, and nothing else") {
  Network network;
  network.interference = simulation::drop_from(false, 1);
  network.connect(peer);
  network.run_for(Duration::milliseconds(100));
  REQUIRE(network.endpoint().association_count() == 1);
  const std::size_t reported = network.reported().size();
  const Instant deadline = network.endpoint().next_deadline();
  say(network, peer);
  say(network, Network::address(2));
  CHECK(network.reported().size() == reported);
  CHECK(network.endpoint().association_count() == 1);
  CHECK(network.endpoint().next_deadline() == deadline);
  CHECK(network.counted(Counter::icmp_errors) == 2);
}

TEST_CASE("errors forged for many connections are ten events a second in all") {
  Network network;
  constexpr unsigned clients = 25;
  for (unsigned i = 1; i <= clients; ++i) {
    network.connect(Network::address(i));
    REQUIRE(network.run_until_connected(Network::address(i)));
  }
  network.run_for(second);
  for (unsigned i = 1; i <= clients; ++i) {
    say(network, Network::address(i));
  }
  CHECK(network.reported(EventKind::error).size() == 10);
}

TEST_CASE("the address of ours that a peer has reached is a part of whom an error is about") {
  Network network;
  Address at_one = peer;
  at_one.set_local(Address::ipv4(198, 51, 100, 1));
  Address at_other = peer;
  at_other.set_local(Address::ipv4(198, 51, 100, 2));
  network.connect(at_one);
  REQUIRE(network.run_until_connected(at_one));
  say(network, at_other);
  CHECK_FALSE(network.saw(EventKind::error));
  say(network, at_one);
  CHECK(network.saw(EventKind::error));
}
