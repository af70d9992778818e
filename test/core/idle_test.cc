// When a connection is idle: no application data either way, and no authentic heartbeat of the client.
#include "connected.h"
#include "core/alert.h"
#include "core/heartbeat.h"
#include "simulation/wire.h"

using dtls::SendResult;

namespace {

constexpr Duration idle_timeout = second * 100;

dtls::EndpointSettings idling(Duration timeout = idle_timeout) {
  dtls::EndpointSettings settings;
  settings.idle_timeout = timeout;
  return settings;
}

// With heartbeats on both sides.
struct Keeping : Connected {
  explicit Keeping(const Family& family, int server_mode = 1)
      : Connected(settings(server_mode), options(family)) {
    // OpenSSL's client would end the connection at a heartbeat.
    network.interference = [](const Packet& packet) -> std::vector<Delivery> {
      const bool is_heartbeat = !packet.to_server && packet.bytes[0] == 24;
      return is_heartbeat ? std::vector<Delivery>{} : std::vector<Delivery>{{packet.bytes, {}}};
    };
  }

  static dtls::EndpointSettings settings(int server_mode) {
    dtls::EndpointSettings settings = idling();
    settings.heartbeat_mode = server_mode;
    settings.keep_alive_time = second * 50;
    settings.pause_bound = 200;
    return settings;
  }
  static ClientOptions options(const Family& family) {
    ClientOptions options = client_of(family);
    options.heartbeat_mode = 1;
    return options;
  }

  void inject_heartbeat(dtls::HeartbeatType type) {
    inject_sealed(ContentType::heartbeat, dtls::write_heartbeat(type, Bytes(16, 7)));
  }
  void answer_last_request() {
    Bytes message = simulation::open_as_client(client, sent().back().bytes).value();
    message[0] = 2;
    inject_sealed(ContentType::heartbeat, message);
  }
};

// What may happen after 60 s.
struct Incident {
  std::string name;
  bool is_activity;
  std::function<void(Keeping&)> act;
  bool needs_heartbeats = false;
  bool needs_empty_records = false;
};

const std::vector<Incident> incidents = {
    {"data of the client", true,
     [](Keeping& scene) { scene.inject_sealed(ContentType::application_data, Bytes{'x'}); }},
    {"empty data of the client", true,
     [](Keeping& scene) { scene.inject_sealed(ContentType::application_data, Bytes{}); }, false, true},
    {"data that waits because the connection is paused", true,
     [](Keeping& scene) {
       scene.network.endpoint().pause(1);
       scene.inject_sealed(ContentType::application_data, Bytes{'x'});
     }},
    {"data that is dropped because the connection is paused", true,
     [](Keeping& scene) {
       scene.network.endpoint().pause(1);
       scene.inject_sealed(ContentType::application_data, Bytes(1000));
     }},
    {"data of ours", true, [](Keeping& scene) { CHECK(scene.send(1) == SendResult::sent); }},
    {"empty data of ours", true, [](Keeping& scene) { CHECK(scene.send(0) == SendResult::sent); }},
    {"a heartbeat request of the client", true,
     [](Keeping& scene) { scene.inject_heartbeat(dtls::HeartbeatType::request); }, true},
    {"the answer to a request of ours", true, [](Keeping& scene) { scene.answer_last_request(); }, true},
    {"a response that answers nothing", true,
     [](Keeping& scene) { scene.inject_heartbeat(dtls::HeartbeatType::response); }, true},
    {"a malformed heartbeat", false,
     [](Keeping& scene) { scene.inject_sealed(ContentType::heartbeat, Bytes(10, 1)); }},
    {"a warning", false,
     [](Keeping& scene) {
       scene.inject_sealed(ContentType::alert, Bytes{dtls::alert::warning, dtls::alert::user_canceled});
     }},
    {"a repeated Finished", false,
     [](Keeping& scene) {
       scene.network.interference = simulation::drop_all();
       scene.inject_sealed(ContentType::handshake,
                           simulation::message(HandshakeType::finished, 3, Bytes(12)));
     }},
    {"a renegotiation", false,
     [](Keeping& scene) {
       scene.network.interference = simulation::drop_all();
       scene.inject_sealed(ContentType::handshake,
                           simulation::message(HandshakeType::client_hello, 0, Bytes(60)));
     }},
    {"forged data", false,
     [](Keeping& scene) {
       scene.network.inject(peer, simulation::record(ContentType::application_data, 1, 500, Bytes(80)));
     }},
    {"clear text", false,
     [](Keeping& scene) {
       scene.network.inject(peer, simulation::record(ContentType::application_data, 0, 500, Bytes(80)));
     }},
    {"nothing", false, [](Keeping&) {}},
};

}  // namespace

TEST_CASE("application data either way and the client's heartbeats are activity, and nothing else is") {
  for (const Family& family : families()) {
    for (const Incident& incident : incidents) {
      if ((incident.needs_heartbeats && !family.detaches) ||
          (incident.needs_empty_records && !family.delivers_empty_records())) {
        continue;
      }
      CAPTURE(family.name());
      CAPTURE(incident.name);
      Keeping scene(family);
      const Instant connected = scene.network.reported(EventKind::connected).at(0).at;
      scene.network.run_until(connected + second * 60);
      incident.act(scene);
      scene.network.flush();
      REQUIRE(
          scene.network.run_until([&] { return scene.network.saw(EventKind::disconnected); }, second * 300));
      const auto ended = scene.network.reported(EventKind::disconnected).at(0);
      CHECK(ended.fault() == Fault::idle);
      const Instant last_activity = incident.is_activity ? connected + second * 60 : connected;
      CHECK(ended.at - last_activity >= idle_timeout);
      CHECK(ended.at - last_activity < Duration::milliseconds(100'001));
    }
  }
}

TEST_CASE("a heartbeat is no activity where it is not agreed on or turned off; a forbidden request is") {
  const auto ends_at = [](int server_mode, bool turned_off) {
    Keeping scene(aes_gcm, server_mode);
    const Instant connected = scene.network.reported(EventKind::connected).at(0).at;
    if (turned_off) {
      dtls::EndpointSettings settings = Keeping::settings(0);
      scene.network.endpoint().configure(settings, scene.network.now());
    }
    scene.network.run_until(connected + second * 60);
    scene.inject_heartbeat(dtls::HeartbeatType::request);
    REQUIRE(
        scene.network.run_until([&] { return scene.network.saw(EventKind::disconnected); }, second * 300));
    return (scene.network.reported(EventKind::disconnected).at(0).at - connected).us / 1'000'000;
  };
  CHECK(ends_at(1, false) == 160);
  CHECK(ends_at(2, false) == 160);
  CHECK(ends_at(0, false) == 100);
  CHECK(ends_at(1, true) == 100);
}

TEST_CASE("an idle connection is disconnected after the idle timeout, and not before") {
  for (const Family& family : kinds) {
    CAPTURE(family.name());
    Connected scene(family, idling(second * 10));
    const Instant connected = scene.network.reported(EventKind::connected).at(0).at;
    REQUIRE(scene.network.run_until([&] { return scene.network.saw(EventKind::disconnected); }, second * 60));
    const auto ended = scene.network.reported(EventKind::disconnected).at(0);
    CHECK(ended.fault() == Fault::idle);
    CHECK(ended.at - connected >= second * 10);
    CHECK(ended.at - connected < Duration::milliseconds(10001));
    CHECK(scene.network.counted(Counter::connections_idle) == 1);
    CHECK(scene.network.counted(Counter::connections_closed) == 1);
    scene.network.run_for(second);
    CHECK(scene.client.closed_by_peer());
  }
}

TEST_CASE("data either way postpones the idle timeout; forgeries and clear text don't") {
  for (const Family& family : kinds) {
    CAPTURE(family.name());
    Connected scene(family, idling(second * 10));
    Network& network = scene.network;
    for (int i = 0; i < 5; ++i) {
      network.run_for(second * 9);
      REQUIRE(scene.client.send(Bytes{'x'}));
      network.flush();
      network.run_for(second * 9);
      REQUIRE(scene.send(1) == SendResult::sent);
      network.flush();
    }
    CHECK_FALSE(network.saw(EventKind::disconnected));
    const Instant last = network.now();
    Bytes forged = simulation::seal_as_client(scene.client, ContentType::application_data, 500, Bytes(10, 1));
    forged.back() ^= 1;
    const Bytes clear = simulation::record(ContentType::application_data, 0, 9, Bytes{0});
    for (int i = 0; i < 20 && !network.saw(EventKind::disconnected); ++i) {
      network.run_for(second);
      network.inject(peer, forged);
      network.inject(peer, clear);
    }
    REQUIRE(network.saw(EventKind::disconnected));
    CHECK(network.reported(EventKind::disconnected).at(0).at - last < Duration::milliseconds(10001));
  }
}

TEST_CASE("a changed idle timeout applies at once to what is connected") {
  dtls::EndpointSettings settings;
  Connected scene(settings);
  Network& network = scene.network;
  network.run_for(second * 1000);
  CHECK_FALSE(network.saw(EventKind::disconnected));
  settings.idle_timeout = second * 2000;
  network.endpoint().configure(settings, network.now());
  network.flush();
  network.run_for(second * 500);
  CHECK_FALSE(network.saw(EventKind::disconnected));
  settings.idle_timeout = second * 0;
  network.endpoint().configure(settings, network.now());
  network.run_for(second * 5000);
  CHECK_FALSE(network.saw(EventKind::disconnected));
  settings.idle_timeout = second * 100;
  network.endpoint().configure(settings, network.now());
  network.flush();
  CHECK(network.saw(EventKind::disconnected));
  CHECK(network.reported(EventKind::disconnected).at(0).fault() == Fault::idle);
}

TEST_CASE("a hundred idle connections end each in its own time") {
  dtls::EndpointSettings settings;
  settings.idle_timeout = second * 30;
  settings.max_handshakes_per_host = 100;
  Network network(settings);
  for (unsigned i = 0; i < 100; ++i) {
    Address address = peer;
    address.port = static_cast<std::uint16_t>(1 + i);
    network.connect(address);
    network.run_for(Duration::milliseconds(100));
  }
  REQUIRE(network.endpoint().connection_count() == 100);
  network.run_for(second * 60);
  const auto connected = network.reported(EventKind::connected);
  const auto ended = network.reported(EventKind::disconnected);
  REQUIRE(ended.size() == 100);
  for (std::size_t i = 0; i < 100; ++i) {
    CHECK(ended[i].id == connected[i].id);
    CHECK(ended[i].at - connected[i].at >= second * 30);
    CHECK(ended[i].at - connected[i].at < Duration::milliseconds(30001));
  }
}
