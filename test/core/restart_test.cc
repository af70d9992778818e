// A client that begins anew from the address of a connection (RFC 6347 4.2.8).
#include "network_test.h"

namespace {

struct Restart {
  Network network;
  Client* old_client;
  std::size_t before_new = 0;  // datagrams to the server before the new client

  explicit Restart(const dtls::EndpointSettings& settings = {},
                   std::shared_ptr<const dtls::SecurityContext> context = simulation::plain_context())
      : network(settings, std::move(context)) {
    old_client = &network.connect(peer);
    REQUIRE(network.run_until_connected(peer));
    CHECK(network.echo_works(*old_client));
    before_new = network.packets(true).size();
  }

  // What the old client sends arrives, and it reads the answer, although another client has its address now.
  bool old_connection_works() {
    const std::size_t heard = network.reported(EventKind::data).size();
    const std::size_t answers = network.packets(false).size();
    const std::size_t received = old_client->received().size();
    if (!old_client->send(Bytes{'o', 'l', 'd'})) {
      return false;
    }
    for (const Bytes& datagram : old_client->take_outgoing()) {
      network.inject(peer, datagram);
    }
    if (network.reported(EventKind::data).size() != heard + 1) {
      return false;
    }
    const auto sent = network.packets(false);
    for (std::size_t i = answers; i < sent.size(); ++i) {
      old_client->receive(sent[i].bytes);
    }
    return old_client->received().size() == received + 1;
  }

  // The new client's datagrams from this one of its own on are lost.
  void cut_new_client_off_at(std::size_t number) {
    network.interference = simulation::drop_from(true, before_new + number);
  }
};

}  // namespace

TEST_CASE("a restart that completes replaces the connection") {
  Restart scene;
  Network& network = scene.network;
  Client& again = network.connect(peer);
  REQUIRE(network.run_until([&] { return again.connected(); }, second * 3));
  network.run_for(Duration::milliseconds(100));
  const auto& events = network.reported();
  REQUIRE(events.size() >= 2);
  const auto& replaced = events[events.size() - 2];
  const auto& connected = events[events.size() - 1];
  CHECK(replaced.kind == EventKind::disconnected);
  CHECK(replaced.id == 1);
  CHECK(replaced.fault() == Fault::replaced);
  CHECK(connected.kind == EventKind::connected);
  CHECK(connected.id == 2);
  CHECK(network.endpoint().connection_count() == 1);
  CHECK(network.endpoint().association_count() == 1);
  CHECK(network.counted(Counter::restarts) == 1);
  CHECK(network.echo_works(again));
  CHECK_FALSE(scene.old_connection_works());
}

TEST_CASE("a client may restart again and again") {
  Restart scene;
  for (unsigned i = 0; i < 20; ++i) {
    Client& again = scene.network.connect(peer);
    REQUIRE(scene.network.run_until([&] { return again.connected(); }, second * 3));
    CHECK(scene.network.echo_works(again));
    CHECK(scene.network.endpoint().association_count() == 1);
  }
  CHECK(scene.network.counted(Counter::restarts) == 20);
}

TEST_CASE("the old connection works while a restart is under way, at each of its stages") {
  // 0: no hello; 1: only the first; 2: the second too, but no answer to our flight.
  for (const std::size_t stage : {0U, 1U, 2U}) {
    CAPTURE(stage);
    Restart scene;
    scene.cut_new_client_off_at(stage);
    scene.network.connect(peer);
    scene.network.run_for(Duration::milliseconds(300));
    CHECK(scene.network.endpoint().association_count() == (stage == 2 ? 2 : 1));
    CHECK(scene.network.endpoint().connection_count() == 1);
    for (int i = 0; i < 5; ++i) {
      CHECK(scene.old_connection_works());
    }
    // And the restart goes on in spite of it.
    scene.network.interference = simulation::no_interference();
    REQUIRE(
        scene.network.run_until([&] { return scene.network.endpoint().peer_of(2).has_value(); }, second * 5));
    CHECK(scene.network.reported(EventKind::disconnected).size() == 1);
  }
}

TEST_CASE("the old connection works while the restart's request waits for its answer") {
  Restart scene;
  scene.network.accepts_requests = false;
  Client& again = scene.network.connect(peer);
  scene.network.run_for(Duration::milliseconds(200));
  REQUIRE(scene.network.reported(EventKind::connection_request).size() == 2);
  CHECK(scene.old_connection_works());
  CHECK(scene.network.endpoint().answer_request(2, true, scene.network.now()));
  scene.network.flush();
  CHECK(scene.network.run_until([&] { return again.connected(); }, second * 3));
  CHECK(scene.network.echo_works(again));
}

TEST_CASE("a refused restart leaves the old connection untouched") {
  Restart scene;
  scene.network.accepts_requests = false;
  scene.network.connect(peer);
  scene.network.run_for(Duration::milliseconds(200));
  CHECK(scene.network.endpoint().answer_request(2, false, scene.network.now()));
  scene.network.flush();
  CHECK(scene.network.endpoint().association_count() == 1);
  CHECK(scene.old_connection_works());
  CHECK_FALSE(scene.network.saw(EventKind::disconnected));
}

TEST_CASE("a restart that times out leaves the old connection untouched") {
  Restart scene;
  scene.cut_new_client_off_at(2);
  scene.network.connect(peer);
  REQUIRE(
      scene.network.run_until([&] { return scene.network.saw(EventKind::handshake_failed); }, second * 100));
  CHECK(scene.network.reported(EventKind::handshake_failed).at(0).id == 2);
  CHECK(scene.network.reported(EventKind::handshake_failed).at(0).fault() == Fault::timed_out);
  CHECK(scene.network.endpoint().association_count() == 1);
  CHECK(scene.old_connection_works());
  CHECK_FALSE(scene.network.saw(EventKind::disconnected));
}

TEST_CASE("a restart that fails leaves the old connection untouched") {
  Restart scene;
  ClientOptions options;
  options.cipher_list = "ECDHE-RSA-AES128-GCM-SHA256";  // our certificate is ECDSA
  Client& again = scene.network.connect(peer, options);
  REQUIRE(scene.network.run_until([&] { return again.failed(); }, second * 3));
  CHECK(scene.network.reported(EventKind::handshake_failed).at(0).fault() == Fault::unsupported);
  CHECK(scene.old_connection_works());
  CHECK_FALSE(scene.network.saw(EventKind::disconnected));

  ClientOptions distrustful;
  distrustful.trusts_server = false;
  scene.network.connect(peer, distrustful);
  REQUIRE(scene.network.run_until(
      [&] { return scene.network.reported(EventKind::handshake_failed).size() == 2; }, second * 10));
  CHECK(scene.network.reported(EventKind::handshake_failed).at(1).fault() == Fault::fatal_alert);
  CHECK(scene.old_connection_works());
}

TEST_CASE("duplicates of an old hello do nothing to the connection it began") {
  Restart scene;
  const auto sent = scene.network.packets(true);
  const std::size_t answers = scene.network.packets(false).size();
  for (int i = 0; i < 5; ++i) {
    scene.network.inject(peer, sent[0].bytes);
    scene.network.inject(peer, sent[1].bytes);
  }
  CHECK(scene.network.packets(false).size() == answers);
  CHECK(scene.network.reported(EventKind::connection_request).size() == 1);
  CHECK(scene.network.counted(Counter::drop_duplicate_hello) == 10);
  CHECK(scene.old_connection_works());
}

TEST_CASE("all of an old handshake replayed does nothing to the connection it began") {
  Restart scene;
  const auto sent = scene.network.packets(true);
  for (const Packet& packet : sent) {
    scene.network.inject(peer, packet.bytes);
  }
  scene.network.run_for(second * 120);
  CHECK(scene.network.endpoint().connection_count() == 1);
  CHECK(scene.network.endpoint().association_count() == 1);
  CHECK(scene.network.reported(EventKind::data).size() == 1);
  CHECK(scene.old_connection_works());
}

TEST_CASE("another hello with a good cookie takes the place of a restart under way") {
  Restart scene;
  scene.cut_new_client_off_at(2);
  scene.network.connect(peer);
  scene.network.run_for(Duration::milliseconds(300));
  scene.network.interference = simulation::no_interference();
  Client& third = scene.network.connect(peer);
  REQUIRE(scene.network.run_until([&] { return third.connected(); }, second * 3));
  scene.network.run_for(Duration::milliseconds(100));
  REQUIRE(scene.network.reported(EventKind::handshake_failed).size() == 1);
  CHECK(scene.network.reported(EventKind::handshake_failed).at(0).id == 2);
  CHECK(scene.network.reported(EventKind::handshake_failed).at(0).fault() == Fault::replaced);
  CHECK(scene.network.counted(Counter::handshakes_replaced) == 1);
  CHECK(scene.network.endpoint().association_count() == 1);
  CHECK(scene.network.echo_works(third));
}

TEST_CASE("a spoofed hello without a cookie does nothing to a connection") {
  Restart scene;
  Client stranger;
  stranger.start();
  const Bytes hello = stranger.take_outgoing().at(0);
  for (int i = 0; i < 10; ++i) {
    scene.network.inject(peer, hello);
  }
  CHECK(scene.network.endpoint().association_count() == 1);
  CHECK(scene.old_connection_works());
}

TEST_CASE("restarts survive loss of each of their datagrams, the old connection alive until the end") {
  for (const bool to_server : {false, true}) {
    for (std::size_t number = 0; number < 3; ++number) {
      CAPTURE(to_server);
      CAPTURE(number);
      Restart scene;
      const std::size_t base = scene.network.packets(to_server).size();
      scene.network.interference = simulation::drop_datagram(to_server, base + number);
      Client& again = scene.network.connect(peer);
      REQUIRE(scene.network.run_until(
          [&] { return again.connected() && scene.network.endpoint().peer_of(2).has_value(); }, second * 5));
      scene.network.run_for(second * 3);
      CHECK(scene.network.echo_works(again));
      CHECK(scene.network.endpoint().association_count() == 1);
    }
  }
}

TEST_CASE("a connection that ends while its restart is under way leaves the restart alone") {
  Restart scene;
  scene.cut_new_client_off_at(2);
  Client& again = scene.network.connect(peer);
  scene.network.run_for(Duration::milliseconds(300));
  scene.old_client->close();
  for (const Bytes& datagram : scene.old_client->take_outgoing()) {
    scene.network.inject(peer, datagram);
  }
  CHECK(scene.network.reported(EventKind::disconnected).size() == 1);
  CHECK(scene.network.reported(EventKind::disconnected).at(0).fault() == Fault::none);
  CHECK(scene.network.endpoint().association_count() == 1);
  scene.network.interference = simulation::no_interference();
  REQUIRE(scene.network.run_until_connected(peer, second * 5));
  CHECK(scene.network.echo_works(again));
}

TEST_CASE(
    "a client that reaches another of our addresses gets a connection there, and keeps the one it has") {
  Restart scene;
  Network& network = scene.network;
  Address elsewhere = peer;
  elsewhere.set_local(Address::ipv4(198, 51, 100, 2));
  Client client;
  client.start();
  for (int round = 0; round < 4 && !client.connected(); ++round) {
    const std::size_t answers = network.packets(false).size();
    for (const Bytes& datagram : client.take_outgoing()) {
      network.inject(elsewhere, datagram);
    }
    const auto sent = network.packets(false);
    for (std::size_t i = answers; i < sent.size(); ++i) {
      // It leaves from where it was sent to.
      CHECK(sent[i].client == elsewhere);
      client.receive(sent[i].bytes);
    }
  }
  CHECK(client.connected());
  CHECK(network.endpoint().connection_count() == 2);
  CHECK(network.endpoint().peer_of(2) == elsewhere);
  CHECK(network.counted(Counter::restarts) == 0);
  CHECK(scene.old_connection_works());
}
