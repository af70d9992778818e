// What becomes of records on an established connection.
#include <openssl/tls1.h>

#include <numeric>

#include "connected.h"
#include "core/alert.h"
#include "simulation/wire.h"

using dtls::SendResult;

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
    ClientOptions options = client_of(aes_gcm);
    options.max_fragment_length = code;
    Connected scene({}, options);
    CHECK(scene.send(size) == SendResult::sent);
    CHECK(scene.send(size + 1) == SendResult::too_long);
    scene.network.run_for(second);
    REQUIRE(scene.client.received().size() == 1);
    CHECK(scene.client.received()[0].size() == size);
  }
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

TEST_CASE("close_all disconnects, aborts and forgets, and tells each of the peers") {
  Network network;
  Client& established = network.connect(Network::address(1));
  REQUIRE(network.run_until_connected(Network::address(1)));
  network.interference = [](const Packet& packet) -> std::vector<Delivery> {
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
  network.interference = simulation::drop_from(true, 2);
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
