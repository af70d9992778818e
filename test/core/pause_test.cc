// A paused connection: its data waits, up to a bound; all else goes on.
#include "connected.h"
#include "core/alert.h"
#include "core/heartbeat.h"
#include "simulation/wire.h"

using dtls::SendResult;

namespace {

dtls::EndpointSettings bound_to(std::size_t bytes) {
  dtls::EndpointSettings settings;
  settings.pause_bound = bytes;
  return settings;
}

// With heartbeats on both sides.
struct Paused : Connected {
  explicit Paused(const Family& family = aes_gcm) : Connected(settings(), options(family)) {
    REQUIRE(network.endpoint().pause(1));
    // OpenSSL's client would end the connection at a heartbeat.
    network.interference = [](const Packet& packet) -> std::vector<Delivery> {
      const bool is_heartbeat = !packet.to_server && packet.bytes[0] == 24;
      return is_heartbeat ? std::vector<Delivery>{} : std::vector<Delivery>{{packet.bytes, {}}};
    };
    inject_sealed(ContentType::application_data, Bytes{'x'});
    CHECK(data().empty());
  }

  static dtls::EndpointSettings settings() {
    dtls::EndpointSettings settings;
    settings.heartbeat_mode = 1;
    settings.keep_alive_time = second * 10;
    return settings;
  }
  static ClientOptions options(const Family& family) {
    ClientOptions options = client_of(family);
    options.heartbeat_mode = 1;
    return options;
  }
};

}  // namespace

TEST_CASE("while paused nothing is delivered; resuming brings all in order") {
  for (const Family& family : kinds) {
    CAPTURE(family.name());
    Connected scene(family);
    CHECK(scene.network.endpoint().pause(1));
    for (const Bytes& record : scene.sealed({{'a'}, {'b'}, {'c'}})) {
      scene.network.inject(peer, record);
    }
    CHECK(scene.network.endpoint().pause(1));
    scene.inject_sealed(ContentType::application_data, Bytes{});
    CHECK(scene.data().empty());
    CHECK(scene.send(5) == SendResult::sent);  // pausing is about receiving
    CHECK(scene.network.endpoint().resume(1));
    scene.network.flush();
    std::vector<std::string> expected = {"a", "b", "c"};
    if (family.delivers_empty_records()) {
      expected.push_back("");
    }
    CHECK(scene.data() == expected);
    scene.inject_sealed(ContentType::application_data, {'d'});
    expected.push_back("d");
    CHECK(scene.data() == expected);
    CHECK(scene.network.endpoint().resume(1));
    scene.network.flush();
    CHECK(scene.data() == expected);
    CHECK_FALSE(scene.network.endpoint().pause(7));
    CHECK_FALSE(scene.network.endpoint().resume(7));
  }
}

TEST_CASE("a paused connection keeps data up to its bound, and counts what it drops") {
  for (const Family& family : kinds) {
    CAPTURE(family.name());
    Connected scene(family, bound_to(10000));
    scene.network.endpoint().pause(1);
    for (std::uint64_t i = 0; i < 30; ++i) {
      scene.inject_sealed(ContentType::application_data, Bytes(1000, static_cast<std::uint8_t>(i)));
    }
    scene.network.endpoint().resume(1);
    scene.network.flush();
    const auto kept = scene.data();
    CHECK(kept.size() >= 8);
    CHECK(kept.size() <= 10);
    for (std::size_t i = 0; i < kept.size(); ++i) {
      CHECK(kept[i] == std::string(1000, static_cast<char>(i)));
    }
    CHECK(scene.network.counted(Counter::drop_paused) == 30 - kept.size());

    // Empty records cost something too, or they would be free memory for the peer.
    scene.network.endpoint().pause(1);
    for (std::uint64_t i = 0; i < 5000; ++i) {
      scene.inject_sealed(ContentType::application_data, {});
    }
    scene.network.endpoint().resume(1);
    scene.network.flush();
    CHECK(scene.data().size() < kept.size() + 1000);
  }
}

TEST_CASE("the bound is 64 KiB, and what fits in behind a longer datagram is still kept") {
  CHECK(dtls::EndpointSettings().pause_bound == 65536);
  Connected scene(bound_to(1100));
  scene.network.endpoint().pause(1);
  for (const std::size_t size : {600U, 600U, 300U}) {
    scene.inject_sealed(ContentType::application_data, Bytes(size, 'x'));
  }
  scene.network.endpoint().resume(1);
  scene.network.flush();
  REQUIRE(scene.data().size() == 2);
  CHECK(scene.data()[1].size() == 300);
  CHECK(scene.network.counted(Counter::drop_paused) == 1);
}

TEST_CASE("while paused heartbeats are answered, and asked for") {
  for (const Family& family : families()) {
    if (!family.detaches) {
      continue;
    }
    CAPTURE(family.name());
    Paused scene(family);
    const Bytes request = dtls::write_heartbeat(dtls::HeartbeatType::request, Bytes(16, 7));
    scene.inject_sealed(ContentType::heartbeat, request);
    REQUIRE(scene.sent().size() == 1);
    const auto answer = simulation::open_as_client(scene.client, scene.sent()[0].bytes);
    REQUIRE(answer.has_value());
    CHECK(answer->at(0) == 2);
    scene.network.run_for(second * 10);
    CHECK(scene.network.counted(Counter::heartbeat_requests_sent) == 1);
    CHECK(scene.data().empty());
  }
}

TEST_CASE("while paused the client's alerts end the connection, and what waited is dropped and counted") {
  for (const Family& family : families()) {
    for (const bool fatal : {false, true}) {
      CAPTURE(family.name());
      CAPTURE(fatal);
      Paused scene(family);
      const Bytes alert = fatal ? Bytes{dtls::alert::fatal, dtls::alert::internal_error}
                                : Bytes{dtls::alert::warning, dtls::alert::close_notify};
      scene.inject_sealed(ContentType::alert, alert);
      const auto ended = scene.network.reported(EventKind::disconnected);
      REQUIRE(ended.size() == 1);
      CHECK(ended[0].fault() == (fatal ? Fault::fatal_alert : Fault::none));
      CHECK(scene.data().empty());
      CHECK(scene.network.counted(Counter::drop_paused) == 1);
      CHECK_FALSE(scene.network.endpoint().resume(1));
    }
  }
}

TEST_CASE("while paused a renegotiation is refused") {
  for (const Family& family : families()) {
    CAPTURE(family.name());
    Paused scene(family);
    scene.network.interference = simulation::drop_all();
    scene.inject_sealed(ContentType::handshake,
                        simulation::message(HandshakeType::client_hello, 0, Bytes(60)));
    CHECK(scene.network.counted(Counter::renegotiations_refused) == 1);
    CHECK_FALSE(scene.network.saw(EventKind::disconnected));
  }
}

TEST_CASE("paused before its client has the final flight, a connection sends it again") {
  for (const Family& family : families()) {
    CAPTURE(family.name());
    Network network({}, every_suite(true));
    network.echoes = false;
    // The first final flight is lost.
    network.interference = [&,
                            first = Instant::never()](const Packet& packet) mutable -> std::vector<Delivery> {
      const std::vector<Bytes> records = simulation::split_records(packet.bytes);
      const bool ends =
          std::any_of(records.begin(), records.end(), [](const Bytes& r) { return r[0] == 20; });
      if (packet.to_server || !ends) {
        return {{packet.bytes, {}}};
      }
      first = dtls::earlier(first, packet.sent_at);
      return packet.sent_at == first ? std::vector<Delivery>{} : std::vector<Delivery>{{packet.bytes, {}}};
    };
    Client& client = network.connect(peer, client_of(family));
    REQUIRE(network.run_until([&] { return network.saw(EventKind::connected); }, second));
    CHECK(network.endpoint().pause(1));
    CHECK_FALSE(client.connected());
    REQUIRE(network.run_until([&] { return client.connected(); }, second * 3));
    CHECK(network.counted(Counter::final_flights_resent) == 1);
    client.send(Bytes{'x'});
    network.flush();
    network.run_for(second);
    CHECK(network.reported(EventKind::data).empty());
    CHECK(network.endpoint().resume(1));
    network.flush();
    CHECK(network.reported(EventKind::data).size() == 1);
  }
}
