// Connections that have left OpenSSL: numbers and nonces, the final flight, resumption, and the end of keys.
#include <map>
#include <set>

#include "simulation/insider.h"
#include "simulation/wire.h"
#include "suite_families.h"

namespace {

// No number, and no explicit nonce, may protect two records under the same keys.
void check_numbers_are_fresh(const Network& network, const Family& family) {
  const std::string suite = family.suite;
  const bool has_nonce = suite.find("GCM") != std::string::npos || suite.find("CCM") != std::string::npos;
  std::set<std::uint64_t> numbers;
  std::set<Bytes> nonces;
  for (const Packet& packet : network.packets(false)) {
    for (const Bytes& bytes : simulation::split_records(packet.bytes)) {
      dtls::RecordReader reader(bytes);
      const auto record = reader.next();
      if (record->epoch == 0) {
        continue;
      }
      CHECK(numbers.insert(record->sequence).second);
      CHECK((!has_nonce || nonces.insert(record->body.sub(0, 8).copy()).second));
    }
  }
}

// Drops the server's first `count` datagrams that bear a ChangeCipherSpec.
simulation::Fault lose_final_flights(std::size_t count) {
  auto lost = std::make_shared<std::size_t>(0);
  return [=](const Packet& packet) -> std::vector<Delivery> {
    bool ends = false;
    for (const Bytes& record : simulation::split_records(packet.bytes)) {
      ends = ends || record[0] == 20;
    }
    if (!packet.to_server && ends && *lost < count) {
      ++*lost;
      return {};
    }
    return {{packet.bytes, {}}};
  };
}

// Drops the one record of this content type and epoch that the server sends first.
simulation::Fault lose_first(std::uint8_t type, std::uint8_t epoch) {
  auto done = std::make_shared<bool>(false);
  return [=](const Packet& packet) -> std::vector<Delivery> {
    if (packet.to_server || *done) {
      return {{packet.bytes, {}}};
    }
    const std::vector<Bytes> records = simulation::split_records(packet.bytes);
    const bool is_final =
        std::any_of(records.begin(), records.end(), [](const Bytes& r) { return r[0] == 20; });
    Bytes left;
    for (const Bytes& record : records) {
      if (is_final && !*done && record[0] == type && record[4] == epoch) {
        *done = true;
      } else {
        dtls::append(left, record);
      }
    }
    return left.empty() ? std::vector<Delivery>{} : std::vector<Delivery>{{left, {}}};
  };
}

dtls::SslSessionPtr session_of(Client& client) { return dtls::SslSessionPtr(SSL_get1_session(client.ssl())); }

}  // namespace

TEST_CASE("a lost final flight is resent under fresh numbers, under every suite") {
  for (const Family& family : families()) {
    for (const std::size_t losses : std::initializer_list<std::size_t>{1, 3}) {
      CAPTURE(family.suite);
      CAPTURE(losses);
      Network network({}, every_suite(true));
      network.fault = lose_final_flights(losses);
      Client& client = network.connect(peer, client_of(family));
      REQUIRE(network.run_until([&] { return client.connected(); }, second * 20));
      network.fault = simulation::no_fault();
      CHECK(network.echo_works(client));
      CHECK(network.reported(EventKind::connected).size() == 1);
      if (family.detaches) {
        CHECK(network.counted(Counter::final_flights_resent) == losses);
      }
      check_numbers_are_fresh(network, family);
    }
  }
}

TEST_CASE(
    "each record of the final flight may be lost by itself, tickets with client certificates included") {
  for (const bool certificate : {false, true}) {
    for (const auto& [type, epoch] : {std::pair<std::uint8_t, std::uint8_t>{22, 0}, {20, 0}, {22, 1}}) {
      CAPTURE(certificate);
      CAPTURE(int{type});
      CAPTURE(int{epoch});
      simulation::ContextOptions context;
      context.resumption = true;
      context.request_client_certificate = certificate;
      Network network({}, simulation::server_context(simulation::plain_identity(), context));
      network.fault = lose_first(type, epoch);
      ClientOptions options;
      options.identity = certificate ? &simulation::plain_identity() : nullptr;
      Client& client = network.connect(peer, options);
      CHECK(network.run_until([&] { return client.connected(); }, second * 10));
      network.fault = simulation::no_fault();
      CHECK(network.echo_works(client));
      check_numbers_are_fresh(network, aes_gcm);
    }
  }
}

TEST_CASE("a final flight is kept no longer than until the first data, and for 240 s") {
  Network network;
  network.echoes = false;
  Client& client = network.connect(peer);
  REQUIRE(network.run_until_connected(peer));
  std::uint64_t number = 10;
  const auto draws_flight = [&] {
    const std::size_t before = network.packets(false).size();
    network.inject(peer,
                   simulation::seal_as_client(client, ContentType::handshake, number++,
                                              simulation::message(HandshakeType::finished, 3, Bytes(12))));
    network.flush();
    return network.packets(false).size() > before;
  };
  network.run_for(second);
  CHECK(draws_flight());
  CHECK_FALSE(draws_flight());  // not twice within 200 ms
  network.run_for(second);
  CHECK(draws_flight());
  SUBCASE("data") {
    client.send(Bytes{1});
    network.run_for(second);
    CHECK_FALSE(draws_flight());
  }
  SUBCASE("time") {
    network.run_for(second * 230);
    CHECK(draws_flight());
    network.run_for(second * 10);
    CHECK_FALSE(draws_flight());
  }
}

TEST_CASE("sessions resume by ticket and from the cache, under every suite") {
  for (const Family& family : families()) {
    for (const bool tickets : {true, false}) {
      CAPTURE(family.suite);
      CAPTURE(tickets);
      Network network({}, every_suite(true));
      ClientOptions options = client_of(family);
      options.tickets = tickets;
      Client& first = network.connect(peer, options);
      REQUIRE(network.run_until_connected(peer));
      const dtls::SslSessionPtr session = session_of(first);
      first.close();
      network.run_for(second);
      options.session = session.get();
      Client& second_client = network.connect(Network::address(2), options);
      REQUIRE(network.run_until_connected(Network::address(2)));
      CHECK(SSL_session_reused(second_client.ssl()) == 1);
      CHECK(network.counted(Counter::handshakes_resumed) == 1);
      CHECK(network.echo_works(second_client));
    }
  }
}

TEST_CASE("without resumption there is no ticket and no session to take up") {
  Network network({}, every_suite(false));
  ClientOptions options = client_of(aes_gcm);
  Client& first = network.connect(peer, options);
  REQUIRE(network.run_until_connected(peer));
  const dtls::SslSessionPtr session = session_of(first);
  CHECK(SSL_SESSION_has_ticket(session.get()) == 0);
  options.session = session.get();
  Client& second_client = network.connect(Network::address(2), options);
  REQUIRE(network.run_until_connected(Network::address(2)));
  CHECK(SSL_session_reused(second_client.ssl()) == 0);
}

TEST_CASE("a resumed handshake survives the loss of each datagram, and no number serves twice") {
  for (const Family& family : families()) {
    for (const bool to_server : {true, false}) {
      for (std::size_t offset = 0; offset < 3; ++offset) {
        CAPTURE(family.suite);
        CAPTURE(to_server);
        CAPTURE(offset);
        const auto context = every_suite(true);
        dtls::SslSessionPtr session;
        {
          Network network({}, context);
          Client& client = network.connect(peer, client_of(family));
          REQUIRE(network.run_until_connected(peer));
          session = session_of(client);
          client.close();  // or OpenSSL's client takes the session for a bad one
          network.run_for(second);
        }
        Network network({}, context);
        network.fault = simulation::drop_datagram(to_server, offset);
        ClientOptions options = client_of(family);
        options.session = session.get();
        Client& client = network.connect(peer, options);
        REQUIRE(network.run_until_connected(peer, second * 10));
        network.fault = simulation::no_fault();
        CHECK(network.counted(Counter::handshakes_resumed) == 1);
        CHECK(network.echo_works(client));
        CHECK(network.echo_works(client));
        check_numbers_are_fresh(network, family);
      }
    }
  }
}

TEST_CASE("a connection that ended by a fatal alert can't be resumed from the cache") {
  Network network({}, every_suite(true));
  ClientOptions options = client_of(aes_gcm);
  options.tickets = false;
  Client& first = network.connect(peer, options);
  REQUIRE(network.run_until_connected(peer));
  const dtls::SslSessionPtr session = session_of(first);
  network.inject(peer, simulation::seal_as_client(first, ContentType::alert, 20, Bytes{2, 40}));
  REQUIRE(network.saw(EventKind::disconnected));
  CHECK(network.reported(EventKind::disconnected)[0].fault() == Fault::fatal_alert);
  CHECK(network.reported(EventKind::disconnected)[0].c == 40);
  options.session = session.get();
  Client& second_client = network.connect(Network::address(2), options);
  REQUIRE(network.run_until_connected(Network::address(2)));
  CHECK(SSL_session_reused(second_client.ssl()) == 0);
}

TEST_CASE("a resumed session's certificate is decided on anew, and a refusal is heard") {
  simulation::ContextOptions context;
  context.resumption = true;
  context.request_client_certificate = true;
  Network network({}, simulation::server_context(simulation::plain_identity(), context));
  ClientOptions options;
  options.identity = &simulation::plain_identity();
  Client& first = network.connect(peer, options);
  REQUIRE(network.run_until_connected(peer));
  const dtls::SslSessionPtr session = session_of(first);
  options.session = session.get();
  network.accepts_certificates = false;
  Client& again = network.connect(Network::address(2), options);
  network.run_for(second);
  REQUIRE(network.reported(EventKind::client_certificate).size() == 2);
  const dtls::ConnectionId id = network.reported(EventKind::client_certificate)[1].id;
  CHECK(network.endpoint().answer_certificate(id, false, SSL_AD_BAD_CERTIFICATE, network.now()));
  network.flush();
  network.run_for(second);
  CHECK(SSL_session_reused(again.ssl()) == 1);
  CHECK(again.alert_received() == SSL_AD_BAD_CERTIFICATE);
  CHECK(network.saw(EventKind::handshake_failed));
}

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
