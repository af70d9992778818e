// Clients of DTLS 1.0, where it is allowed: attached to OpenSSL, which opens their records.
#include <algorithm>

#include "core/alert.h"
#include "network_test.h"
#include "simulation/insider.h"
#include "simulation/wire.h"

namespace {

constexpr const char* old_suite = "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0";

std::shared_ptr<const dtls::SecurityContext> old_context(bool resumption = false, bool asking = false) {
  simulation::ContextOptions options;
  options.dtls_1_0 = true;
  options.resumption = resumption;
  options.request_client_certificate = asking;
  return simulation::server_context(simulation::plain_identity(), options);
}

ClientOptions old_client() {
  ClientOptions options;
  options.dtls_1_0 = true;
  options.cipher_list = old_suite;
  return options;
}

// Versions of the records that the server has sent, but for its HelloVerifyRequest.
bool server_speaks(const Network& network, std::uint16_t version) {
  const std::vector<Packet> packets = network.packets(false);
  return std::all_of(packets.begin() + 1, packets.end(), [&](const Packet& packet) {
    const auto records = simulation::split_records(packet.bytes);
    return std::all_of(records.begin(), records.end(), [&](const Bytes& record) {
      return record[1] == version >> 8 && record[2] == (version & 0xff);
    });
  });
}

}  // namespace

TEST_CASE("a client of DTLS 1.0 connects where it is allowed, and one of 1.2 beside it") {
  Network network({}, old_context());
  Client& old = network.connect(peer, old_client());
  REQUIRE(network.run_until_connected(peer));
  CHECK(SSL_version(old.ssl()) == DTLS1_VERSION);
  CHECK(network.echo_works(old));
  CHECK(network.endpoint().send(1, {}, network.now()) == dtls::SendResult::sent);  // sealed by us
  network.flush();
  network.run_for(second);
  CHECK(old.received().back().empty() == openssl_reads_empty_records);
  CHECK(network.echo_works(old));
  CHECK(server_speaks(network, dtls::dtls_1_0));
  const auto negotiated = network.endpoint().negotiated_of(network.connection_of(peer));
  REQUIRE(negotiated);
  CHECK(negotiated->version == dtls::dtls_1_0);
  CHECK(negotiated->suite == 0xc009);
  CHECK(negotiated->key_exchange_bits == 256);

  Client& current = network.connect(Network::address(2));
  REQUIRE(network.run_until_connected(Network::address(2)));
  CHECK(SSL_version(current.ssl()) == DTLS1_2_VERSION);
  CHECK(network.echo_works(current));
}

TEST_CASE("a client of DTLS 1.0 is refused where it is not allowed") {
  Network network;
  Client& client = network.connect(peer, old_client());
  REQUIRE(network.run_until([&] { return network.saw(EventKind::handshake_failed); }, second * 10));
  CHECK(network.reported(EventKind::handshake_failed)[0].fault() == Fault::unsupported);
  network.run_for(second);
  CHECK(client.alert_received() == dtls::alert::protocol_version);
}

TEST_CASE("a client of DTLS 1.0 hears each alert under its own version") {
  SUBCASE("its request is refused") {
    Network network({}, old_context());
    network.accepts_requests = false;
    Client& client = network.connect(peer, old_client());
    network.run_for(Duration::milliseconds(100));
    CHECK(network.endpoint().answer_request(1, false, network.now()));
    network.flush();
    network.run_for(second);
    CHECK(client.alert_received() == dtls::alert::access_denied);
  }
  SUBCASE("its certificate is refused") {
    Network network({}, old_context(false, true));
    network.accepts_certificates = false;
    ClientOptions options = old_client();
    options.identity = &simulation::plain_identity();
    Client& client = network.connect(peer, options);
    REQUIRE(network.run_until([&] { return network.saw(EventKind::client_certificate); }, second));
    CHECK(network.endpoint().answer_certificate(1, false, dtls::alert::unknown_ca, network.now()));
    network.flush();
    network.run_for(second);
    CHECK(client.alert_received() == dtls::alert::unknown_ca);
  }
  SUBCASE("its resumed certificate is refused") {
    Network network({}, old_context(true, true));
    ClientOptions options = old_client();
    options.identity = &simulation::plain_identity();
    Client& first = network.connect(peer, options);
    REQUIRE(network.run_until_connected(peer));
    const dtls::SslSessionPtr session(SSL_get1_session(first.ssl()));
    options.session = session.get();
    network.accepts_certificates = false;
    Client& again = network.connect(Network::address(2), options);
    REQUIRE(network.run_until([&] { return network.reported(EventKind::client_certificate).size() == 2; },
                              second));
    CHECK(SSL_session_reused(again.ssl()) == 1);
    CHECK(network.endpoint().answer_certificate(2, false, dtls::alert::unknown_ca, network.now()));
    network.flush();
    network.run_for(second);
    CHECK(again.alert_received() == dtls::alert::unknown_ca);
  }
  SUBCASE("the connection is closed") {
    Network network({}, old_context());
    Client& client = network.connect(peer, old_client());
    REQUIRE(network.run_until_connected(peer));
    CHECK(network.endpoint().disconnect(1, network.now()));
    network.flush();
    network.run_for(second);
    CHECK(client.closed_by_peer());
  }
}

TEST_CASE("forged records end no connection of DTLS 1.0, encrypt-then-MAC being declined") {
  Network network({}, old_context());
  Client& client = network.connect(peer, old_client());
  REQUIRE(network.run_until_connected(peer));
  CHECK(network.echo_works(client));
  for (std::uint64_t number = 0; number < 1000; ++number) {
    for (const std::uint16_t version : {dtls::dtls_1_0, dtls::dtls_1_2}) {
      network.inject(peer, simulation::record(ContentType::application_data, 1, number,
                                              Bytes(16 * (number % 8), 7), version));
    }
  }
  CHECK_FALSE(network.saw(EventKind::disconnected));
  CHECK(network.echo_works(client));
}

TEST_CASE("a handshake of DTLS 1.0 survives the loss of each datagram") {
  for (const bool resumed : {false, true}) {
    for (const bool to_server : {false, true}) {
      for (std::size_t number = 0; number < 4; ++number) {
        CAPTURE(resumed);
        CAPTURE(to_server);
        CAPTURE(number);
        const auto context = old_context(true);
        ClientOptions options = old_client();
        dtls::SslSessionPtr session;
        if (resumed) {
          Network network({}, context);
          Client& client = network.connect(peer, options);
          REQUIRE(network.run_until_connected(peer));
          session.reset(SSL_get1_session(client.ssl()));
          client.close();
          network.run_for(second);
          options.session = session.get();
        }
        Network network({}, context);
        network.interference = simulation::drop_datagram(to_server, number);
        Client& client = network.connect(peer, options);
        REQUIRE(network.run_until_connected(peer, second * 20));
        network.interference = simulation::no_interference();
        CHECK(network.counted(Counter::handshakes_resumed) == (resumed ? 1 : 0));
        CHECK(network.echo_works(client));
        // What the key exchange had is known of a session, too.
        CHECK(network.endpoint().negotiated_of(1)->key_exchange_bits == 256);
      }
    }
  }
}

TEST_CASE("a connection of DTLS 1.0 has no heartbeats, and its owner hears why") {
  dtls::EndpointSettings settings;
  settings.heartbeat_mode = 1;
  Network network(settings, old_context());
  ClientOptions options = old_client();
  options.heartbeat_mode = 1;
  Client& client = network.connect(peer, options);
  REQUIRE(network.run_until_connected(peer));
  CHECK(client.server_heartbeat_mode() == 0);
  CHECK(network.saw(EventKind::keep_alive_inert));
  CHECK(network.echo_works(client));
}
