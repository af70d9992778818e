// Whatever is dropped, somebody who asks is told of it: why, from whom, and how much was left out.
#include <functional>
#include <map>
#include <set>
#include <string>

#include "connected.h"
#include "core/counters.h"
#include "simulation/wire.h"

using simulation::message;
using simulation::record;

namespace {

bool is_drop(Counter counter) {
  const std::string name = dtls::counter_names.at(static_cast<std::size_t>(counter));
  return name.rfind("drop_", 0) == 0 || counter == Counter::alerts_ignored;
}

std::vector<Counter> drop_counters() {
  std::vector<Counter> counters;
  for (std::size_t i = 0; i < dtls::counter_count; ++i) {
    if (is_drop(static_cast<Counter>(i))) {
      counters.push_back(static_cast<Counter>(i));
    }
  }
  return counters;
}

dtls::EndpointSettings telling(bool losses = true, bool drops = true) {
  dtls::EndpointSettings settings;
  settings.report_losses = losses;
  settings.report_drops = drops;
  settings.max_packet_size = 4096;
  return settings;
}

Bytes first_hello() {
  Client client;
  client.start();
  return client.take_outgoing().at(0);
}

// A network whose client waits for our first flight.
void begin_handshake(Network& network) {
  network.interference = simulation::drop_from(false, 1);
  network.connect(peer);
  network.run_for(Duration::milliseconds(100));
  REQUIRE(network.endpoint().association_count() == 1);
}

void connect(Network& network) {
  network.connect(peer);
  REQUIRE(network.run_until_connected(peer));
}

struct Scene {
  dtls::EndpointSettings settings = telling();
  std::function<void(Network&)> play;
};

Scene at_limit(const std::function<void(dtls::EndpointSettings&)>& limit, bool connected) {
  Scene scene;
  limit(scene.settings);
  scene.play = [connected](Network& network) {
    network.accepts_requests = connected;
    network.connect(peer);
    network.run_for(Duration::milliseconds(200));
    dtls::Address other = peer;
    other.port = 1;
    network.inject(other, first_hello());
  };
  return scene;
}

Scene scene_of(const std::function<void(Network&)>& play) {
  Scene scene;
  scene.play = play;
  return scene;
}

// How each comes about.
std::map<Counter, Scene> scenes() {
  std::map<Counter, Scene> all;
  const auto inject = [](Bytes datagram) {
    return scene_of([datagram](Network& network) { network.inject(peer, datagram); });
  };
  const auto in_handshake = [](Bytes datagram) {
    return scene_of([datagram](Network& network) {
      begin_handshake(network);
      network.inject(peer, datagram);
    });
  };
  const auto when_connected = [](Bytes datagram) {
    return scene_of([datagram](Network& network) {
      connect(network);
      network.inject(peer, datagram);
    });
  };
  all[Counter::drop_empty] = inject({});
  all[Counter::drop_oversized] = inject(Bytes(5000, 1));
  all[Counter::drop_unknown_peer] = inject({'G', 'E', 'T'});
  all[Counter::drop_malformed_hello] =
      inject(record(ContentType::handshake, 0, 0, message(HandshakeType::client_hello, 0, Bytes(3, 1))));
  all[Counter::drop_hello_fragment] =
      inject(record(ContentType::handshake, 0, 0,
                    simulation::fragment(HandshakeType::client_hello, 90, 0, 40, Bytes(50, 1))));
  all[Counter::drop_not_accepting] = scene_of([](Network& network) {
    network.endpoint().set_accepting(false);
    network.inject(peer, first_hello());
  });
  all[Counter::drop_max_connections] = at_limit([](auto& settings) { settings.max_connections = 1; }, true);
  all[Counter::drop_max_handshakes] = at_limit([](auto& settings) { settings.max_handshakes = 1; }, false);
  all[Counter::drop_max_handshakes_per_host] =
      at_limit([](auto& settings) { settings.max_handshakes_per_host = 1; }, false);
  all[Counter::drop_max_connections_per_host] =
      at_limit([](auto& settings) { settings.max_connections_per_host = 1; }, true);
  all[Counter::drop_bad_cookie] = scene_of([](Network& network) {
    network.interference = simulation::delay_datagram(true, 1, Duration::milliseconds(100));
    network.at(network.now() + Duration::milliseconds(60),
               [&network] { network.endpoint().set_cookie_secret({}); });
    network.connect(peer);
    network.run_for(Duration::milliseconds(500));
  });
  all[Counter::drop_duplicate_hello] = scene_of([](Network& network) {
    network.interference = simulation::duplicate_datagram(true, 1);
    network.connect(peer);
    network.run_for(Duration::milliseconds(200));
  });
  all[Counter::drop_malformed_record] = when_connected({22});
  all[Counter::drop_wrong_epoch] = when_connected(record(ContentType::application_data, 2, 0, Bytes(48, 3)));
  all[Counter::drop_unauthenticated] =
      when_connected(record(ContentType::application_data, 1, 7, Bytes(48, 3)));
  all[Counter::drop_spoofable] = when_connected(record(ContentType::application_data, 0, 0, Bytes{1}));
  all[Counter::drop_unexpected_handshake] =
      in_handshake(record(ContentType::handshake, 0, 5, message(HandshakeType::finished, 2, Bytes(12, 1))));
  all[Counter::drop_held_overflow] = scene_of([](Network& network) {
    begin_handshake(network);
    for (unsigned i = 0; i < 17; ++i) {
      network.inject(peer, record(ContentType::application_data, 1, i, Bytes(100, 1)));
    }
  });
  all[Counter::drop_heartbeat] = in_handshake(record(ContentType::heartbeat, 0, 0, Bytes{1, 0, 1, 0}));
  all[Counter::alerts_ignored] = when_connected(record(ContentType::alert, 0, 9, Bytes{2, 40}));
  Scene paused;
  paused.settings.pause_bound = 100;
  paused.play = [](Network& network) {
    Client& client = network.connect(peer);
    REQUIRE(network.run_until_connected(peer));
    network.endpoint().pause(1);
    CHECK(client.send(Bytes(200, 'x')));
    network.flush();
    network.run_for(Duration::milliseconds(100));
  };
  all[Counter::drop_paused] = paused;
  return all;
}

// What was told of, by reason, with what was left out.
std::map<Counter, std::uint64_t> told(const Network& network) {
  std::map<Counter, std::uint64_t> sums;
  for (const auto& event : network.reported(EventKind::dropped)) {
    sums[static_cast<Counter>(event.a)] += 1 + static_cast<std::uint64_t>(event.b);
  }
  return sums;
}

// Rates are for floods.
void let_seconds_pass(Network& network) { network.run_for(second * 2); }

}  // namespace

TEST_CASE("each reason to drop is counted, and told of to who asks") {
  const std::map<Counter, Scene> all = scenes();
  for (const Counter reason : drop_counters()) {
    const std::string name = dtls::counter_names.at(static_cast<std::size_t>(reason));
    CAPTURE(name);
    REQUIRE(all.count(reason) == 1);
    Network network(all.at(reason).settings);
    all.at(reason).play(network);
    let_seconds_pass(network);
    CHECK(network.counted(reason) > 0);
    CHECK(told(network)[reason] > 0);
    for (const auto& event : network.reported(EventKind::dropped)) {
      CHECK(event.text.substr(0, 10) == "192.0.2.1:");
    }
    std::uint64_t counted = 0;
    for (const Counter counter : drop_counters()) {
      counted += network.counted(counter);
    }
    std::uint64_t told_of = 0;
    for (const auto& [counter, times] : told(network)) {
      told_of += times;
    }
    CHECK(told_of == counted);
  }
}

TEST_CASE("drops are told of only as far as is asked for, and counted all the same") {
  for (const Counter reason : drop_counters()) {
    for (const bool losses : {false, true}) {
      Scene scene = scenes().at(reason);
      scene.settings.report_losses = losses;
      scene.settings.report_drops = false;
      Network network(scene.settings);
      scene.play(network);
      let_seconds_pass(network);
      const bool loss = reason == Counter::drop_oversized || reason == Counter::drop_paused;
      CAPTURE(dtls::counter_names.at(static_cast<std::size_t>(reason)));
      CHECK(network.counted(reason) > 0);
      CHECK(dtls::is_loss(reason) == loss);
      CHECK(network.saw(EventKind::dropped) == (losses && loss));
      for (const auto& drop : network.reported(EventKind::dropped)) {
        CHECK(drop.c == 1);
      }
    }
  }
}

TEST_CASE("a drop names the connection or the handshake that it was for") {
  Network network(telling());
  network.inject(peer, Bytes{1});
  connect(network);
  network.inject(peer, Bytes{1});
  network.inject(peer, Bytes(5000, 1));
  network.inject(peer, record(ContentType::application_data, 1, 7, Bytes(48, 3)));
  network.inject(peer, record(ContentType::application_data, 0, 7, Bytes(48, 3)));
  const auto drops = network.reported(EventKind::dropped);
  REQUIRE(drops.size() == 5);
  CHECK(drops[0].id == 0);
  CHECK(drops[0].c == 0);
  for (std::size_t i = 1; i < drops.size(); ++i) {
    CHECK(drops[i].id == 1);
  }
}

TEST_CASE("a flood of drops is told of ten times a second, and its tail when the second is over") {
  Network network(telling());
  const Instant start = network.now();
  for (unsigned i = 0; i < 25; ++i) {
    network.inject(Network::address(i + 1), Bytes{'x'});
  }
  CHECK(network.reported(EventKind::dropped).size() == 10);
  CHECK(network.endpoint().next_deadline() == start + second);
  network.run_for(second);
  const auto drops = network.reported(EventKind::dropped);
  REQUIRE(drops.size() == 11);
  CHECK(drops[10].at == start + second);
  CHECK(drops[10].b == 14);
  CHECK(drops[10].text == Network::address(25).text());
  CHECK(network.endpoint().next_deadline() == Instant::never());
  // It is one of the ten of its second.
  for (unsigned i = 0; i < 25; ++i) {
    network.inject(peer, Bytes{'x'});
  }
  CHECK(network.reported(EventKind::dropped).size() == 20);
  // And nothing is left to tell when all is closed.
  network.endpoint().close_all(network.now());
  network.flush();
  CHECK(network.reported(EventKind::dropped).back().b == 15);
  CHECK(network.endpoint().next_deadline() == Instant::never());
}

TEST_CASE("a flood from strangers leaves out no loss of a connection's") {
  dtls::EndpointSettings settings = telling();
  settings.pause_bound = 100;
  Network network(settings);
  Client& client = network.connect(peer);
  REQUIRE(network.run_until_connected(peer));
  network.endpoint().pause(1);
  for (unsigned i = 0; i < 100; ++i) {
    network.inject(Network::address(2), Bytes{'x'});
    network.inject(Network::address(2), Bytes(5000, 1));
  }
  CHECK(client.send(Bytes(200, 'x')));
  network.flush();
  network.run_for(Duration::milliseconds(100));
  CHECK(told(network)[Counter::drop_paused] == 1);
}

TEST_CASE("what waited in a paused connection is told of as lost when it ends") {
  Network network(telling());
  Client& client = network.connect(peer);
  REQUIRE(network.run_until_connected(peer));
  network.endpoint().pause(1);
  for (int i = 0; i < 3; ++i) {
    CHECK(client.send(Bytes(200, 'x')));
  }
  network.flush();
  network.run_for(Duration::milliseconds(100));
  network.endpoint().disconnect(1, network.now());
  network.flush();
  REQUIRE(network.reported(EventKind::dropped).size() == 1);
  CHECK(network.reported(EventKind::dropped)[0].id == 1);
  CHECK(network.reported(EventKind::dropped)[0].b == 2);
}

TEST_CASE("a datagram that is too long is an error of its connection, cut short or not, one a second") {
  for (const bool truncated : {false, true}) {
    Network network(telling());
    connect(network);
    const Bytes datagram(truncated ? 10 : 5000, 23);
    network.endpoint().receive(datagram, peer, network.now(), truncated);
    network.endpoint().receive(datagram, peer, network.now(), truncated);
    network.endpoint().receive(datagram, Network::address(2), network.now(), truncated);
    network.flush();
    const auto errors = network.reported(EventKind::error);
    REQUIRE(errors.size() == 1);
    CHECK(errors[0].id == 1);
    CHECK(errors[0].fault() == Fault::oversized);
    CHECK(network.counted(Counter::drop_oversized) == 3);
    CHECK(network.reported(EventKind::dropped).size() == 3);
    network.run_for(second);
    network.endpoint().receive(datagram, peer, network.now(), truncated);
    network.flush();
    CHECK(network.reported(EventKind::error).size() == 2);
  }
}
