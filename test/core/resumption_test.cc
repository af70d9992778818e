// Sessions that are taken up again, by ticket or from the cache: the handshake, and a network that disturbs
// it.
#include "mishaps.h"
#include "simulation/insider.h"
#include "suite_families.h"

namespace {

dtls::SslSessionPtr session_of(Client& client) { return dtls::SslSessionPtr(SSL_get1_session(client.ssl())); }

// From a full handshake that nothing disturbs.
dtls::SslSessionPtr make_session(const std::shared_ptr<const dtls::SecurityContext>& context,
                                 const ClientOptions& options) {
  Network network({}, context);
  Client& client = network.connect(peer, options);
  REQUIRE(network.run_until_connected(peer));
  dtls::SslSessionPtr session = session_of(client);
  client.close();  // or OpenSSL's client takes the session for a bad one
  network.run_for(second);
  return session;
}

bool has_record(const Packet& packet, ContentType type) {
  const std::vector<Bytes> records = simulation::split_records(packet.bytes);
  return std::any_of(records.begin(), records.end(),
                     [type](const Bytes& record) { return static_cast<ContentType>(record[0]) == type; });
}

// The flights of a resumed handshake.
struct Part {
  std::string name;
  std::function<bool(const Packet&)> concerns;
};

const std::vector<Part> parts = {
    {"the client's hellos",
     [](const Packet& packet) { return packet.to_server && packet.bytes[13] == 1 && packet.bytes[0] == 22; }},
    {"the HelloVerifyRequest",
     [](const Packet& packet) { return !packet.to_server && packet.bytes[13] == 3; }},
    {"the server's flight",
     [](const Packet& packet) {
       return !packet.to_server && has_record(packet, ContentType::change_cipher_spec);
     }},
    {"the client's last flight",
     [](const Packet& packet) {
       return packet.to_server && (has_record(packet, ContentType::change_cipher_spec) ||
                                   (has_record(packet, ContentType::handshake) && packet.bytes[4] == 1));
     }},
};

struct Shape {
  std::string name;
  bool tickets;
  bool client_certificate;
  int mtu;
};

const std::vector<Shape> shapes = {
    {"from the cache", false, false, 1200},
    {"ticket", true, false, 1200},
    {"ticket with a client certificate, small MTU", true, true, 256},
};

void survives_each(bool records, const Mishap& mishap, const Family& family, const Shape& shape) {
  dtls::EndpointSettings settings;
  settings.handshake_mtu = static_cast<std::size_t>(shape.mtu);
  const auto context = every_suite(true, shape.client_certificate);
  ClientOptions options = client_of(family);
  options.tickets = shape.tickets;
  options.mtu = shape.mtu;
  options.identity = shape.client_certificate ? &simulation::plain_identity() : nullptr;
  const dtls::SslSessionPtr session = make_session(context, options);
  for (const Part& part : parts) {
    CAPTURE(part.name);
    std::size_t number = 0;
    for (bool met = true; met; ++number) {
      CAPTURE(number);
      met = false;
      // OpenSSL spoils the one that a client without a close leaves behind.
      const dtls::SslSessionPtr copy(SSL_SESSION_dup(session.get()));
      options.session = copy.get();
      Network network(settings, context);
      network.interference = befall(mishap, part.concerns, records, number, &met);
      Client& client = network.connect(peer, options);
      REQUIRE(network.run_until([&] { return client.connected(); }, second * 10));
      // At once behind its Finished, which may not arrive, or later.
      client.send(Bytes{'1'});
      client.send(Bytes{'2'});
      REQUIRE(network.run_until_connected(peer, second * 10));
      network.run_for(second * 5);
      CHECK(network.counted(Counter::handshakes_resumed) == 1);
      CHECK(network.reported(EventKind::connected).size() == 1);
      CHECK(network.endpoint().association_count() == 1);
      const auto data = network.reported(EventKind::data);
      REQUIRE(data.size() == 2);
      CHECK(data[0].text == "1");
      CHECK(data[1].text == "2");
      network.interference = simulation::no_interference();
      CHECK(network.echo_works(client));
    }
    CHECK(number > 1);
  }
}

}  // namespace

TEST_CASE("sessions resume by ticket and from the cache, under every suite") {
  for (const Family& family : families()) {
    for (const bool tickets : {true, false}) {
      CAPTURE(family.name());
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

TEST_CASE("a client whose certificates are too large for a ticket shows them again, and gets in") {
  for (const bool tickets : {true, false}) {
    for (const bool chain : {true, false}) {
      CAPTURE(tickets);
      CAPTURE(chain);
      simulation::CertificateShape large;
      large.common_name = "large";
      large.padding = 9000;
      const simulation::Identity identity =
          chain ? simulation::long_chain(3, 3000) : simulation::make_identity(large);
      Network network({}, every_suite(true, true));
      ClientOptions options = client_of(aes_gcm);
      options.tickets = tickets;
      options.identity = &identity;
      Client& first = network.connect(peer, options);
      REQUIRE(network.run_until_connected(peer));
      const dtls::SslSessionPtr session = session_of(first);
      first.close();
      network.run_for(second);
      options.session = session.get();
      Client& again = network.connect(Network::address(2), options);
      REQUIRE(network.run_until_connected(Network::address(2)));
      CHECK(network.counted(Counter::handshakes_resumed) == 0);
      CHECK(network.echo_works(again));
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

TEST_CASE("a connection that ended by a fatal alert can't be resumed from the cache") {
  for (const Family& family : kinds) {
    CAPTURE(family.name());
    Network network({}, every_suite(true));
    ClientOptions options = client_of(family);
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
}

TEST_CASE("each record of a resumed handshake may be lost, doubled, overtaken and late by itself") {
  for (const Mishap& mishap : mishaps) {
    for (const Family& family : kinds) {
      for (const Shape& shape : shapes) {
        CAPTURE(mishap.name);
        CAPTURE(family.name());
        CAPTURE(shape.name);
        survives_each(true, mishap, family, shape);
      }
    }
  }
}

TEST_CASE(
    "each datagram of a resumed handshake may be lost, doubled, overtaken and late, under every suite") {
  for (const Mishap& mishap : mishaps) {
    for (const Family& family : families()) {
      CAPTURE(mishap.name);
      CAPTURE(family.name());
      survives_each(false, mishap, family, shapes[1]);
    }
  }
}

TEST_CASE("a client that restarts resumes its cached session, again and again") {
  for (const Family& family : kinds) {
    CAPTURE(family.name());
    Network network({}, every_suite(true));
    ClientOptions options = client_of(family);
    options.tickets = false;
    Client& first = network.connect(peer, options);
    REQUIRE(network.run_until_connected(peer));
    const dtls::SslSessionPtr session = session_of(first);
    for (std::uint64_t restart = 1; restart <= 3; ++restart) {
      const dtls::SslSessionPtr copy(SSL_SESSION_dup(session.get()));
      options.session = copy.get();
      Client& again = network.connect(peer, options);
      REQUIRE(network.run_until([&] { return network.counted(Counter::restarts) == restart; }, second));
      CHECK(SSL_session_reused(again.ssl()) == 1);
      CHECK(network.echo_works(again));
    }
  }
}
