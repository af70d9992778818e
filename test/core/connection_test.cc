// What becomes of records on an established connection.
#include <openssl/tls1.h>

#include <numeric>

#include "core/alert.h"
#include "network_test.h"
#include "simulation/insider.h"
#include "simulation/wire.h"

using dtls::SendResult;

namespace {

ClientOptions insider() {
  ClientOptions options;
  options.cipher_list = simulation::insider_suite;
  return options;
}

// A connection with id 1.
struct Connected {
  Network network;
  Client& client;

  explicit Connected(const dtls::EndpointSettings& settings = {}, const ClientOptions& options = insider())
      : network(settings), client(network.connect(peer, options)) {
    REQUIRE(network.run_until_connected(peer));
    network.echoes = false;
  }

  // The records of these messages, in the order of sending.
  std::vector<Bytes> sealed(const std::vector<Bytes>& messages) {
    for (const Bytes& message : messages) {
      REQUIRE(client.send(message));
    }
    return client.take_outgoing();
  }

  void inject_sealed(ContentType type, std::uint64_t sequence, const Bytes& plaintext) {
    network.inject(peer, simulation::seal_as_client(client, type, sequence, plaintext));
  }

  std::vector<std::string> data() const {
    std::vector<std::string> texts;
    for (const auto& event : network.reported(EventKind::data)) {
      texts.push_back(event.text);
    }
    return texts;
  }

  SendResult send(std::size_t size) { return network.endpoint().send(1, Bytes(size, 0x61), network.now()); }
};

}  // namespace

TEST_CASE("all records of a datagram are delivered, in order") {
  Connected scene;
  Bytes datagram;
  for (const Bytes& record : scene.sealed({{'a'}, {'b'}, {'c'}})) {
    dtls::append(datagram, record);
  }
  scene.network.inject(peer, datagram);
  CHECK(scene.data() == std::vector<std::string>{"a", "b", "c"});
}

TEST_CASE("records around one that is no record: what came before it is delivered") {
  Connected scene;
  const auto records = scene.sealed({{'a'}, {'b'}, {'c'}});
  Bytes datagram = records[0];
  Bytes foreign = records[1];
  foreign[1] = 3;
  dtls::append(datagram, foreign);
  dtls::append(datagram, records[2]);
  scene.network.inject(peer, datagram);
  CHECK(scene.data() == std::vector<std::string>{"a"});
  CHECK(scene.network.counted(Counter::drop_malformed_record) == 1);
  REQUIRE(scene.network.reported(EventKind::error).size() == 1);
  CHECK(scene.network.reported(EventKind::error).at(0).fault() == Fault::malformed);
  // Anybody can send that: it is reported at most once a second.
  for (int i = 0; i < 50; ++i) {
    scene.network.inject(peer, datagram);
  }
  CHECK(scene.network.reported(EventKind::error).size() == 1);
  CHECK(scene.network.endpoint().connection_count() == 1);
}

TEST_CASE("a forged record among genuine ones does not cost its neighbours") {
  Connected scene;
  const auto records = scene.sealed({{'a'}, {'b'}, {'c'}});
  Bytes datagram = records[0];
  Bytes forged = records[1];
  forged.back() ^= 1;
  dtls::append(datagram, forged);
  dtls::append(datagram, records[2]);
  scene.network.inject(peer, datagram);
  CHECK(scene.data() == std::vector<std::string>{"a", "c"});
  CHECK(scene.network.counted(Counter::drop_unauthenticated) == 1);
}

TEST_CASE("reordered records are delivered, replayed and very old ones are not") {
  Connected scene;
  std::vector<Bytes> messages;
  for (unsigned i = 0; i < 200; ++i) {
    messages.push_back({static_cast<std::uint8_t>(i)});
  }
  const auto records = scene.sealed(messages);
  scene.network.inject(peer, records[2]);
  scene.network.inject(peer, records[0]);
  scene.network.inject(peer, records[1]);
  scene.network.inject(peer, records[1]);
  CHECK(scene.data().size() == 3);
  CHECK(scene.data().at(1) == std::string(1, '\0'));
  scene.network.inject(peer, records[199]);
  scene.network.inject(peer, records[199 - 60]);
  CHECK(scene.data().size() == 5);
  scene.network.inject(peer, records[199 - 70]);  // RFC 6347 4.1.2.6: the window holds 64
  CHECK(scene.data().size() == 5);
}

TEST_CASE("empty application records are delivered as empty data, both ways") {
  Connected scene;
  scene.inject_sealed(ContentType::application_data, 20, {});
  scene.inject_sealed(ContentType::application_data, 21, {'x'});
  scene.inject_sealed(ContentType::application_data, 22, {});
  CHECK(scene.data() == std::vector<std::string>{"", "x", ""});
  CHECK(scene.send(0) == SendResult::sent);
  scene.network.flush();
  CHECK(scene.network.packets(false).back().bytes.size() == 13 + 8 + 16);
  scene.network.run_for(second);
  CHECK_FALSE(scene.client.failed());
  CHECK(scene.network.echo_works(scene.client) == false);  // no echo here
  CHECK(scene.data().size() == 4);
}

TEST_CASE("records hold up to 16384 bytes, both ways; longer sends are refused and change nothing") {
  Connected scene;
  scene.network.echoes = true;
  Bytes largest(16384);
  std::iota(largest.begin(), largest.end(), std::uint8_t{0});
  CHECK(scene.network.echo_works(scene.client, largest));
  CHECK(scene.send(16385) == SendResult::too_long);
  CHECK(scene.send(1000000) == SendResult::too_long);
  CHECK(scene.network.echo_works(scene.client));
}

TEST_CASE("a negotiated max_fragment_length binds what we send (RFC 6066)") {
  const std::vector<std::pair<int, std::size_t>> codes = {{TLSEXT_max_fragment_length_512, 512},
                                                          {TLSEXT_max_fragment_length_1024, 1024},
                                                          {TLSEXT_max_fragment_length_2048, 2048},
                                                          {TLSEXT_max_fragment_length_4096, 4096}};
  for (const auto& [code, size] : codes) {
    CAPTURE(size);
    ClientOptions options = insider();
    options.max_fragment_length = code;
    Connected scene({}, options);
    CHECK(scene.send(size) == SendResult::sent);
    CHECK(scene.send(size + 1) == SendResult::too_long);
    scene.network.run_for(second);
    REQUIRE(scene.client.received().size() == 1);
    CHECK(scene.client.received()[0].size() == size);
  }
}

TEST_CASE("a fatal alert of the peer ends the connection by its number") {
  Connected scene;
  scene.inject_sealed(ContentType::alert, 100, {dtls::alert::fatal, 80});
  REQUIRE(scene.network.reported(EventKind::disconnected).size() == 1);
  CHECK(scene.network.reported(EventKind::disconnected).at(0).fault() == Fault::fatal_alert);
  CHECK(scene.network.reported(EventKind::disconnected).at(0).c == 80);
  CHECK(scene.network.endpoint().association_count() == 0);
}

TEST_CASE("warning alerts of the peer end nothing, few or many (RFC 5246 7.2)") {
  Connected scene;
  for (std::uint64_t i = 0; i < 50; ++i) {
    scene.inject_sealed(ContentType::alert, 100 + 2 * i, {dtls::alert::warning, dtls::alert::user_canceled});
    scene.inject_sealed(ContentType::application_data, 101 + 2 * i, {'x'});
    REQUIRE(scene.data().size() == i + 1);
  }
  CHECK(scene.network.endpoint().connection_count() == 1);
}

TEST_CASE("heartbeats and stray messages under the right keys do no harm") {
  Connected scene;
  scene.inject_sealed(ContentType::heartbeat, 100, Bytes(35, 1));
  CHECK(scene.network.counted(Counter::drop_heartbeat) == 1);
  scene.inject_sealed(ContentType::change_cipher_spec, 101, {1});
  scene.inject_sealed(ContentType::application_data, 102, {'x'});
  CHECK(scene.data() == std::vector<std::string>{"x"});
  CHECK(scene.network.endpoint().connection_count() == 1);
}

TEST_CASE("a client can't renegotiate") {
  Connected scene;
  const std::size_t sent = scene.network.packets(false).size();
  SSL_renegotiate(scene.client.ssl());
  SSL_do_handshake(scene.client.ssl());
  for (const Bytes& datagram : scene.client.take_outgoing()) {
    scene.network.inject(peer, datagram);
  }
  CHECK(scene.network.counted(Counter::handshakes_started) == 1);
  CHECK(scene.network.reported(EventKind::connection_request).size() == 1);
  CHECK(scene.network.endpoint().association_count() <= 1);
  std::size_t answered = 0;
  const auto packets = scene.network.packets(false);
  for (std::size_t i = sent; i < packets.size(); ++i) {
    answered += packets[i].bytes.size();
  }
  CHECK(answered < 100);  // an alert at most
}

TEST_CASE("while paused nothing is delivered; resuming brings all in order") {
  Connected scene;
  CHECK(scene.network.endpoint().pause(1));
  for (const Bytes& record : scene.sealed({{'a'}, {'b'}, {'c'}})) {
    scene.network.inject(peer, record);
  }
  scene.inject_sealed(ContentType::application_data, 100, {});
  CHECK(scene.data().empty());
  CHECK(scene.send(5) == SendResult::sent);  // pausing is about receiving
  CHECK(scene.network.endpoint().resume(1));
  scene.network.flush();
  CHECK(scene.data() == std::vector<std::string>{"a", "b", "c", ""});
  scene.inject_sealed(ContentType::application_data, 101, {'d'});
  CHECK(scene.data().size() == 5);
  CHECK_FALSE(scene.network.endpoint().pause(7));
  CHECK_FALSE(scene.network.endpoint().resume(7));
}

TEST_CASE("a paused connection keeps data up to its bound, and counts what it drops") {
  dtls::EndpointSettings settings;
  settings.pause_bound = 10000;
  Connected scene(settings);
  scene.network.endpoint().pause(1);
  for (std::uint64_t i = 0; i < 30; ++i) {
    scene.inject_sealed(ContentType::application_data, 100 + i, Bytes(1000, static_cast<std::uint8_t>(i)));
  }
  scene.network.endpoint().resume(1);
  scene.network.flush();
  const auto kept = scene.data();
  CHECK(kept.size() >= 8);
  CHECK(kept.size() <= 10);
  for (std::size_t i = 0; i < kept.size(); ++i) {
    CHECK(kept[i] == std::string(1000, static_cast<char>(i)));
  }
  CHECK(scene.network.counted(Counter::drop_paused) == 30 - kept.size());

  // Empty records cost something too, or they would be free memory for the peer.
  scene.network.endpoint().pause(1);
  for (std::uint64_t i = 0; i < 5000; ++i) {
    scene.inject_sealed(ContentType::application_data, 1000 + i, {});
  }
  scene.network.endpoint().resume(1);
  scene.network.flush();
  CHECK(scene.data().size() < kept.size() + 1000);
}

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

TEST_CASE("close_all disconnects, aborts and forgets, and tells each of the peers") {
  Network network;
  Client& established = network.connect(Network::address(1));
  REQUIRE(network.run_until_connected(Network::address(1)));
  network.fault = [](const Packet& packet) -> std::vector<Delivery> {
    if (packet.to_server && packet.client == Network::address(2) && packet.bytes.size() > 13 &&
        packet.bytes[13] != 1) {
      return {};
    }
    return {{packet.bytes, {}}};
  };
  Client& in_handshake = network.connect(Network::address(2));
  network.run_for(Duration::milliseconds(200));
  network.accepts_requests = false;
  network.connect(Network::address(3));
  network.run_for(Duration::milliseconds(200));
  REQUIRE(network.endpoint().association_count() == 3);
  network.endpoint().close_all(network.now());
  network.flush();
  CHECK(network.endpoint().association_count() == 0);
  CHECK(network.endpoint().connection_count() == 0);
  CHECK(network.endpoint().next_deadline() == Instant::never());
  CHECK(network.reported(EventKind::disconnected).size() == 1);
  REQUIRE(network.reported(EventKind::handshake_failed).size() == 1);
  CHECK(network.reported(EventKind::handshake_failed).at(0).fault() == Fault::aborted);
  network.run_for(Duration::milliseconds(100));
  CHECK(established.closed_by_peer());
  CHECK(in_handshake.alert_received() >= 0);
}

TEST_CASE("an abort during the handshake is a failed handshake, and no close of a connection") {
  Network network;
  network.fault = simulation::drop_from(true, 2);
  network.connect(peer);
  network.run_for(Duration::milliseconds(200));
  CHECK(network.endpoint().send(1, Bytes{1}, network.now()) == SendResult::not_established);
  CHECK_FALSE(network.endpoint().pause(1));
  CHECK(network.endpoint().disconnect(1, network.now()));
  network.flush();
  CHECK(network.reported(EventKind::handshake_failed).at(0).fault() == Fault::aborted);
  CHECK_FALSE(network.saw(EventKind::disconnected));
  CHECK(network.endpoint().association_count() == 0);
}

TEST_CASE("datagrams that the socket refuses are reported, at most once a second") {
  Connected scene;
  for (int i = 0; i < 100; ++i) {
    scene.network.endpoint().send_failed(1, 111, "connection refused", scene.network.now());
    scene.network.flush();
    scene.network.run_for(Duration::milliseconds(50));
  }
  const auto errors = scene.network.reported(EventKind::error);
  CHECK(errors.size() == 5);
  CHECK(errors.at(0).fault() == Fault::send_failed);
  CHECK(errors.at(0).c == 111);
  CHECK(errors.at(0).text == "connection refused");
  CHECK(scene.network.counted(Counter::sends_failed) == 100);
  scene.network.endpoint().send_failed(99, 111, "connection refused", scene.network.now());
  CHECK(scene.network.endpoint().connection_count() == 1);
}
