// The owner decides on a resumed session's certificate. Its client has our Finished by then, thinks itself
// connected, and sends; from the owner's answer on it is.
#include "core/alert.h"
#include "simulation/insider.h"
#include "simulation/wire.h"
#include "suite_families.h"

namespace {

// A client under decision.
class Deciding {
 public:
  explicit Deciding(const Family& family) : network({}, every_suite(true, true)) {
    ClientOptions options = client_of(family);
    options.identity = &simulation::plain_identity();
    Client& first = network.connect(peer, options);
    REQUIRE(network.run_until_connected(peer));
    session_.reset(SSL_get1_session(first.ssl()));
    first.close();
    network.run_for(second);

    network.accepts_certificates = false;
    options.session = session_.get();
    client = &network.connect(address, options);
    network.run_for(Duration::milliseconds(200));
    REQUIRE(network.reported(EventKind::client_certificate).size() == 2);
    id = network.reported(EventKind::client_certificate)[1].id;
    REQUIRE(client->connected());
    REQUIRE(SSL_session_reused(client->ssl()) == 1);
    sent_before = network.packets(false).size();
  }

  void send(const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
      REQUIRE(client->send(Bytes(text.begin(), text.end())));
    }
    network.flush();
    network.run_for(Duration::milliseconds(100));
  }

  void answer(bool accept, int alert = 0) {
    CHECK(network.endpoint().answer_certificate(id, accept, alert, network.now()));
    network.flush();
    network.run_for(Duration::milliseconds(100));
  }

  std::vector<std::string> data() const {
    std::vector<std::string> texts;
    for (const auto& event : network.reported(EventKind::data)) {
      texts.push_back(event.text);
    }
    return texts;
  }

  std::size_t sent() const { return network.packets(false).size() - sent_before; }

  const Address address = Network::address(2);
  Network network;
  Client* client = nullptr;
  dtls::ConnectionId id = 0;
  std::size_t sent_before = 0;

 private:
  dtls::SslSessionPtr session_;
};

}  // namespace

TEST_CASE("while a resumed session's certificate is decided nothing is sent and nothing delivered") {
  for (const Family& family : kinds) {
    CAPTURE(family.name());
    Deciding scene(family);
    scene.send({"too early"});
    scene.network.run_for(second * 50);
    CHECK(scene.sent() == 0);
    CHECK(scene.data().empty());
    CHECK(scene.network.reported(EventKind::connected).size() == 1);
    CHECK(scene.network.endpoint().send(scene.id, Bytes{1}, scene.network.now()) ==
          dtls::SendResult::not_established);
  }
}

TEST_CASE(
    "what a resumed client has sent while its certificate was decided comes when it is accepted, in order "
    "and once") {
  for (const Family& family : kinds) {
    CAPTURE(family.name());
    Deciding scene(family);
    Network& network = scene.network;
    std::vector<Bytes> sent;
    network.interference = [&](const Packet& packet) -> std::vector<Delivery> {
      if (packet.to_server) {
        sent.push_back(packet.bytes);
        return {{packet.bytes, {}}, {packet.bytes, Duration::milliseconds(1)}};
      }
      return {{packet.bytes, {}}};
    };
    scene.send({"one", "two", "three"});
    network.run_for(second * 20);
    network.interference = simulation::no_interference();
    network.echoes = false;
    scene.answer(true);
    CHECK(scene.data() == std::vector<std::string>{"one", "two", "three"});
    for (const Bytes& datagram : sent) {
      network.inject(scene.address, datagram);
    }
    CHECK(scene.data().size() == 3);
    network.echoes = true;
    CHECK(network.echo_works(*scene.client));
  }
}

TEST_CASE("forged records take no place that a resumed client's own are kept in, where they can be told") {
  for (const Family& family : kinds) {
    if (!family.detaches) {
      continue;  // OpenSSL alone can tell, and later
    }
    CAPTURE(family.name());
    Deciding scene(family);
    constexpr std::size_t forged = 2 * dtls::Handshake::max_held_records;
    for (std::size_t i = 0; i < forged; ++i) {
      scene.network.inject(scene.address,
                           simulation::record(ContentType::application_data, 1, 1000 + i, Bytes(60)));
    }
    scene.send({"mine"});
    scene.answer(true);
    CHECK(scene.data() == std::vector<std::string>{"mine"});
    CHECK(scene.network.counted(Counter::drop_unauthenticated) == forged);
    CHECK(scene.network.counted(Counter::drop_held_overflow) == 0);
  }
}

TEST_CASE("no more is kept for a decision than its bound, and the rest is counted") {
  for (const Family& family : kinds) {
    CAPTURE(family.name());
    Deciding scene(family);
    std::vector<std::string> texts;
    for (int i = 0; i < 100; ++i) {
      texts.push_back(std::to_string(i));
    }
    scene.send(texts);
    scene.answer(true);
    texts.resize(dtls::Handshake::max_held_records);
    CHECK(scene.data() == texts);
    CHECK(scene.network.counted(Counter::drop_held_overflow) == 100 - texts.size());
    CHECK(scene.network.echo_works(*scene.client));
  }
}

TEST_CASE(
    "a refusal of its certificate is heard by a resumed client, though the client takes nothing in clear "
    "text any more") {
  for (const Family& family : kinds) {
    for (const std::int64_t wait : {0, 40}) {
      CAPTURE(family.name());
      CAPTURE(wait);
      Deciding scene(family);
      scene.send({"never delivered"});
      scene.network.run_for(second * wait);
      scene.answer(false, SSL_AD_CERTIFICATE_REVOKED);
      CHECK(scene.client->alert_received() == SSL_AD_CERTIFICATE_REVOKED);
      const auto failed = scene.network.reported(EventKind::handshake_failed);
      REQUIRE(failed.size() == 1);
      CHECK(failed[0].fault() == Fault::certificate_refused);
      CHECK(scene.data().empty());
      CHECK(scene.network.endpoint().association_count() == 0);
    }
  }
}

TEST_CASE("a resumed client hears when its handshake is aborted, or when nobody decides in time") {
  for (const Family& family : kinds) {
    for (const bool in_time : {true, false}) {
      CAPTURE(family.name());
      CAPTURE(in_time);
      Deciding scene(family);
      if (in_time) {
        CHECK(scene.network.endpoint().disconnect(scene.id, scene.network.now()));
      }
      scene.network.flush();
      scene.network.run_for(second * (in_time ? 1 : 61));
      const auto failed = scene.network.reported(EventKind::handshake_failed);
      REQUIRE(failed.size() == 1);
      CHECK(failed[0].fault() == (in_time ? Fault::aborted : Fault::timed_out));
      CHECK(scene.client->closed_by_peer());
      CHECK(scene.network.endpoint().association_count() == 0);
    }
  }
}

TEST_CASE(
    "a resumed client that closes or fails while its certificate is decided is gone as soon as it is "
    "accepted") {
  for (const Family& family : kinds) {
    for (const bool fails : {false, true}) {
      CAPTURE(family.name());
      CAPTURE(fails);
      Deciding scene(family);
      scene.send({"last words"});
      const Bytes alert = fails ? Bytes{dtls::alert::fatal, dtls::alert::internal_error}
                                : Bytes{dtls::alert::warning, dtls::alert::close_notify};
      scene.network.inject(scene.address,
                           simulation::seal_as_client(*scene.client, ContentType::alert, 30, alert));
      scene.network.run_for(second * 5);
      CHECK_FALSE(scene.network.saw(EventKind::handshake_failed));
      scene.answer(true);
      CHECK(scene.data() == std::vector<std::string>{"last words"});
      const auto ended = scene.network.reported(EventKind::disconnected);
      REQUIRE(ended.size() == 2);
      CHECK(ended[1].id == scene.id);
      CHECK(ended[1].fault() == (fails ? Fault::fatal_alert : Fault::none));
    }
  }
}
