// When the server asks by heartbeat (RFC 6520), how often, and what becomes of a client that does not answer.
#include "heartbeating.h"
#include "simulation/wire.h"

namespace {

using Options = Heartbeating::Options;

Bytes payload_of(const Bytes& message) { return dtls::read_heartbeat(message).value().payload.copy(); }

// Seconds after the connection was announced at which the server has sent heartbeats.
std::vector<std::int64_t> times_asked(const Heartbeating& scene) {
  std::vector<std::int64_t> times;
  Instant connected{};
  for (const auto& event : scene.network.reported(EventKind::connected)) {
    connected = event.id == scene.id ? event.at : connected;
  }
  for (const Packet& packet : scene.network.packets(false)) {
    if (packet.client == peer && packet.bytes[0] == 24) {
      times.push_back((packet.sent_at - connected).us / 1'000'000);
    }
  }
  return times;
}

}  // namespace

TEST_CASE("a silent client is asked after keep_alive_time, with the same payload until it answers") {
  for (const Family& family : families()) {
    for (const bool resumed : {false, true}) {
      if (!family.detaches) {
        continue;
      }
      CAPTURE(family.name());
      CAPTURE(resumed);
      Heartbeating scene(Options{1, 1, family, resumed});
      scene.network.run_for(second * 59);
      CHECK(scene.sent().empty());
      scene.network.run_for(second);
      const auto first = scene.sent();
      REQUIRE(first.size() == 1);
      REQUIRE(dtls::read_heartbeat(first[0]).has_value());
      CHECK(first[0].size() >= 3 + 16 + 16);
      scene.network.run_for(second * 4);
      const auto repeated = scene.sent();
      REQUIRE(repeated.size() == 2);
      CHECK(payload_of(repeated[0]) == payload_of(first[0]));
      CHECK(payload_of(repeated[1]) == payload_of(first[0]));
      CHECK(times_asked(scene) == std::vector<std::int64_t>{60, 62, 64});

      scene.answer(repeated[1]);
      CHECK(scene.network.counted(Counter::heartbeat_responses_received) == 1);
      scene.answer(repeated[0]);  // answers nothing any more
      CHECK(scene.network.counted(Counter::drop_heartbeat) == 1);
      scene.network.run_for(second * 59);
      CHECK(scene.sent().empty());
      scene.network.run_for(second * 2);
      const auto next = scene.sent();
      REQUIRE(next.size() == 1);
      CHECK(payload_of(next[0]) != payload_of(first[0]));
    }
  }
}

TEST_CASE("a client that answers is asked once in keep_alive_time, and no more") {
  Heartbeating scene;
  for (int i = 0; i < 100; ++i) {
    scene.network.run_for(second * 60);
    const auto asked = scene.sent();
    REQUIRE(asked.size() == 1);
    scene.answer(asked[0]);
  }
  CHECK(scene.network.counted(Counter::heartbeat_responses_received) == 100);
  CHECK(scene.network.counted(Counter::drop_heartbeat) == 0);
}

TEST_CASE("a client that does not answer is asked every keep_alive_interval, without end") {
  Heartbeating scene;
  scene.network.run_for(second * 1060);
  CHECK(scene.sent().size() == 501);
  CHECK_FALSE(scene.network.saw(EventKind::disconnected));
  CHECK(scene.network.echo_works(scene.client));
}

TEST_CASE("only the response with the request's payload stops the repetitions") {
  for (const bool resumed : {false, true}) {
    CAPTURE(resumed);
    Heartbeating scene(Options{1, 1, aes_gcm, resumed});
    scene.network.run_for(second * 61);
    const auto asked = scene.sent();
    REQUIRE(asked.size() == 1);
    Bytes changed = asked[0];
    changed[5] ^= 1;
    Bytes longer = asked[0];
    longer[2] = 17;
    longer.push_back(0);
    Bytes shorter = asked[0];
    shorter[2] = 15;
    for (const Bytes& response : {changed, longer, shorter, heartbeat_message(0, 0, 16)}) {
      scene.answer(response);
    }
    scene.inject(asked[0]);  // a request of the same payload
    CHECK(scene.network.counted(Counter::heartbeat_responses_received) == 0);
    CHECK(scene.network.counted(Counter::drop_heartbeat) == 4);
    scene.sent();
    scene.network.run_for(second * 4);
    const auto repeated = scene.sent();
    REQUIRE(repeated.size() == 2);
    scene.answer(repeated[0]);
    CHECK(scene.network.counted(Counter::heartbeat_responses_received) == 1);
  }
}

TEST_CASE("any authentic record moves the first request on; forged ones don't") {
  Heartbeating scene;
  for (int i = 0; i < 4; ++i) {
    scene.network.run_for(second * 40);
    CHECK(scene.network.echo_works(scene.client));
  }
  CHECK(scene.sent().empty());
  scene.network.run_for(second * 40);
  scene.network.inject(peer, simulation::record(ContentType::application_data, 1, 90, Bytes(64)));
  scene.network.run_for(second * 21);
  CHECK(scene.sent().size() == 1);
}

TEST_CASE("what we send does not move the first request on") {
  Heartbeating scene;
  scene.network.run_for(second * 59);
  scene.network.endpoint().send(scene.id, Bytes{1}, scene.network.now());
  scene.network.run_for(second * 2);
  CHECK(scene.sent().size() == 1);
}

TEST_CASE("keep_alive_max_retries requests without an answer end the connection") {
  for (const Family& family : families()) {
    for (const std::size_t most : {1U, 2U, 5U}) {
      if (!family.detaches) {
        continue;
      }
      CAPTURE(family.name());
      CAPTURE(most);
      Heartbeating scene(Options{1, 1, family});
      scene.configure([&](auto& settings) { settings.keep_alive_max_retries = most; });
      const Instant connected = scene.network.reported(EventKind::connected).at(0).at;
      REQUIRE(
          scene.network.run_until([&] { return scene.network.saw(EventKind::disconnected); }, second * 300));
      CHECK(scene.sent().size() == most);
      const auto ended = scene.network.reported(EventKind::disconnected).at(0);
      CHECK(ended.fault() == Fault::no_heartbeat_response);
      CHECK((ended.at - connected).us / 1'000'000 == 60 + 2 * static_cast<std::int64_t>(most));
      CHECK(scene.network.counted(Counter::keep_alive_ended) == 1);
      scene.network.run_for(second);
      CHECK(scene.client.closed_by_peer());
    }
  }
}

TEST_CASE("a client that is heard between the requests has all of keep_alive_max_retries left") {
  for (const std::size_t most : {1U, 3U}) {
    CAPTURE(most);
    Heartbeating scene;
    scene.configure([&](auto& settings) { settings.keep_alive_max_retries = most; });
    scene.network.run_for(second * 60);
    REQUIRE(scene.sent().size() == 1);
    // It answers none, but sends, a second before it would be given up.
    for (int i = 0; i < 50; ++i) {
      scene.network.run_for(Duration::milliseconds(most == 1 ? 1900 : 4900));
      scene.sent();
      REQUIRE(scene.network.echo_works(scene.client));
    }
    CHECK_FALSE(scene.network.saw(EventKind::disconnected));
    REQUIRE(
        scene.network.run_until([&] { return scene.network.saw(EventKind::disconnected); }, second * 300));
    CHECK(scene.sent().size() == most);
  }
}

TEST_CASE("where no heartbeat may flow, keep_alive_max_retries ends nothing") {
  const std::vector<Options> inert = {
      {1, 0, aes_gcm}, {1, 2, aes_gcm}, {0, 1, aes_gcm}, {1, 1, mac_then_encrypt}, {2, 1, mac_then_encrypt}};
  for (const Options& options : inert) {
    CAPTURE(options.ours);
    CAPTURE(options.theirs);
    CAPTURE(options.family.name());
    Heartbeating scene(options);
    scene.configure([](auto& settings) { settings.keep_alive_max_retries = 1; });
    scene.network.run_for(second * 1000);
    CHECK(scene.network.counted(Counter::heartbeat_requests_sent) == 0);
    CHECK_FALSE(scene.network.saw(EventKind::disconnected));
    CHECK(scene.network.echo_works(scene.client));
  }
}

TEST_CASE("changed times act at once") {
  Heartbeating scene;
  scene.configure([](auto& settings) { settings.keep_alive_time = second; });
  scene.network.run_for(second * 2);
  CHECK_FALSE(scene.sent().empty());
  scene.configure([](auto& settings) { settings.keep_alive_interval = second * 30; });
  scene.network.run_for(second * 28);
  CHECK(scene.sent().empty());
  scene.network.run_for(second * 2);
  CHECK(scene.sent().size() == 1);
  scene.configure([](auto& settings) { settings.heartbeat_mode = 0; });
  scene.network.run_for(second * 100);
  CHECK(scene.sent().empty());
  scene.configure([](auto& settings) { settings.heartbeat_mode = 1; });
  scene.network.run_for(second * 5);
  CHECK_FALSE(scene.sent().empty());
}
