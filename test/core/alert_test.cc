// Alerts on established connections, both ways, under every suite.
#include "core/alert.h"

#include "connected.h"
#include "simulation/wire.h"

namespace {

// The steps that tell of alerts.
std::vector<std::string> alerts_told(const Connected& scene) {
  std::vector<std::string> told;
  for (const auto& event : scene.network.reported(EventKind::progress)) {
    const auto step = static_cast<dtls::ProgressStep>(event.a);
    if (step == dtls::ProgressStep::sent_alert || step == dtls::ProgressStep::received_alert) {
      told.push_back((step == dtls::ProgressStep::sent_alert ? "sent " : "received ") + event.text);
    }
  }
  return told;
}

// It is new, and draws one record.
bool echo_works(Connected& scene) {
  scene.network.echoes = true;
  const std::size_t before = scene.sent().size();
  scene.inject_sealed(ContentType::application_data, Bytes{'x'});
  const auto sent = scene.sent();
  return sent.size() == before + 1 && sent.back().bytes[0] == 23;
}

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
    CHECK(alerts_told(scene) ==
          std::vector<std::string>{"received warning close_notify", "sent warning close_notify"});
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

TEST_CASE("nothing is told of what stands malformed behind a close_notify") {
  for (const Family& family : families()) {
    CAPTURE(family.name());
    Connected scene(family);
    Bytes datagram = simulation::seal_as_client(scene.client, ContentType::alert, 10, close_notify);
    dtls::append(datagram, Bytes{1, 2, 3});
    scene.network.inject(peer, datagram);
    CHECK(scene.network.counted(Counter::drop_malformed_record) == 1);
    CHECK_FALSE(scene.network.saw(EventKind::error));
    CHECK(scene.network.reported().back().kind == EventKind::disconnected);
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
    CHECK(alerts_told(scene) == std::vector<std::string>{"sent warning close_notify"});
  }
}

TEST_CASE("a fatal alert of the client ends the connection by its number, and is not answered") {
  for (const Family& family : families()) {
    for (const int description : {10, 20, 40, 42, 80, 90, 255}) {
      CAPTURE(family.name());
      CAPTURE(description);
      Connected scene(family, reporting());
      scene.inject_sealed(ContentType::alert, {dtls::alert::fatal, static_cast<std::uint8_t>(description)});
      const auto ended = scene.network.reported(EventKind::disconnected);
      REQUIRE(ended.size() == 1);
      CHECK(ended[0].fault() == Fault::fatal_alert);
      CHECK(ended[0].c == description);
      CHECK(scene.network.endpoint().association_count() == 0);
      CHECK(scene.sent().empty());
      CHECK(alerts_told(scene) ==
            std::vector{std::string("received fatal ") + dtls::alert::name(description)});
    }
  }
}

TEST_CASE("warnings end nothing, few or many, and draw no answer (RFC 5246 7.2)") {
  for (const Family& family : families()) {
    CAPTURE(family.name());
    Connected scene(family, reporting());
    for (std::uint64_t i = 0; i < 50; ++i) {
      const auto description = static_cast<std::uint8_t>(i % 2 == 0 ? 90 : 41 + i);
      scene.inject_sealed(ContentType::alert, {dtls::alert::warning, description});
      scene.inject_sealed(ContentType::application_data, {'x'});
      REQUIRE(scene.network.reported(EventKind::data).size() == i + 1);
    }
    CHECK_FALSE(scene.network.saw(EventKind::disconnected));
    CHECK(scene.sent().empty());
    CHECK(alerts_told(scene).size() == 50);
    CHECK(alerts_told(scene).at(0) == "received warning user_canceled");
  }
}

TEST_CASE("a no_renegotiation that answers nothing is ignored, but for OpenSSL, to which it is fatal") {
  for (const Family& family : families()) {
    CAPTURE(family.name());
    Connected scene(family);
    scene.inject_sealed(ContentType::alert, {dtls::alert::warning, dtls::alert::no_renegotiation});
    CHECK(scene.network.saw(EventKind::disconnected) != family.detaches);
    if (family.detaches) {
      CHECK(scene.sent().empty());
      CHECK(echo_works(scene));
    } else {
      CHECK(scene.network.reported(EventKind::disconnected).at(0).c == dtls::alert::handshake_failure);
      CHECK(scene.network.endpoint().association_count() == 0);
    }
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
      scene.inject_sealed(ContentType::alert, alert);
    }
    CHECK_FALSE(scene.network.saw(EventKind::disconnected));
    CHECK(scene.sent().empty());
    CHECK(echo_works(scene));
  }
}

TEST_CASE("a renegotiation is refused by no_renegotiation, and nothing else happens") {
  for (const Family& family : families()) {
    CAPTURE(family.name());
    Connected scene(family);
    Network& network = scene.network;
    network.interference =
        simulation::drop_all();  // OpenSSL's client, which has asked for nothing, would end at it
    for (std::size_t times = 1; times <= 3; ++times) {
      CAPTURE(times);
      scene.inject_sealed(ContentType::handshake,
                          simulation::message(HandshakeType::client_hello, 0, Bytes(60)));
      // OpenSSL takes the second one for a repetition of the first.
      const std::size_t answers = family.detaches ? times : 1;
      REQUIRE(scene.sent().size() == answers);
      if (family.detaches) {
        CHECK(simulation::open_as_client(scene.client, scene.sent().back().bytes) ==
              Bytes{dtls::alert::warning, dtls::alert::no_renegotiation});
      } else {
        CHECK(scene.sent().back().bytes[0] == 21);
      }
      CHECK(network.counted(Counter::renegotiations_refused) == answers);
    }
    CHECK(network.counted(Counter::handshakes_started) == 1);
    CHECK(network.reported(EventKind::connection_request).size() == 1);
    CHECK(echo_works(scene));
  }
}
