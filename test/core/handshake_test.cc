// A whole handshake between the endpoint and OpenSSL's client over an undisturbed network.
#include <algorithm>
#include <set>

#include "network_test.h"

TEST_CASE("OpenSSL's client lives in the virtual time") {
  Network network;
  network.interference = simulation::drop_all();
  const unsigned long reads = simulation::VirtualClock::reads();
  Client& client = network.connect(peer);
  CHECK(simulation::VirtualClock::reads() > reads);
  network.run_for(Duration::milliseconds(7500));
  // RFC 6347 4.2.4.1: after 1, 3 and 7 seconds.
  CHECK(network.packets(true).size() == 4);
  CHECK_FALSE(client.failed());
}

TEST_CASE("a client connects, data goes both ways, and the client closes") {
  Network network;
  Client& client = network.connect(peer);
  REQUIRE(network.run_until_connected(peer));
  CHECK(network.endpoint().connection_count() == 1);
  CHECK(network.endpoint().association_count() == 1);
  CHECK(network.reported(EventKind::connection_request).at(0).text == "192.0.2.1");
  CHECK(network.reported(EventKind::connection_request).at(0).a == 40000);
  const auto connected = network.reported(EventKind::connected).at(0);
  CHECK(connected.id == 1);
  CHECK(connected.text == "192.0.2.1");
  CHECK(connected.a == 40000);
  CHECK(network.endpoint().peer_of(1) == peer);
  CHECK(network.endpoint().connection_ids() == std::vector<dtls::ConnectionId>{1});

  CHECK(network.echo_works(client));
  CHECK(network.reported(EventKind::data).at(0).text == "echo");

  client.close();
  network.flush();
  network.run_for(second);
  CHECK(client.closed_by_peer());
  CHECK(network.reported(EventKind::disconnected).size() == 1);
  CHECK(network.reported(EventKind::disconnected).at(0).fault() == Fault::none);
  CHECK(network.endpoint().association_count() == 0);
  CHECK(network.endpoint().peer_of(1) == std::nullopt);

  CHECK(network.counted(Counter::hello_verify_requests) == 1);
  CHECK(network.counted(Counter::connection_requests) == 1);
  CHECK(network.counted(Counter::handshakes_started) == 1);
  CHECK(network.counted(Counter::handshakes_completed) == 1);
  CHECK(network.counted(Counter::handshakes_failed) == 0);
  CHECK(network.counted(Counter::application_records_received) == 1);
  CHECK(network.counted(Counter::application_bytes_received) == 4);
  CHECK(network.counted(Counter::application_records_sent) == 1);
  CHECK(network.counted(Counter::application_bytes_sent) == 4);
  CHECK(network.counted(Counter::connections_closed) == 1);
  CHECK(network.run_until_idle(second * 120));
}

TEST_CASE("the server closes: the client sees close_notify") {
  Network network;
  Client& client = network.connect(peer);
  REQUIRE(network.run_until_connected(peer));
  CHECK(network.endpoint().disconnect(1, network.now()));
  network.flush();
  CHECK_FALSE(network.endpoint().disconnect(1, network.now()));
  CHECK(network.reported(EventKind::disconnected).size() == 1);
  CHECK(network.endpoint().association_count() == 0);
  network.run_for(second);
  CHECK(client.closed_by_peer());
  CHECK(client.alert_received() == 0);
  CHECK(network.endpoint().send(1, Bytes{1}, network.now()) == dtls::SendResult::unknown_connection);
}

TEST_CASE("every suite a client may name is served, ECDSA and RSA") {
  static const simulation::Identity rsa = [] {
    simulation::Identity made;
    made.key = simulation::rsa_key();
    made.certificate = simulation::make_certificate(made.key.get(), "rsa.example");
    return made;
  }();
  const auto rsa_context = simulation::server_context(rsa);
  const std::vector<std::pair<const char*, bool>> suites = {
      {"ECDHE-ECDSA-AES128-GCM-SHA256", false},
      {"ECDHE-ECDSA-AES256-GCM-SHA384", false},
      {"ECDHE-ECDSA-CHACHA20-POLY1305", false},
      {"ECDHE-ECDSA-AES128-SHA256", false},
      {"ECDHE-RSA-AES128-GCM-SHA256", true},
      {"ECDHE-RSA-AES256-GCM-SHA384", true},
      {"ECDHE-RSA-CHACHA20-POLY1305", true},
      {"ECDHE-RSA-AES256-SHA384", true},
      {"DHE-RSA-AES128-GCM-SHA256", true},
      {"DHE-RSA-CHACHA20-POLY1305", true},
      {"AES128-GCM-SHA256", true},
      {"AES256-SHA256", true},
  };
  for (const auto& [suite, is_rsa] : suites) {
    CAPTURE(suite);
    Network network({}, is_rsa ? rsa_context : simulation::plain_context());
    ClientOptions options;
    options.cipher_list = suite;
    Client& client = network.connect(peer, options);
    REQUIRE(network.run_until_connected(peer));
    CHECK(SSL_CIPHER_get_name(SSL_get_current_cipher(client.ssl())) == std::string(suite));
    CHECK(network.echo_works(client));
    CHECK(network.echo_works(client, Bytes(1400, 7)));
    client.close();
    network.flush();
    network.run_for(second);
    CHECK(client.closed_by_peer());
  }
}

TEST_CASE("no common suite: the handshake fails with its alert, and the client is told") {
  Network network;  // with an ECDSA certificate
  ClientOptions options;
  options.cipher_list = "ECDHE-RSA-AES128-GCM-SHA256";
  Client& client = network.connect(peer, options);
  CHECK(network.run_until([&] { return client.failed(); }, second));
  CHECK(client.alert_received() == 40);
  REQUIRE(network.reported(EventKind::handshake_failed).size() == 1);
  CHECK(network.reported(EventKind::handshake_failed).at(0).fault() == Fault::unsupported);
  CHECK(network.reported(EventKind::handshake_failed).at(0).c == 40);
  CHECK(network.endpoint().association_count() == 0);
  CHECK(network.counted(Counter::handshakes_failed) == 1);
}

TEST_CASE("a client that rejects our certificate is reported with its alert") {
  Network network;
  ClientOptions options;
  options.trusts_server = false;
  Client& client = network.connect(peer, options);
  CHECK(network.run_until([&] { return network.saw(EventKind::handshake_failed); }, second * 6));
  CHECK(client.failed());
  const auto failed = network.reported(EventKind::handshake_failed).at(0);
  CHECK(failed.fault() == Fault::fatal_alert);
  CHECK(failed.c == 48);  // unknown_ca
  CHECK(network.endpoint().association_count() == 0);
}

TEST_CASE("every datagram of a handshake keeps to the MTU, with a long chain too") {
  static const simulation::Identity identity = simulation::long_chain(4, 2000);
  static const auto context = simulation::server_context(identity);
  for (const std::size_t mtu : {std::size_t{256}, std::size_t{1200}, std::size_t{9000}}) {
    CAPTURE(mtu);
    dtls::EndpointSettings settings;
    settings.handshake_mtu = mtu;
    Network network(settings, context);
    Client& client = network.connect(peer);
    REQUIRE(network.run_until_connected(peer));
    std::size_t largest = 0;
    for (const Packet& packet : network.packets(false)) {
      largest = std::max(largest, packet.bytes.size());
    }
    CHECK(largest <= mtu);
    CHECK(largest > mtu * 8 / 10);  // and they are filled
    CHECK(network.echo_works(client));
    // The MTU of the handshake does not bind data.
    CHECK(network.echo_works(client, Bytes(5000, 1)));
  }
}

TEST_CASE("hellos in fragments connect") {
  for (const std::size_t padding : {std::size_t{300}, std::size_t{1500}, std::size_t{6000}}) {
    CAPTURE(padding);
    Network network;
    ClientOptions options;
    options.mtu = 256;
    options.hello_padding = padding;
    Client& client = network.connect(peer, options);
    REQUIRE(network.run_until_connected(peer));
    REQUIRE(network.packets(true).size() > 4);
    CHECK(network.counted(Counter::drop_hello_fragment) > 0);  // the first hello's later ones
    CHECK(network.echo_works(client));
  }
}

TEST_CASE("fragments of a hello wait for a request that is answered late") {
  Network network;
  network.accepts_requests = false;
  ClientOptions options;
  options.mtu = 256;
  options.hello_padding = 1500;
  Client& client = network.connect(peer, options);
  REQUIRE(network.run_until([&] { return network.saw(EventKind::connection_request); }, second));
  network.run_for(Duration::milliseconds(300));
  CHECK(network.endpoint().answer_request(1, true, network.now()));
  network.flush();
  REQUIRE(network.run_until_connected(peer, second * 5));
  CHECK(network.echo_works(client));
}

TEST_CASE("two hundred clients at once") {
  dtls::EndpointSettings settings;
  settings.max_handshakes_per_host = 1000;
  Network network(settings);
  std::vector<Client*> clients;
  for (unsigned i = 0; i < 200; ++i) {
    Address address = Network::address(i % 4);
    address.port = static_cast<std::uint16_t>(1000 + i);
    clients.push_back(&network.connect(address));
  }
  network.run_for(second);
  CHECK(network.endpoint().connection_count() == 200);
  for (unsigned i = 0; i < 200; ++i) {
    REQUIRE(clients[i]->connected());
    CHECK(clients[i]->send(Bytes{static_cast<std::uint8_t>(i)}));
  }
  network.flush();
  network.run_for(second);
  std::set<dtls::ConnectionId> ids;
  for (unsigned i = 0; i < 200; ++i) {
    REQUIRE(clients[i]->received().size() == 1);
    CHECK(clients[i]->received()[0] == Bytes{static_cast<std::uint8_t>(i)});
  }
  for (const auto& event : network.reported(EventKind::connected)) {
    ids.insert(event.id);
  }
  CHECK(ids.size() == 200);
}

TEST_CASE("the steps of a handshake are reported when asked for") {
  dtls::EndpointSettings settings;
  settings.report_progress = true;
  Network network(settings);
  network.connect(peer);
  REQUIRE(network.run_until_connected(peer));
  std::vector<dtls::ProgressStep> steps;
  for (const auto& event : network.reported(EventKind::progress)) {
    steps.push_back(static_cast<dtls::ProgressStep>(event.a));
  }
  using Step = dtls::ProgressStep;
  CHECK(steps == std::vector<Step>{Step::handshake_started, Step::received_client_hello,
                                   Step::sent_server_hello, Step::sent_certificate,
                                   Step::sent_server_key_exchange, Step::sent_server_hello_done,
                                   Step::received_client_key_exchange, Step::received_finished,
                                   Step::sent_finished, Step::handshake_complete});
  const auto events = network.reported(EventKind::progress);
  CHECK(events.at(0).text == "192.0.2.1:40000");
  CHECK(events.back().text == "DTLS1.2, TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384");
  CHECK(events.back().b == 256);
}
