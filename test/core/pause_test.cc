// A paused connection: its data waits, all else goes on.
#include "connected.h"
#include "simulation/wire.h"

using dtls::SendResult;

TEST_CASE("while paused nothing is delivered; resuming brings all in order") {
  Connected scene;
  CHECK(scene.network.endpoint().pause(1));
  for (const Bytes& record : scene.sealed({{'a'}, {'b'}, {'c'}})) {
    scene.network.inject(peer, record);
  }
  scene.inject_sealed(ContentType::application_data, 100, {});
  CHECK(scene.data().empty());
  CHECK(scene.send(5) == SendResult::sent);  // pausing is about receiving
  CHECK(scene.network.endpoint().resume(1));
  scene.network.flush();
  CHECK(scene.data() == std::vector<std::string>{"a", "b", "c", ""});
  scene.inject_sealed(ContentType::application_data, 101, {'d'});
  CHECK(scene.data().size() == 5);
  CHECK_FALSE(scene.network.endpoint().pause(7));
  CHECK_FALSE(scene.network.endpoint().resume(7));
}

TEST_CASE("a paused connection keeps data up to its bound, and counts what it drops") {
  dtls::EndpointSettings settings;
  settings.pause_bound = 10000;
  Connected scene(settings);
  scene.network.endpoint().pause(1);
  for (std::uint64_t i = 0; i < 30; ++i) {
    scene.inject_sealed(ContentType::application_data, 100 + i, Bytes(1000, static_cast<std::uint8_t>(i)));
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
    scene.inject_sealed(ContentType::application_data, 1000 + i, {});
  }
  scene.network.endpoint().resume(1);
  scene.network.flush();
  CHECK(scene.data().size() < kept.size() + 1000);
}
