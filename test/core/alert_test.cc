// Alerts on established connections, both ways, under every suite.
#include "core/alert.h"

#include "fresh_numbers.h"
#include "simulation/insider.h"
#include "simulation/wire.h"

namespace {

// A connection with id 1.
struct Connected {
  explicit Connected(const Family& family, const dtls::EndpointSettings& settings = {})
      : network(settings, every_suite()), client(network.connect(peer, client_of(family))) {
    REQUIRE(network.run_until_connected(peer));
    sent_before = network.packets(false).size();
  }

  void inject(ContentType type, const Bytes& plaintext) {
    network.inject(peer, simulation::seal_as_client(client, type, number++, plaintext));
  }

  // What the server has sent since it was connected.
  std::vector<Packet> sent() const {
    std::vector<Packet> packets = network.packets(false);
    packets.erase(packets.begin(), packets.begin() + static_cast<std::ptrdiff_t>(sent_before));
    return packets;
  }

  // Those of the steps that tell of alerts, as "<step> <detail>".
  std::vector<std::string> alerts_told() const {
    std::vector<std::string> told;
    for (const auto& event : network.reported(EventKind::progress)) {
      const auto step = static_cast<dtls::ProgressStep>(event.a);
      if (step == dtls::ProgressStep::sent_alert || step == dtls::ProgressStep::received_alert) {
        told.push_back((step == dtls::ProgressStep::sent_alert ? "sent " : "received ") + event.text);
      }
    }
    return told;
  }

  bool echo_works(std::uint64_t at) {
    const std::size_t before = network.packets(false).size();
    network.inject(peer, simulation::seal_as_client(client, ContentType::application_data, at, Bytes{'x'}));
    return network.packets(false).size() == before + 1 && network.packets(false).back().bytes[0] == 23;
  }

  Network network;
  Client& client;
  std::uint64_t number = 10;
  std::size_t sent_before = 0;
};

const Bytes close_notify = {dtls::alert::warning, dtls::alert::close_notify};

dtls::EndpointSettings reporting() {
  dtls::EndpointSettings settings;
  settings.report_progress = true;
  return settings;
}

}  // namespace

TEST_CASE("close_notify of the client ends the connection, and is answered by ours and nothing else") {
  for (const Family& family : families()) {
    CAPTURE(family.name());
    Connected scene(family, reporting());
    scene.client.close();
    scene.network.flush();
    scene.network.run_for(second);
    const auto ended = scene.network.reported(EventKind::disconnected);
    REQUIRE(ended.size() == 1);
    CHECK(ended[0].fault() == Fault::none);
    CHECK(scene.client.closed_by_peer());
    CHECK(scene.sent().size() == 1);
    CHECK(scene.network.endpoint().association_count() == 0);
    CHECK(scene.alerts_told() ==
          std::vector<std::string>{"received warning close_notify", "sent warning close_notify"});
    check_numbers_are_fresh(scene.network, family);
  }
}

TEST_CASE("what stands behind a close_notify is not delivered, and what stands before it is") {
  for (const Family& family : families()) {
    CAPTURE(family.name());
    Connected scene(family);
    Bytes datagram = simulation::seal_as_client(scene.client, ContentType::application_data, 10, Bytes{'a'});
    dtls::append(datagram, simulation::seal_as_client(scene.client, ContentType::alert, 11, close_notify));
    dtls::append(datagram,
                 simulation::seal_as_client(scene.client, ContentType::application_data, 12, Bytes{'b'}));
    scene.network.inject(peer, datagram);
    const auto data = scene.network.reported(EventKind::data);
    REQUIRE(data.size() == 1);
    CHECK(data[0].text == "a");
    CHECK(scene.network.reported(EventKind::disconnected).size() == 1);
  }
}

TEST_CASE("our close_notify is heard by the client, and is all that it gets") {
  for (const Family& family : families()) {
    CAPTURE(family.name());
    Connected scene(family, reporting());
    REQUIRE(scene.network.endpoint().disconnect(1, scene.network.now()));
    scene.network.flush();
    scene.network.run_for(second);
    CHECK(scene.client.closed_by_peer());
    CHECK_FALSE(scene.client.failed());
    CHECK(scene.sent().size() == 1);
    CHECK(scene.network.reported(EventKind::disconnected).at(0).fault() == Fault::none);
    CHECK(scene.alerts_told() == std::vector<std::string>{"sent warning close_notify"});
    check_numbers_are_fresh(scene.network, family);
  }
}

TEST_CASE("a fatal alert of the client ends the connection by its number, and is not answered") {
  for (const Family& family : families()) {
    for (const int description : {10, 20, 40, 42, 80, 90, 255}) {
      CAPTURE(family.name());
      CAPTURE(description);
      Connected scene(family, reporting());
      scene.inject(ContentType::alert, {dtls::alert::fatal, static_cast<std::uint8_t>(description)});
      const auto ended = scene.network.reported(EventKind::disconnected);
      REQUIRE(ended.size() == 1);
      CHECK(ended[0].fault() == Fault::fatal_alert);
      CHECK(ended[0].c == description);
      CHECK(scene.network.endpoint().association_count() == 0);
      CHECK(scene.sent().empty());
      CHECK(scene.alerts_told() ==
            std::vector{std::string("received fatal ") + dtls::alert::name(description)});
    }
  }
}

TEST_CASE("warnings end nothing, few or many, and draw no answer (RFC 5246 7.2)") {
  for (const Family& family : families()) {
    CAPTURE(family.name());
    Connected scene(family, reporting());
    scene.network.echoes = false;
    for (std::uint64_t i = 0; i < 50; ++i) {
      const auto description = static_cast<std::uint8_t>(i % 2 == 0 ? 90 : 41 + i);
      scene.inject(ContentType::alert, {dtls::alert::warning, description});
      scene.inject(ContentType::application_data, {'x'});
      REQUIRE(scene.network.reported(EventKind::data).size() == i + 1);
    }
    CHECK_FALSE(scene.network.saw(EventKind::disconnected));
    CHECK(scene.sent().empty());
    CHECK(scene.alerts_told().size() == 50);
    CHECK(scene.alerts_told().at(0) == "received warning user_canceled");
  }
}

TEST_CASE("alerts of a wrong length are of no consequence") {
  for (const Family& family : families()) {
    if (!family.detaches) {
      continue;  // OpenSSL ends the connection
    }
    CAPTURE(family.name());
    Connected scene(family);
    for (const Bytes& alert : {Bytes{}, Bytes{2}, Bytes{2, 40, 0}, Bytes{1, 0, 1, 0}, Bytes(100, 2)}) {
      scene.inject(ContentType::alert, alert);
    }
    CHECK_FALSE(scene.network.saw(EventKind::disconnected));
    CHECK(scene.sent().empty());
    CHECK(scene.echo_works(40));
  }
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
