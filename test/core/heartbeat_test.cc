// Heartbeats (RFC 6520) with a client that has the keys.
#include "core/heartbeat.h"

#include "simulation/insider.h"
#include "simulation/wire.h"
#include "suite_families.h"

namespace {

// Behind those that OpenSSL's client takes, and near enough for the replay window to leave it some.
constexpr std::uint64_t first_number = 10;

Bytes request_of(std::size_t told_payload, std::size_t payload, std::size_t padding, std::uint8_t type = 1) {
  Bytes message = {type};
  dtls::append_number(message, told_payload, 2);
  for (std::size_t i = 0; i < payload; ++i) {
    message.push_back(static_cast<std::uint8_t>(i));
  }
  message.insert(message.end(), padding, 0xee);
  return message;
}

struct Scene {
  explicit Scene(int server_mode = 1, int client_mode = 1, const Family& family = aes_gcm)
      : network(settings_of(server_mode), every_suite()), client(connect(network, client_mode, family)) {}

  static dtls::EndpointSettings settings_of(int mode) {
    dtls::EndpointSettings settings;
    settings.heartbeat_mode = mode;
    settings.keep_alive_time = second * 60;
    settings.keep_alive_interval = second * 2;
    return settings;
  }

  static Client& connect(Network& network, int client_mode, const Family& family) {
    ClientOptions options = client_of(family);
    options.heartbeat_mode = client_mode;
    Client& client = network.connect(peer, options);
    REQUIRE(network.run_until_connected(peer));
    // OpenSSL's client would end the connection at the first one: only the insider reads them.
    network.fault = [](const Packet& packet) -> std::vector<Delivery> {
      const bool is_heartbeat = !packet.to_server && packet.bytes[0] == 24;
      return is_heartbeat ? std::vector<Delivery>{} : std::vector<Delivery>{{packet.bytes, {}}};
    };
    return client;
  }

  // What the server has sent since the last call, opened.
  std::vector<Bytes> answers() {
    network.flush();
    std::vector<Bytes> opened;
    const std::vector<Packet> packets = network.packets(false);
    for (; seen < packets.size(); ++seen) {
      const auto plaintext = simulation::open_as_client(client, packets[seen].bytes);
      if (plaintext && packets[seen].bytes[0] == 24) {
        opened.push_back(*plaintext);
      }
    }
    return opened;
  }

  std::vector<Bytes> answers_to(const Bytes& message) {
    answers();
    network.inject(peer, simulation::seal_as_client(client, ContentType::heartbeat, number++, message));
    return answers();
  }

  // Turns the request that the server sent into its answer.
  void answer(Bytes message) {
    message[0] = 2;
    network.inject(peer, simulation::seal_as_client(client, ContentType::heartbeat, number++, message));
  }

  void configure(const std::function<void(dtls::EndpointSettings&)>& change) {
    dtls::EndpointSettings settings = settings_of(1);
    change(settings);
    network.endpoint().configure(settings, network.now());
    network.flush();
  }

  std::uint64_t number = first_number;
  std::size_t seen = 0;
  Network network;
  Client& client;
};

}  // namespace

TEST_CASE("a request is answered with its payload, under every detached suite") {
  for (const Family& family : families()) {
    if (!family.detaches) {
      continue;
    }
    CAPTURE(family.name());
    Scene scene(1, 1, family);
    CHECK(scene.client.server_heartbeat_mode() == 1);
    for (const std::size_t payload : std::initializer_list<std::size_t>{0, 1, 16, 1200, 16384 - 3 - 16}) {
      CAPTURE(payload);
      const auto answers = scene.answers_to(request_of(payload, payload, 16));
      REQUIRE(answers.size() == 1);
      CHECK(answers[0].size() == 3 + payload + 16);
      const auto message = dtls::read_heartbeat(answers[0]);
      REQUIRE(message.has_value());
      CHECK(message->type == dtls::HeartbeatType::response);
      CHECK(message->payload == dtls::ByteView(request_of(payload, payload, 0)).from(3));
    }
    CHECK(scene.network.echo_works(scene.client));
  }
}

TEST_CASE("malformed heartbeats are discarded in silence") {
  Scene scene;
  std::vector<Bytes> malformed = {{},
                                  {1},
                                  {1, 0},
                                  {1, 0, 0},
                                  request_of(0xffff, 16, 16),  // CVE-2014-0160
                                  request_of(0xffff, 0, 0),
                                  request_of(33, 16, 16),
                                  request_of(17, 16, 16),
                                  request_of(16, 16, 16, 0),
                                  request_of(16, 16, 16, 3),
                                  request_of(16, 16, 16, 255)};
  for (std::size_t padding = 0; padding < 16; ++padding) {
    malformed.push_back(request_of(16, 16, padding));
    malformed.push_back(request_of(0, 0, padding));
  }
  for (const Bytes& message : malformed) {
    CHECK(scene.answers_to(message).empty());
  }
  CHECK(scene.network.counted(Counter::drop_heartbeat) == malformed.size());
  CHECK(scene.network.counted(Counter::heartbeat_requests_received) == 0);
  CHECK(scene.network.echo_works(scene.client));
}

TEST_CASE("a request is not answered where we have said so, have not agreed, or have turned it off") {
  const Bytes request = request_of(16, 16, 16);
  SUBCASE("peer_not_allowed_to_send") {
    Scene scene(2, 1);
    CHECK(scene.client.server_heartbeat_mode() == 2);
    CHECK(scene.answers_to(request).empty());
  }
  SUBCASE("we offer no extension") {
    Scene scene(0, 1);
    CHECK(scene.client.server_heartbeat_mode() == 0);
    CHECK(scene.answers_to(request).empty());
  }
  SUBCASE("the client has no extension") {
    Scene scene(1, 0);
    CHECK(scene.answers_to(request).empty());
    REQUIRE(scene.network.reported(EventKind::keep_alive_inert).size() == 1);
  }
  SUBCASE("MAC-then-encrypt") {
    Scene scene(1, 1, mac_then_encrypt);
    CHECK(scene.client.server_heartbeat_mode() == 0);
    CHECK(scene.network.reported(EventKind::keep_alive_inert).size() == 1);
    scene.network.inject(peer, simulation::record(ContentType::heartbeat, 1, 500, Bytes(64)));
    CHECK(scene.network.counted(Counter::drop_heartbeat) == 1);
    CHECK(scene.network.echo_works(scene.client));
  }
  SUBCASE("turned off since") {
    Scene scene;
    CHECK(scene.answers_to(request).size() == 1);
    scene.configure([](auto& settings) { settings.heartbeat_mode = 0; });
    CHECK(scene.answers_to(request).empty());
    scene.configure([](auto&) {});
    CHECK(scene.answers_to(request).size() == 1);
  }
  SUBCASE("in clear text") {
    Scene scene;
    scene.answers();
    const std::size_t sent = scene.network.packets(false).size();
    scene.network.inject(peer, simulation::record(ContentType::heartbeat, 0, 50, request));
    CHECK(scene.network.packets(false).size() == sent);
  }
  SUBCASE("a replay") {
    Scene scene;
    const Bytes record = simulation::seal_as_client(scene.client, ContentType::heartbeat, 2000, request);
    scene.network.inject(peer, record);
    CHECK(scene.answers().size() == 1);
    scene.network.inject(peer, record);
    CHECK(scene.answers().empty());
  }
}

TEST_CASE("a hello with a wrong heartbeat extension is refused") {
  Network network(Scene::settings_of(1), every_suite());
  ClientOptions options;
  options.heartbeat_mode = 3;
  Client& client = network.connect(peer, options);
  network.run_for(second);
  CHECK(client.alert_received() == SSL_AD_ILLEGAL_PARAMETER);
  CHECK(network.saw(EventKind::handshake_failed));
}

TEST_CASE("heartbeats are discarded during a handshake") {
  Network network(Scene::settings_of(1), every_suite());
  network.fault = [](const Packet& packet) -> std::vector<Delivery> {
    const bool late = packet.to_server && packet.number == 2;
    return {{packet.bytes, late ? Duration::milliseconds(200) : Duration{}}};
  };
  ClientOptions options = client_of(aes_gcm);
  options.heartbeat_mode = 1;
  Client& client = network.connect(peer, options);
  network.run_for(Duration::milliseconds(100));
  network.inject(peer, simulation::seal_as_client(client, ContentType::heartbeat, 9, request_of(16, 16, 16)));
  network.inject(peer, simulation::record(ContentType::heartbeat, 0, 9, request_of(16, 16, 16)));
  REQUIRE(network.run_until_connected(peer, second * 3));
  CHECK(network.counted(Counter::drop_heartbeat) == 2);
  CHECK(network.counted(Counter::heartbeat_responses_sent) == 0);
  network.fault = simulation::no_fault();
  CHECK(network.echo_works(client));
}

TEST_CASE("a silent client is asked after keep_alive_time, with the same payload until it answers") {
  Scene scene;
  REQUIRE(scene.network.echo_works(scene.client));
  scene.answers();
  scene.network.run_for(second * 59);
  CHECK(scene.answers().empty());
  scene.network.run_for(second);
  const auto first = scene.answers();
  REQUIRE(first.size() == 1);
  REQUIRE(dtls::read_heartbeat(first[0]).has_value());
  scene.network.run_for(second * 4);
  const auto repeated = scene.answers();
  REQUIRE(repeated.size() == 2);
  const auto payload = [](const Bytes& message) { return dtls::read_heartbeat(message)->payload.copy(); };
  CHECK(payload(repeated[0]) == payload(first[0]));
  CHECK(payload(repeated[1]) == payload(first[0]));

  scene.answer(repeated[1]);
  CHECK(scene.network.counted(Counter::heartbeat_responses_received) == 1);
  scene.answer(repeated[0]);  // answers nothing any more
  CHECK(scene.network.counted(Counter::drop_heartbeat) == 1);
  scene.network.run_for(second * 59);
  CHECK(scene.answers().empty());
  scene.network.run_for(second * 2);
  const auto next = scene.answers();
  REQUIRE(next.size() == 1);
  CHECK(payload(next[0]) != payload(first[0]));
}

TEST_CASE("a response with another payload does not stop the repetitions") {
  Scene scene;
  scene.network.run_for(second * 61);
  auto asked = scene.answers();
  REQUIRE(asked.size() == 1);
  asked[0][5] ^= 1;
  scene.answer(asked[0]);
  CHECK(scene.network.counted(Counter::heartbeat_responses_received) == 0);
  scene.network.run_for(second * 4);
  CHECK(scene.answers().size() == 2);
}

TEST_CASE("any authentic record moves the first request on; forged ones don't") {
  Scene scene;
  for (int i = 0; i < 4; ++i) {
    scene.network.run_for(second * 40);
    CHECK(scene.network.echo_works(scene.client));
  }
  CHECK(scene.answers().empty());
  scene.network.run_for(second * 40);
  scene.network.inject(peer, simulation::record(ContentType::application_data, 1, 90, Bytes(64)));
  scene.network.run_for(second * 21);
  CHECK(scene.answers().size() == 1);
}

TEST_CASE("a client that forbids requests gets none, and the owner is told once") {
  Scene scene(1, 2);
  scene.network.run_for(second * 300);
  CHECK(scene.answers().empty());
  CHECK(scene.network.reported(EventKind::keep_alive_inert).size() == 1);
  CHECK(scene.answers_to(request_of(16, 16, 16)).size() == 1);
}

TEST_CASE("unanswered requests end the connection after keep_alive_max_retries, and only then") {
  Scene scene;
  scene.network.run_for(second * 1000);
  CHECK_FALSE(scene.network.saw(EventKind::disconnected));
  scene.configure([](auto& settings) { settings.keep_alive_max_retries = 3; });
  REQUIRE(scene.network.echo_works(scene.client));  // heard: the count starts anew
  scene.network.run_for(second);
  CHECK_FALSE(scene.network.saw(EventKind::disconnected));
  scene.network.run_for(second * 10);
  REQUIRE(scene.network.reported(EventKind::disconnected).size() == 1);
  CHECK(scene.network.reported(EventKind::disconnected)[0].fault() == Fault::no_heartbeat_response);
  CHECK(scene.client.closed_by_peer());
}

TEST_CASE("changed times act at once") {
  Scene scene;
  scene.configure([](auto& settings) { settings.keep_alive_time = second; });
  scene.network.run_for(second * 2);
  CHECK_FALSE(scene.answers().empty());
  scene.configure([](auto& settings) { settings.heartbeat_mode = 0; });
  scene.answers();
  scene.network.run_for(second * 100);
  CHECK(scene.answers().empty());
  scene.configure([](auto&) {});
  scene.network.run_for(second * 5);
  CHECK_FALSE(scene.answers().empty());
}

TEST_CASE("the client's heartbeats keep a connection from idling out; our unanswered ones don't") {
  Scene scene;
  const auto idle = [](auto& settings) { settings.idle_timeout = second * 100; };
  scene.configure(idle);
  scene.network.run_for(second * 80);
  scene.answers_to(request_of(16, 16, 16));
  scene.network.run_for(second * 80);
  CHECK_FALSE(scene.network.saw(EventKind::disconnected));
  CHECK(scene.network.counted(Counter::heartbeat_requests_sent) > 0);
  scene.network.run_for(second * 30);
  REQUIRE(scene.network.saw(EventKind::disconnected));
  CHECK(scene.network.reported(EventKind::disconnected)[0].fault() == Fault::idle);
}

TEST_CASE("control records go on while a connection is paused") {
  Scene scene;
  scene.network.endpoint().pause(scene.network.connection_of(peer));
  CHECK(scene.answers_to(request_of(16, 16, 16)).size() == 1);
  scene.client.send(Bytes{'x'});
  scene.network.run_for(second);
  CHECK(scene.network.reported(EventKind::data).empty());
  scene.client.close();
  scene.network.flush();
  scene.network.run_for(second);
  CHECK(scene.network.saw(EventKind::disconnected));
}
