// Resumed sessions: what they keep of the client, who may resume them, and for how long.
#include "core/alert.h"
#include "network_test.h"
#include "simulation/insider.h"

namespace {

using simulation::CertificateShape;
using simulation::ContextOptions;
using simulation::Identity;
using simulation::VirtualClock;

constexpr Duration hour = Duration::seconds(3600);

dtls::SslSessionPtr session_of(Client& client) { return dtls::SslSessionPtr(SSL_get1_session(client.ssl())); }

CertificateShape shape(const char* name, const Identity* issuer, bool authority = false) {
  CertificateShape made;
  made.common_name = name;
  made.issuer = issuer;
  made.authority = authority;
  return made;
}

const Identity& root() {
  static const Identity identity = simulation::make_identity(shape("root", nullptr, true));
  return identity;
}

// Whose chain has an intermediate of this many bytes more than it needs.
Identity client_under_intermediate(std::size_t padding = 0) {
  CertificateShape middle = shape("intermediate", &root(), true);
  middle.padding = padding;
  const Identity intermediate = simulation::make_identity(middle);
  return simulation::make_identity(shape("client", &intermediate));
}

std::shared_ptr<const dtls::SecurityContext> context(ContextOptions options = {}) {
  options.resumption = true;
  return simulation::server_context(simulation::plain_identity(), options);
}

// That asks for certificates, and trusts those of root().
std::shared_ptr<const dtls::SecurityContext> trusting_context(ContextOptions options = {}) {
  options.request_client_certificate = true;
  std::vector<dtls::X509Ptr> trusted;
  X509_up_ref(root().certificate.get());
  trusted.emplace_back(root().certificate.get());
  options.client_trust = std::make_shared<const dtls::TrustStore>(nullptr, std::move(trusted));
  return context(options);
}

Bytes secret(std::uint8_t filling = 7) { return Bytes(80, filling); }

ContextOptions sharing(const Bytes& tickets) {
  ContextOptions options;
  options.ticket_secret = tickets;
  return options;
}

// A client that connects to a network of its own and leaves; its session.
dtls::SslSessionPtr made_by(std::shared_ptr<const dtls::SecurityContext> security,
                            ClientOptions options = {}) {
  Network network({}, std::move(security));
  Client& client = network.connect(peer, options);
  REQUIRE(network.run_until_connected(peer));
  dtls::SslSessionPtr session = session_of(client);
  client.close();  // or OpenSSL's client takes the session for a bad one
  network.run_for(second);
  return session;
}

bool resumes(std::shared_ptr<const dtls::SecurityContext> security, SSL_SESSION* session,
             ClientOptions options = {}) {
  Network network({}, std::move(security));
  options.session = session;
  Client& client = network.connect(peer, options);
  REQUIRE(network.run_until_connected(peer));
  CHECK(network.echo_works(client));
  const bool resumed = SSL_session_reused(client.ssl()) == 1;
  CHECK(network.counted(Counter::handshakes_resumed) == (resumed ? 1 : 0));
  return resumed;
}

}  // namespace

TEST_CASE("a client's chain is verified anew when it resumes, from the ticket and from the cache") {
  const Identity identity = client_under_intermediate();
  for (const bool tickets : {true, false}) {
    CAPTURE(tickets);
    Network network({}, trusting_context());
    ClientOptions options;
    options.identity = &identity;
    options.tickets = tickets;
    Client& first = network.connect(peer, options);
    REQUIRE(network.run_until_connected(peer));
    CHECK(network.reported(EventKind::client_certificate)[0].a == 0);
    const dtls::SslSessionPtr session = session_of(first);
    first.close();
    network.run_for(second);

    options.session = session.get();
    Client& again = network.connect(Network::address(2), options);
    REQUIRE(network.run_until_connected(Network::address(2)));
    CHECK(SSL_session_reused(again.ssl()) == 1);
    const auto told = network.reported(EventKind::client_certificate);
    REQUIRE(told.size() == 2);
    CHECK(told[1].a == 0);
    CHECK(told[1].text == told[0].text);
    CHECK(network.endpoint().negotiated_of(2)->key_exchange_bits == 256);
  }
}

TEST_CASE("a certificate that has expired meanwhile is told of when its session resumes") {
  CertificateShape brief = shape("client", &root());
  brief.not_after = 3600;
  const Identity identity = simulation::make_identity(brief);
  const dtls::WallTime start{VirtualClock::first_wall_second * 1'000'000};
  Network network({}, trusting_context());
  network.endpoint().set_wall_time(start, network.now());
  ClientOptions options;
  options.identity = &identity;
  Client& first = network.connect(peer, options);
  REQUIRE(network.run_until_connected(peer));
  const dtls::SslSessionPtr session = session_of(first);
  first.close();
  network.run_for(second);

  network.endpoint().set_wall_time({start.us + (hour * 2).us}, network.now());
  options.session = session.get();
  Client& again = network.connect(Network::address(2), options);
  REQUIRE(network.run_until_connected(Network::address(2)));
  CHECK(SSL_session_reused(again.ssl()) == 1);
  const auto told = network.reported(EventKind::client_certificate);
  REQUIRE(told.size() == 2);
  CHECK(told[0].a == 0);
  CHECK(static_cast<std::uint32_t>(told[1].a) == dtls::bit_of(dtls::CertificateReason::expired));
}

TEST_CASE("a chain that is too long for a ticket costs a full handshake, and nothing else") {
  const Identity identity = client_under_intermediate(9000);
  ClientOptions options;
  options.identity = &identity;
  const auto security = trusting_context();
  const dtls::SslSessionPtr session = made_by(security, options);
  CHECK_FALSE(resumes(security, session.get(), options));
}

TEST_CASE("authorities that were named are named to the client") {
  Network network({}, trusting_context());
  const Identity identity = client_under_intermediate();
  ClientOptions options;
  options.identity = &identity;
  Client& client = network.connect(peer, options);
  REQUIRE(network.run_until_connected(peer));
  const auto* const names = SSL_get0_peer_CA_list(client.ssl());
  REQUIRE(names != nullptr);
  REQUIRE(sk_X509_NAME_num(names) == 1);
  CHECK(X509_NAME_cmp(sk_X509_NAME_value(names, 0), X509_get_subject_name(root().certificate.get())) == 0);
}

TEST_CASE(
    "authorities whose names do not fit a CertificateRequest are an error; a name that repeats counts once") {
  const dtls::EvpPkeyPtr key = simulation::ec_key();
  const auto trusting = [&](std::size_t count, bool same_name) {
    std::vector<dtls::X509Ptr> authorities;
    for (std::size_t i = 0; i < count; ++i) {
      const std::string name = std::string(56, 'x') + std::to_string(same_name ? 1000 : 1000 + i);
      authorities.push_back(simulation::make_certificate(key.get(), name, nullptr, true));
    }
    ContextOptions options;
    options.request_client_certificate = true;
    options.client_trust = std::make_shared<const dtls::TrustStore>(nullptr, std::move(authorities));
    return simulation::server_context(simulation::plain_identity(), options);
  };
  CHECK_NOTHROW(trusting(900, true));
  CHECK_NOTHROW(trusting(870, false));  // each takes 75 bytes
  CHECK_THROWS_AS(trusting(900, false), dtls::SecurityError);
}

TEST_CASE("a bad CertificateVerify fails the handshake, and its certificate is not even offered") {
  // A key whose public half is the certificate's, and whose private half is another.
  Identity thief;
  const dtls::EvpPkeyPtr own = simulation::ec_key();
  const Identity victim = simulation::make_identity(shape("client", &root()));
  thief.key = simulation::ec_key_of_halves(victim.key.get(), own.get());
  X509_up_ref(victim.certificate.get());
  thief.certificate.reset(victim.certificate.get());

  Network network({}, trusting_context());
  ClientOptions options;
  options.identity = &thief;
  Client& client = network.connect(peer, options);
  REQUIRE(network.run_until([&] { return network.saw(EventKind::handshake_failed); }, second * 10));
  CHECK_FALSE(network.saw(EventKind::client_certificate));
  const auto failed = network.reported(EventKind::handshake_failed)[0];
  CHECK(failed.fault() == Fault::handshake_failed);
  CHECK(failed.c == 51);  // decrypt_error
  network.run_for(second);
  CHECK(client.alert_received() == 51);
}

TEST_CASE("a refused certificate's session is gone from the cache") {
  const Identity identity = client_under_intermediate();
  Network network({}, trusting_context());
  network.accepts_certificates = false;
  ClientOptions options;
  options.identity = &identity;
  options.tickets = false;
  Client& first = network.connect(peer, options);
  REQUIRE(network.run_until([&] { return network.saw(EventKind::client_certificate); }, second));
  const dtls::SslSessionPtr session = session_of(first);
  REQUIRE(network.endpoint().answer_certificate(1, false, dtls::alert::bad_certificate, network.now()));
  network.flush();
  network.run_for(second);
  network.accepts_certificates = true;
  options.session = session.get();
  Client& again = network.connect(Network::address(2), options);
  REQUIRE(network.run_until_connected(Network::address(2)));
  CHECK(SSL_session_reused(again.ssl()) == 0);
}

TEST_CASE("who shares the secret of tickets resumes each other's sessions, and nobody else does") {
  const dtls::SslSessionPtr session = made_by(context(sharing(secret())));
  CHECK(resumes(context(sharing(secret())), session.get()));
  CHECK_FALSE(resumes(context(sharing(secret(8))), session.get()));
  CHECK_FALSE(resumes(context(), session.get()));
  const dtls::SslSessionPtr other = made_by(context());
  CHECK_FALSE(resumes(context(), other.get()));
}

TEST_CASE("a session made under other rules is not resumed, though the secret is the same") {
  const dtls::SslSessionPtr session = made_by(context(sharing(secret())));
  const auto changed = [](auto change) {
    ContextOptions options = sharing(secret());
    change(options);
    return context(options);
  };
  CHECK_FALSE(resumes(changed([](ContextOptions& o) { o.cipher_list = "ECDHE+AESGCM"; }), session.get()));
  CHECK_FALSE(resumes(changed([](ContextOptions& o) { o.dtls_1_0 = true; }), session.get()));
  CHECK_FALSE(
      resumes(changed([](ContextOptions& o) { o.signature_algorithms = "ECDSA+SHA256"; }), session.get()));
  CHECK(resumes(changed([](ContextOptions& o) { o.key_log = true; }), session.get()));
}

TEST_CASE("a ticket does not replace the certificate that is asked for") {
  const dtls::SslSessionPtr session = made_by(context(sharing(secret())));
  Network network({}, trusting_context(sharing(secret())));
  ClientOptions options;
  options.session = session.get();
  network.connect(peer, options);
  REQUIRE(network.run_until([&] { return network.saw(EventKind::handshake_failed); }, second * 10));
  CHECK(network.reported(EventKind::handshake_failed)[0].fault() == Fault::certificate_refused);
  CHECK_FALSE(network.saw(EventKind::connected));
}

TEST_CASE("tickets are renewed after their keys have rotated, and worthless when those have gone") {
  const auto security = context(sharing(secret()));
  const auto sharing_it = context(sharing(secret()));
  const dtls::SslSessionPtr session = made_by(security);
  const auto ticket_of = [](const SSL_SESSION* from) {
    const unsigned char* ticket = nullptr;
    std::size_t size = 0;
    SSL_SESSION_get0_ticket(from, &ticket, &size);
    return Bytes(ticket, ticket + size);
  };
  // OpenSSL's own clock stays where it is: the session itself does not age.
  const auto resumed_after = [&](Duration time) {
    Network network({}, sharing_it);
    network.endpoint().set_wall_time({VirtualClock::wall().us + time.us}, network.now());
    ClientOptions options;
    options.session = session.get();
    Client& client = network.connect(peer, options);
    REQUIRE(network.run_until_connected(peer));
    CHECK(network.echo_works(client));
    const bool renewed = ticket_of(SSL_get_session(client.ssl())) != ticket_of(session.get());
    const bool resumed = SSL_session_reused(client.ssl()) == 1;
    client.close();
    return std::string(resumed ? "resumed" : "full") + (renewed ? ", with another ticket" : "");
  };
  CHECK(resumed_after({}) == "resumed");
  CHECK(resumed_after(hour * 10) == "resumed, with another ticket");
  CHECK(resumed_after(hour * -10) == "resumed");  // that clock is behind
  CHECK(resumed_after(hour * 20) == "full, with another ticket");
  CHECK(resumed_after(hour * -20) == "full, with another ticket");
}

TEST_CASE("a session is resumed for ten hours, and no longer") {
  const auto security = context(sharing(secret()));
  const dtls::SslSessionPtr session = made_by(security);
  VirtualClock::step_wall_clock(Duration::seconds(10 * 3600 - 60));
  CHECK(resumes(security, session.get()));
  VirtualClock::step_wall_clock(Duration::seconds(120));
  CHECK_FALSE(resumes(security, session.get()));
  VirtualClock::step_wall_clock(Duration::seconds(-10 * 3600 - 60));
}

TEST_CASE("renegotiation_info is answered, unless it is not to be") {
  for (const bool answered : {true, false}) {
    CAPTURE(answered);
    ContextOptions options;
    options.renegotiation_info = answered;
    Network network({}, context(options));
    ClientOptions client_options;
    client_options.legacy_server = true;
    Client& client = network.connect(peer, client_options);
    REQUIRE(network.run_until_connected(peer));
    CHECK(SSL_get_secure_renegotiation_support(client.ssl()) == (answered ? 1 : 0));
    CHECK(network.echo_works(client));
  }
}

TEST_CASE("without renegotiation_info an OpenSSL 3 client goes away") {
  ContextOptions options;
  options.renegotiation_info = false;
  Network network({}, context(options));
  Client& client = network.connect(peer);
  network.run_for(second * 10);
  CHECK(client.failed());
  CHECK_FALSE(network.saw(EventKind::connected));
}

TEST_CASE("a key log tells the client's random and the master secret, and only if it is asked for") {
  for (const bool asked : {true, false}) {
    CAPTURE(asked);
    ContextOptions options;
    options.key_log = asked;
    Network network({}, context(options));
    Client& client = network.connect(peer);
    REQUIRE(network.run_until_connected(peer));
    const auto lines = network.reported(EventKind::key_log);
    REQUIRE(lines.size() == (asked ? 1 : 0));
    if (!asked) {
      continue;
    }
    const auto hex = [](const Bytes& bytes) {
      std::string text;
      for (const std::uint8_t byte : bytes) {
        text += "0123456789abcdef"[byte >> 4];
        text += "0123456789abcdef"[byte & 15];
      }
      return text;
    };
    Bytes random(SSL3_RANDOM_SIZE);
    SSL_get_client_random(client.ssl(), random.data(), random.size());
    Bytes master(SSL_MAX_MASTER_KEY_LENGTH);
    SSL_SESSION_get_master_key(SSL_get_session(client.ssl()), master.data(), master.size());
    CHECK(lines[0].id == 1);
    CHECK(lines[0].text == "CLIENT_RANDOM " + hex(random) + " " + hex(master));
  }
}

TEST_CASE("records are reported in the order in which they come and go, and only if that is asked for") {
  for (const bool asked : {true, false}) {
    CAPTURE(asked);
    dtls::EndpointSettings settings;
    settings.report_records = asked;
    Network network(settings);
    Client& client = network.connect(peer);
    REQUIRE(network.run_until_connected(peer));
    REQUIRE(network.echo_works(client, Bytes(300, 'x')));
    const auto records = network.reported(EventKind::record);
    if (!asked) {
      CHECK(records.empty());
      continue;
    }
    std::string order;
    for (const auto& record : records) {
      CHECK(record.id == 1);
      CHECK(record.text.size() <= 13 + 64);
      order += record.a == 1 ? '>' : '<';
      order += std::to_string(record.text[0]) + (record.text[4] == 1 ? "' " : " ");
    }
    // Without the first hello and its answer, which are nobody's yet.
    CHECK(order == "<22 >22 >22 >22 >22 <22 <20 <22' >20 >22' <23' >23' ");
    CHECK(records.back().text.size() == 13 + 64);
  }
}
