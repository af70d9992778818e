// What the owner decides, and when: connection requests and client certificates.
#include "core/alert.h"
#include "core/certificate.h"
#include "network_test.h"
#include "simulation/insider.h"
#include "simulation/wire.h"

namespace {

const simulation::Identity& client_identity() {
  static const simulation::Identity identity = [] {
    simulation::Identity made;
    made.key = simulation::ec_key();
    made.certificate = simulation::make_certificate(made.key.get(), "client.example");
    return made;
  }();
  return identity;
}

// A client whose certificate waits for its decision, with id 1.
struct Deciding {
  Network network;
  Client* client;

  Deciding() : network({}, simulation::asking_context()) {
    network.accepts_certificates = false;
    ClientOptions options;
    options.cipher_list = simulation::insider_suite;
    options.identity = &client_identity();
    client = &network.connect(peer, options);
    REQUIRE(network.run_until([&] { return network.saw(EventKind::client_certificate); }, second));
  }
};

}  // namespace

TEST_CASE("a request is answered late: the client repeats its hello, and connects") {
  Network network;
  network.accepts_requests = false;
  Client& client = network.connect(peer);
  network.run_for(second * 10);
  CHECK(network.reported(EventKind::connection_request).size() == 1);
  CHECK(network.packets(false).size() == 1);  // the HelloVerifyRequest, and nothing until the answer
  CHECK(network.endpoint().association_count() == 1);
  CHECK(network.endpoint().connection_count() == 0);
  CHECK(network.endpoint().answer_request(1, true, network.now()));
  CHECK_FALSE(network.endpoint().answer_request(1, true, network.now()));
  network.flush();
  CHECK(network.run_until_connected(peer, second * 10));
  CHECK(network.echo_works(client));
}

TEST_CASE("a refused client is told, and its place is free") {
  Network network;
  network.accepts_requests = false;
  Client& client = network.connect(peer);
  network.run_for(Duration::milliseconds(100));
  CHECK(network.endpoint().answer_request(1, false, network.now()));
  network.flush();
  CHECK(network.endpoint().association_count() == 0);
  network.run_for(Duration::milliseconds(100));
  CHECK(client.failed());
  CHECK(client.alert_received() == 49);  // access_denied
  CHECK(network.counted(Counter::connection_requests_refused) == 1);
  CHECK(network.counted(Counter::handshakes_started) == 0);
  CHECK_FALSE(network.saw(EventKind::handshake_failed));
  CHECK_FALSE(network.endpoint().answer_request(1, true, network.now()));
}

TEST_CASE("where nobody decides on requests, the client's second hello is answered at once") {
  dtls::EndpointSettings settings;
  settings.ask_requests = false;
  for (const bool reports : {false, true}) {
    settings.report_requests = reports;
    Network network(settings);
    network.accepts_requests = false;
    Client& client = network.connect(peer);
    REQUIRE(network.run_until_connected(peer));
    CHECK(network.echo_works(client));
    const auto requests = network.reported(EventKind::connection_request);
    REQUIRE(requests.size() == (reports ? 1 : 0));
    if (reports) {
      CHECK(requests.at(0).b == 1);
      CHECK(requests.at(0).text == "192.0.2.1");
    }
    CHECK_FALSE(network.endpoint().answer_request(1, false, network.now()));
    CHECK(network.counted(Counter::connection_requests) == 1);
    CHECK(network.endpoint().connection_count() == 1);
  }
}

TEST_CASE(
    "a handshake that fails in its first step leaves nothing behind, where nobody decides on requests") {
  dtls::EndpointSettings settings;
  settings.ask_requests = false;
  Network network(settings);
  ClientOptions options;
  options.cipher_list = "ECDHE-RSA-AES128-GCM-SHA256";  // the server's key is no RSA key
  network.connect(peer, options);
  REQUIRE(network.run_until([&] { return network.saw(EventKind::handshake_failed); }, second));
  CHECK(network.endpoint().association_count() == 0);
  CHECK(network.endpoint().next_deadline() == Instant::never());
}

TEST_CASE("a request that nobody answers ends with the handshake's deadline") {
  Network network;
  network.accepts_requests = false;
  network.connect(peer);
  network.run_for(Duration::milliseconds(100));
  const Instant requested = network.reported(EventKind::connection_request).at(0).at;
  REQUIRE(network.run_until([&] { return network.endpoint().association_count() == 0; }, second * 100));
  CHECK(network.now() - requested >= second * 60);
  CHECK(network.now() - requested < Duration::milliseconds(60001));
  network.accepts_requests = true;
  CHECK_FALSE(network.endpoint().answer_request(1, true, network.now()));
}

TEST_CASE("answers to nobody are refused") {
  Network network;
  CHECK_FALSE(network.endpoint().answer_request(1, true, network.now()));
  CHECK_FALSE(network.endpoint().answer_certificate(1, true, 0, network.now()));
  CHECK_FALSE(network.endpoint().disconnect(1, network.now()));
  network.connect(peer);
  REQUIRE(network.run_until_connected(peer));
  CHECK_FALSE(network.endpoint().answer_request(1, false, network.now()));
  CHECK_FALSE(network.endpoint().answer_certificate(1, false, 42, network.now()));
  CHECK(network.endpoint().connection_count() == 1);
}

TEST_CASE("many spoofed records do not fill what waits with a request") {
  Network network;
  network.accepts_requests = false;
  Client& client = network.connect(peer);
  network.run_for(Duration::milliseconds(100));
  const Bytes hello = network.packets(true).at(1).bytes;
  Bytes later = hello;
  later[13 + 8] = 1;  // fragment_offset
  for (int i = 0; i < 500; ++i) {
    network.inject(peer, later);
  }
  CHECK(network.endpoint().answer_request(1, true, network.now()));
  network.flush();
  CHECK(network.run_until_connected(peer, second * 10));
  CHECK(network.echo_works(client));
}

TEST_CASE("a client certificate is offered before the client is connected, and accepted late") {
  Deciding scene;
  Network& network = scene.network;
  CHECK(network.reported(EventKind::client_certificate).at(0).text ==
        dtls::ByteView(client_identity().certificate_der()).text());
  network.run_for(second * 20);
  CHECK_FALSE(network.saw(EventKind::connected));
  CHECK_FALSE(scene.client->connected());
  CHECK(network.reported(EventKind::client_certificate).size() == 1);
  CHECK(network.endpoint().answer_certificate(1, true, 0, network.now()));
  CHECK_FALSE(network.endpoint().answer_certificate(1, true, 0, network.now()));
  network.flush();
  CHECK(network.run_until_connected(peer, second * 10));
  CHECK(network.echo_works(*scene.client));
}

TEST_CASE("while a certificate is decided our final flight is not sent") {
  Deciding scene;
  Network& network = scene.network;
  const std::size_t sent = network.packets(false).size();
  network.run_for(second * 30);
  CHECK(network.packets(false).size() == sent);
}

TEST_CASE("clear text that is forged while a certificate is decided does not end the handshake") {
  for (const ContentType type : simulation::content_types) {
    CAPTURE(static_cast<int>(type));
    Deciding scene;
    Network& network = scene.network;
    const Bytes body = {dtls::alert::fatal, dtls::alert::handshake_failure};
    network.inject(peer, simulation::record(type, 0, 9, body));
    network.run_for(second * 20);
    CHECK_FALSE(network.saw(EventKind::handshake_failed));
    REQUIRE(network.endpoint().answer_certificate(1, true, 0, network.now()));
    network.flush();
    CHECK(network.run_until_connected(peer, second * 10));
    CHECK(network.echo_works(*scene.client));
  }
}

TEST_CASE("a client that closes while its certificate is decided is gone as soon as it is accepted") {
  Deciding scene;
  Network& network = scene.network;
  const Bytes close_notify = {dtls::alert::warning, dtls::alert::close_notify};
  network.inject(peer, simulation::seal_as_client(*scene.client, ContentType::alert, 100, close_notify));
  network.run_for(second);
  REQUIRE(network.endpoint().answer_certificate(1, true, 0, network.now()));
  network.flush();
  CHECK(network.reported(EventKind::connected).size() == 1);
  REQUIRE(network.reported(EventKind::disconnected).size() == 1);
  CHECK(network.reported(EventKind::disconnected).at(0).fault() == Fault::none);
  CHECK(network.endpoint().association_count() == 0);
}

TEST_CASE("a refused certificate: the client sees the alert") {
  for (const int alert : {42, 43, 44, 45, 46, 48, 49}) {
    CAPTURE(alert);
    Deciding scene;
    Network& network = scene.network;
    CHECK(network.endpoint().answer_certificate(1, false, alert, network.now()));
    network.flush();
    network.run_for(Duration::milliseconds(100));
    CHECK(scene.client->failed());
    CHECK(scene.client->alert_received() == alert);
    REQUIRE(network.reported(EventKind::handshake_failed).size() == 1);
    CHECK(network.reported(EventKind::handshake_failed).at(0).fault() == Fault::certificate_refused);
    CHECK(network.reported(EventKind::handshake_failed).at(0).c == alert);
    CHECK(network.endpoint().association_count() == 0);
    CHECK_FALSE(network.saw(EventKind::connected));
  }
}

TEST_CASE("a certificate that nobody decides ends with the handshake's deadline") {
  Deciding scene;
  Network& network = scene.network;
  REQUIRE(network.run_until([&] { return network.saw(EventKind::handshake_failed); }, second * 100));
  CHECK(network.reported(EventKind::handshake_failed).at(0).fault() == Fault::timed_out);
  CHECK_FALSE(network.endpoint().answer_certificate(1, true, 0, network.now()));
}

TEST_CASE("a client that has no certificate to show is refused, and told") {
  Network network({}, simulation::asking_context());
  Client& client = network.connect(peer);
  REQUIRE(network.run_until([&] { return network.saw(EventKind::handshake_failed); }, second * 10));
  CHECK(network.reported(EventKind::handshake_failed).at(0).fault() == Fault::certificate_refused);
  CHECK_FALSE(network.saw(EventKind::client_certificate));
  network.run_for(Duration::milliseconds(100));
  CHECK(client.failed());
  CHECK(client.alert_received() == 40);
}

TEST_CASE("disconnecting while a certificate is decided aborts the handshake") {
  Deciding scene;
  Network& network = scene.network;
  CHECK(network.endpoint().disconnect(1, network.now()));
  network.flush();
  CHECK(network.reported(EventKind::handshake_failed).at(0).fault() == Fault::aborted);
  CHECK(network.endpoint().association_count() == 0);
}

TEST_CASE("a new certificate serves the handshakes that start after it, and old ones go on with theirs") {
  static const simulation::Identity other = [] {
    simulation::Identity made;
    made.key = simulation::ec_key();
    made.certificate = simulation::make_certificate(made.key.get(), "other.example");
    return made;
  }();
  Network network;
  const auto shown_to = [](Client& client) {
    return dtls::certificate_der(SSL_get0_peer_certificate(client.ssl()));
  };
  network.interference = simulation::delay_datagram(true, 2, second);
  Client& early = network.connect(Network::address(1));
  network.run_for(Duration::milliseconds(200));
  network.endpoint().set_security_context(simulation::server_context(other));
  Client& late = network.connect(Network::address(2));
  REQUIRE(network.run_until_connected(Network::address(1), second * 5));
  REQUIRE(network.run_until_connected(Network::address(2), second * 5));
  CHECK(shown_to(early) == simulation::plain_identity().certificate_der());
  CHECK(shown_to(late) == other.certificate_der());
  CHECK(network.echo_works(early));
  CHECK(network.echo_works(late));
}
