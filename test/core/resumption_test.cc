// Sessions that are taken up again, by ticket or from the cache.
#include "fresh_numbers.h"
#include "simulation/insider.h"

namespace {

dtls::SslSessionPtr session_of(Client& client) { return dtls::SslSessionPtr(SSL_get1_session(client.ssl())); }

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
        CAPTURE(family.name());
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
