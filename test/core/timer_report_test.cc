// Timers that expire are told by name to whoever follows the progress, and to nobody else.
#include "connected.h"
#include "core/alert.h"
#include "heartbeating.h"
#include "simulation/wire.h"

namespace {

std::vector<std::string> expired_timers(const Network& network) {
  std::vector<std::string> names;
  for (const auto& event : network.reported(EventKind::progress)) {
    if (static_cast<dtls::ProgressStep>(event.a) == dtls::ProgressStep::timer_expired) {
      names.push_back(event.text);
    }
  }
  return names;
}

dtls::EndpointSettings followed() {
  dtls::EndpointSettings settings;
  settings.report_progress = true;
  return settings;
}

}  // namespace

TEST_CASE("a handshake that stands still tells of its retransmissions and of its deadline") {
  dtls::EndpointSettings settings = followed();
  settings.handshake_timeout = second * 5;
  Network network(settings);
  network.interference = simulation::drop_from(true, 2);
  network.connect(peer);
  REQUIRE(network.run_until([&] { return network.saw(EventKind::handshake_failed); }, second * 10));
  CHECK(expired_timers(network) == std::vector<std::string>{"retransmission", "retransmission", "handshake"});
}

TEST_CASE("a handshake that a clear-text alert cuts short tells of it") {
  Network network(followed());
  network.interference = simulation::drop_from(true, 2);
  network.connect(peer);
  network.run_for(Duration::milliseconds(500));
  network.inject(peer, simulation::record(ContentType::alert, 0, 9, Bytes{2, dtls::alert::bad_certificate}));
  REQUIRE(network.run_until([&] { return network.saw(EventKind::handshake_failed); }, second * 10));
  CHECK(expired_timers(network).back() == "after a clear-text alert");
}

TEST_CASE("a connection tells of its final flight, its keep-alive and its idleness") {
  Heartbeating scene;
  scene.configure([](dtls::EndpointSettings& settings) {
    settings.report_progress = true;
    settings.keep_alive_time = second * 100;
    settings.keep_alive_interval = second * 100;
    settings.idle_timeout = second * 250;
  });
  REQUIRE(scene.network.run_until([&] { return scene.network.saw(EventKind::disconnected); }, second * 300));
  CHECK(expired_timers(scene.network) ==
        std::vector<std::string>{"keep-alive", "keep-alive", "final flight", "idle"});
}

TEST_CASE("without a follower no timer is told of") {
  dtls::EndpointSettings settings;
  settings.idle_timeout = second * 10;
  Connected scene(settings);
  REQUIRE(scene.network.run_until([&] { return scene.network.saw(EventKind::disconnected); }, second * 20));
  CHECK_FALSE(scene.network.saw(EventKind::progress));
}
