// Alerts on established connections.
#include "simulation/insider.h"
#include "simulation/wire.h"
#include "suite_families.h"

TEST_CASE("a renegotiation is refused, and nothing else happens") {
  Network network;
  Client& client = network.connect(peer);
  REQUIRE(network.run_until_connected(peer));
  const std::size_t before = network.packets(false).size();
  network.fault = simulation::drop_all();  // OpenSSL's client, which has asked for nothing, would end at it
  network.inject(peer,
                 simulation::seal_as_client(client, ContentType::handshake, 20,
                                            simulation::message(HandshakeType::client_hello, 0, Bytes(60))));
  network.flush();
  const auto packets = network.packets(false);
  REQUIRE(packets.size() == before + 1);
  CHECK(simulation::open_as_client(client, packets.back().bytes) == Bytes{1, 100});
  CHECK(network.counted(Counter::renegotiations_refused) == 1);
  network.fault = simulation::no_fault();
  CHECK(network.echo_works(client));
}

TEST_CASE("warnings and alerts of a wrong length are of no consequence") {
  Network network;
  Client& client = network.connect(peer);
  REQUIRE(network.run_until_connected(peer));
  std::uint64_t number = 10;
  for (const Bytes& alert : {Bytes{1, 90}, Bytes{1, 100}, Bytes{}, Bytes{2}, Bytes{2, 40, 0}}) {
    network.inject(peer, simulation::seal_as_client(client, ContentType::alert, number++, alert));
  }
  CHECK_FALSE(network.saw(EventKind::disconnected));
  CHECK(network.echo_works(client));
}
