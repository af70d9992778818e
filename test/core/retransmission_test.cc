// Our retransmission timer and the handshake's deadline (RFC 6347 4.2.4), in the injected clock.
#include <set>

#include "network_test.h"

namespace {

const simulation::Interference silent_after_second_hello = simulation::drop_from(true, 2);

// When the flight of the ServerHello was sent, in milliseconds after the first time.
std::vector<std::int64_t> flight_times(const Network& network) {
  std::vector<std::int64_t> times;
  const auto sent = network.packets(false);
  for (std::size_t i = 1; i < sent.size(); ++i) {
    times.push_back((sent[i].sent_at - sent[1].sent_at).us / 1000);
  }
  return times;
}

}  // namespace

TEST_CASE("an unanswered flight is resent after 1 s, doubling to 60 s, until the deadline") {
  dtls::EndpointSettings settings;
  settings.handshake_timeout = second * 300;
  Network network(settings);
  network.interference = silent_after_second_hello;
  network.connect(peer);
  REQUIRE(network.run_until([&] { return network.saw(EventKind::handshake_failed); }, second * 1000));
  CHECK(flight_times(network) ==
        std::vector<std::int64_t>{0, 1000, 3000, 7000, 15000, 31000, 63000, 123000, 183000, 243000});
  const auto failed = network.reported(EventKind::handshake_failed).at(0);
  CHECK(failed.fault() == Fault::timed_out);
  CHECK(failed.c == -1);
  CHECK(failed.at - network.reported(EventKind::connection_request).at(0).at == second * 300);
  CHECK(network.counted(Counter::handshakes_timed_out) == 1);
  CHECK(network.counted(Counter::handshakes_failed) == 1);
  CHECK(network.counted(Counter::flights_retransmitted) == 9);
  CHECK(network.endpoint().association_count() == 0);
}

TEST_CASE("every record of a retransmission has a fresh number") {
  Network network;
  network.interference = silent_after_second_hello;
  network.connect(peer);
  network.run_for(second * 20);
  std::set<std::uint64_t> numbers;
  std::size_t records = 0;
  const auto sent = network.packets(false);
  for (std::size_t i = 1; i < sent.size(); ++i) {
    dtls::RecordReader reader(sent[i].bytes);
    while (const auto record = reader.next()) {
      numbers.insert(record->sequence);
      ++records;
    }
  }
  CHECK(records >= 5 * 3);
  CHECK(numbers.size() == records);
}

TEST_CASE("the first ServerHello record repeats the number of the second hello's record") {
  Network network;
  network.interference = silent_after_second_hello;
  network.connect(peer);
  network.run_for(Duration::milliseconds(100));
  const auto hellos = network.packets(true);
  const auto flights = network.packets(false);
  REQUIRE(hellos.size() >= 2);
  REQUIRE(flights.size() >= 2);
  CHECK(dtls::RecordReader(flights[1].bytes).next()->sequence ==
        dtls::RecordReader(hellos[1].bytes).next()->sequence);
}

TEST_CASE("the deadline of the settings holds, and it counts from the request") {
  for (const std::int64_t timeout : {1, 2, 10}) {
    CAPTURE(timeout);
    dtls::EndpointSettings settings;
    settings.handshake_timeout = second * timeout;
    Network network(settings);
    network.interference = silent_after_second_hello;
    network.connect(peer);
    REQUIRE(network.run_until([&] { return network.saw(EventKind::handshake_failed); }, second * 100));
    const auto failed = network.reported(EventKind::handshake_failed).at(0);
    CHECK(failed.fault() == Fault::timed_out);
    CHECK(failed.at - network.reported(EventKind::connection_request).at(0).at == second * timeout);
  }
}

TEST_CASE("a repeated hello brings the flight again at once, but not for every copy") {
  Network network;
  network.interference = silent_after_second_hello;
  network.connect(peer);
  network.run_for(Duration::milliseconds(500));
  const auto hello = network.packets(true).at(1).bytes;
  const std::size_t before = network.packets(false).size();
  for (int i = 0; i < 100; ++i) {
    network.inject(peer, hello);
  }
  CHECK(network.packets(false).size() == before + 1);
  CHECK(network.counted(Counter::drop_duplicate_hello) == 100);
  CHECK(network.counted(Counter::connection_requests) == 1);
}

TEST_CASE("a machine clock that steps changes nothing of our times") {
  const auto times_with_step = [](Duration step) {
    Network network;
    network.interference = silent_after_second_hello;
    network.connect(peer);
    network.run_for(Duration::milliseconds(500));
    simulation::VirtualClock::step_wall_clock(step);
    network.run_for(second * 30);
    simulation::VirtualClock::step_wall_clock({-step.us});
    return flight_times(network);
  };
  const auto undisturbed = times_with_step({});
  CHECK(undisturbed == std::vector<std::int64_t>{0, 1000, 3000, 7000, 15000});
  CHECK(times_with_step(second * 3600) == undisturbed);
  CHECK(times_with_step(second * -3600) == undisturbed);
  CHECK(times_with_step(second * 86400 * 365) == undisturbed);
}

TEST_CASE("the clock steps in the middle of a lossy handshake, and it completes") {
  for (const std::int64_t hours : {-1, 1, 10000}) {
    CAPTURE(hours);
    Network network;
    network.interference = simulation::drop_datagram(false, 1);
    Client& client = network.connect(peer);
    network.run_for(Duration::milliseconds(500));
    simulation::VirtualClock::step_wall_clock(second * (3600 * hours));
    CHECK(network.run_until_connected(peer, second * 4));
    CHECK(network.echo_works(client));
    simulation::VirtualClock::step_wall_clock(second * (-3600 * hours));
  }
}

TEST_CASE("a flight that has been answered is not resent") {
  Network network;
  network.connect(peer);
  REQUIRE(network.run_until_connected(peer));
  const std::size_t sent = network.packets(false).size();
  network.run_for(second * 300);
  CHECK(network.packets(false).size() == sent);
  CHECK(network.counted(Counter::flights_retransmitted) == 0);
}
