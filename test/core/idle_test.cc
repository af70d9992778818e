// When a connection is idle.
#include "connected.h"
#include "simulation/wire.h"

using dtls::SendResult;

TEST_CASE("an idle connection is disconnected after the idle timeout, and not before") {
  dtls::EndpointSettings settings;
  settings.idle_timeout = second * 10;
  Connected scene(settings);
  const Instant connected = scene.network.reported(EventKind::connected).at(0).at;
  REQUIRE(scene.network.run_until([&] { return scene.network.saw(EventKind::disconnected); }, second * 60));
  const auto ended = scene.network.reported(EventKind::disconnected).at(0);
  CHECK(ended.fault() == Fault::idle);
  CHECK(ended.at - connected >= second * 10);
  CHECK(ended.at - connected < Duration::milliseconds(10001));
  CHECK(scene.network.counted(Counter::connections_idle) == 1);
  CHECK(scene.network.counted(Counter::connections_closed) == 1);
  scene.network.run_for(second);
  CHECK(scene.client.closed_by_peer());
}

TEST_CASE("data either way postpones the idle timeout; forgeries and clear text don't") {
  dtls::EndpointSettings settings;
  settings.idle_timeout = second * 10;
  Connected scene(settings);
  Network& network = scene.network;
  for (int i = 0; i < 5; ++i) {
    network.run_for(second * 9);
    REQUIRE(scene.client.send(Bytes{'x'}));
    network.flush();
    network.run_for(second * 9);
    REQUIRE(scene.send(1) == SendResult::sent);
    network.flush();
  }
  CHECK_FALSE(network.saw(EventKind::disconnected));
  const Instant last = network.now();
  Bytes forged = simulation::seal_as_client(scene.client, ContentType::application_data, 500, Bytes(10, 1));
  forged.back() ^= 1;
  const Bytes clear = simulation::record(ContentType::application_data, 0, 9, Bytes{0});
  for (int i = 0; i < 20 && !network.saw(EventKind::disconnected); ++i) {
    network.run_for(second);
    network.inject(peer, forged);
    network.inject(peer, clear);
  }
  REQUIRE(network.saw(EventKind::disconnected));
  CHECK(network.reported(EventKind::disconnected).at(0).at - last < Duration::milliseconds(10001));
}

TEST_CASE("a changed idle timeout applies at once to what is connected") {
  dtls::EndpointSettings settings;
  Connected scene(settings);
  Network& network = scene.network;
  network.run_for(second * 1000);
  CHECK_FALSE(network.saw(EventKind::disconnected));
  settings.idle_timeout = second * 2000;
  network.endpoint().configure(settings, network.now());
  network.flush();
  network.run_for(second * 500);
  CHECK_FALSE(network.saw(EventKind::disconnected));
  settings.idle_timeout = second * 0;
  network.endpoint().configure(settings, network.now());
  network.run_for(second * 5000);
  CHECK_FALSE(network.saw(EventKind::disconnected));
  settings.idle_timeout = second * 100;
  network.endpoint().configure(settings, network.now());
  network.flush();
  CHECK(network.saw(EventKind::disconnected));
  CHECK(network.reported(EventKind::disconnected).at(0).fault() == Fault::idle);
}

TEST_CASE("a hundred idle connections end each in its own time") {
  dtls::EndpointSettings settings;
  settings.idle_timeout = second * 30;
  settings.max_handshakes_per_host = 100;
  Network network(settings);
  for (unsigned i = 0; i < 100; ++i) {
    Address address = peer;
    address.port = static_cast<std::uint16_t>(1 + i);
    network.connect(address);
    network.run_for(Duration::milliseconds(100));
  }
  REQUIRE(network.endpoint().connection_count() == 100);
  network.run_for(second * 60);
  const auto connected = network.reported(EventKind::connected);
  const auto ended = network.reported(EventKind::disconnected);
  REQUIRE(ended.size() == 100);
  for (std::size_t i = 0; i < 100; ++i) {
    CHECK(ended[i].id == connected[i].id);
    CHECK(ended[i].at - connected[i].at >= second * 30);
    CHECK(ended[i].at - connected[i].at < Duration::milliseconds(30001));
  }
}
