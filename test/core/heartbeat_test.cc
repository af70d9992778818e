// Heartbeat messages (RFC 6520): who agrees on them, which are answered, and which are discarded in silence.
#include "core/heartbeat.h"

#include <openssl/tls1.h>

#include "heartbeating.h"
#include "simulation/wire.h"

namespace {

using Options = Heartbeating::Options;

const Bytes request = heartbeat_message(16, 16, 16);

// What may not be answered, and breaks nothing.
struct Malformed {
  std::string name;
  Bytes message;
};

std::vector<Malformed> malformed_messages() {
  std::vector<Malformed> all = {
      {"nothing", {}},
      {"no payload_length", {1}},
      {"half a payload_length", {1, 0}},
      {"no payload and no padding", {1, 0, 0}},
      {"a payload_length beyond all (CVE-2014-0160)", heartbeat_message(0xffff, 16, 16)},
      {"a payload_length beyond all, and no payload", heartbeat_message(0xffff, 0, 0)},
      {"a payload_length over the message's end", heartbeat_message(33, 16, 16)},
      {"a payload_length that takes all of the padding", heartbeat_message(32, 16, 16)},
      {"a payload_length that takes one byte of the padding", heartbeat_message(17, 16, 16)},
      {"type 0", heartbeat_message(16, 16, 16, 0)},
      {"type 3", heartbeat_message(16, 16, 16, 3)},
      {"type 255", heartbeat_message(16, 16, 16, 255)},
      {"a response without padding", heartbeat_message(16, 16, 0, 2)},
      {"a response with a payload_length beyond all", heartbeat_message(0xffff, 16, 16, 2)},
      {"a response that answers nothing", heartbeat_message(16, 16, 16, 2)},
  };
  for (std::size_t padding = 0; padding < 16; ++padding) {
    const std::string bytes = std::to_string(padding) + " bytes of padding";
    all.push_back({bytes, heartbeat_message(16, 16, padding)});
    all.push_back({bytes + ", no payload", heartbeat_message(0, 0, padding)});
  }
  return all;
}

}  // namespace

TEST_CASE("a request is answered with its payload, under every detached suite, full and resumed") {
  for (const Family& family : families()) {
    for (const bool resumed : {false, true}) {
      if (!family.detaches) {
        continue;
      }
      CAPTURE(family.name());
      CAPTURE(resumed);
      Heartbeating scene(Options{1, 1, family, resumed});
      for (const std::size_t payload : std::initializer_list<std::size_t>{0, 1, 16, 1200, 16384 - 3 - 16}) {
        CAPTURE(payload);
        const auto answers = scene.answers_to(heartbeat_message(payload, payload, 16));
        REQUIRE(answers.size() == 1);
        CHECK(answers[0].size() == 3 + payload + 16);
        const auto message = dtls::read_heartbeat(answers[0]);
        REQUIRE(message.has_value());
        CHECK(message->type == dtls::HeartbeatType::response);
        CHECK(message->payload == dtls::ByteView(heartbeat_message(payload, payload, 0)).from(3));
      }
      CHECK(scene.answers_to(heartbeat_message(16, 16, 100)).size() == 1);  // padding may be longer
      CHECK(scene.network.counted(Counter::heartbeat_responses_sent) == 6);
      CHECK(scene.network.echo_works(scene.client));
    }
  }
}

TEST_CASE("each kind of malformed heartbeat is discarded in silence, in full and resumed connections") {
  for (const Family& family : kinds) {
    for (const bool resumed : {false, true}) {
      for (const Malformed& malformed : malformed_messages()) {
        if (!family.detaches) {
          continue;
        }
        CAPTURE(family.name());
        CAPTURE(resumed);
        CAPTURE(malformed.name);
        Heartbeating scene(Options{1, 1, family, resumed});
        const std::size_t sent = scene.network.packets(false).size();
        scene.inject(malformed.message);
        CHECK(scene.network.packets(false).size() == sent);
        CHECK(scene.network.counted(Counter::drop_heartbeat) == 1);
        CHECK(scene.network.counted(Counter::heartbeat_requests_received) == 0);
        CHECK_FALSE(scene.network.saw(EventKind::error));
        CHECK(scene.answers_to(request).size() == 1);
        CHECK(scene.network.echo_works(scene.client));
      }
    }
  }
}

TEST_CASE("what both sides announce decides who may ask, in full and resumed handshakes") {
  for (const Family& family : kinds) {
    for (const bool resumed : {false, true}) {
      for (const int ours : {0, 1, 2}) {
        for (const int theirs : {0, 1, 2}) {
          CAPTURE(family.name());
          CAPTURE(resumed);
          CAPTURE(ours);
          CAPTURE(theirs);
          Heartbeating scene(Options{ours, theirs, family, resumed});
          const bool agreed = ours != 0 && theirs != 0 && family.detaches;
          // Nothing is announced to a client that has announced nothing, or with KeepAlive off.
          CHECK(scene.client.server_heartbeat_mode() == (agreed ? ours : 0));

          const bool answers = agreed && ours == 1;
          if (family.detaches) {
            CHECK(scene.answers_to(request).size() == (answers ? 1 : 0));
          } else {
            scene.network.inject(peer, simulation::record(ContentType::heartbeat, 1, 500, Bytes(64)));
          }
          CHECK(scene.network.counted(Counter::drop_heartbeat) == (answers ? 0 : 1));

          const bool asks = agreed && theirs == 1;
          scene.network.run_for(second * 62);
          CHECK(scene.network.counted(Counter::heartbeat_requests_sent) == (asks ? 2 : 0));
          CHECK(scene.times_told_inert() == (asks || ours == 0 ? 0 : 1));
          CHECK_FALSE(scene.network.endpoint().peer_of(scene.id) == std::nullopt);
          CHECK(scene.network.echo_works(scene.client));
        }
      }
    }
  }
}

TEST_CASE("a hello with a wrong heartbeat extension is refused") {
  const auto alert_for = [](int mode, std::size_t size) {
    Network network(Heartbeating::settings_of(1), every_suite());
    ClientOptions options;
    options.heartbeat_mode = mode;
    options.heartbeat_extension_size = size;
    Client& client = network.connect(peer, options);
    network.run_for(second);
    CHECK(network.saw(EventKind::handshake_failed));
    return client.alert_received();
  };
  CHECK(alert_for(3, 1) == SSL_AD_ILLEGAL_PARAMETER);
  CHECK(alert_for(255, 1) == SSL_AD_ILLEGAL_PARAMETER);
  CHECK(alert_for(1, 0) == SSL_AD_DECODE_ERROR);
  CHECK(alert_for(1, 2) == SSL_AD_DECODE_ERROR);
}

TEST_CASE("heartbeats are discarded during a full handshake") {
  for (const Family& family : kinds) {
    CAPTURE(family.name());
    Network network(Heartbeating::settings_of(1), every_suite());
    network.interference = simulation::delay_datagram(true, 2, Duration::milliseconds(200));
    ClientOptions options = client_of(family);
    options.heartbeat_mode = 1;
    Client& client = network.connect(peer, options);
    network.run_for(Duration::milliseconds(100));
    const Bytes early = simulation::seal_as_client(client, ContentType::heartbeat, 9, request);
    network.inject(peer, early);
    network.inject(peer, simulation::record(ContentType::heartbeat, 0, 9, request));
    REQUIRE(network.run_until_connected(peer, second * 3));
    CHECK(network.counted(Counter::drop_heartbeat) == 2);
    CHECK(network.counted(Counter::heartbeat_responses_sent) == 0);
    CHECK(network.echo_works(client));
  }
}

TEST_CASE("a request that overtook the client's Finished in a resumed handshake is answered once") {
  for (const Family& family : kinds) {
    if (!family.detaches) {
      continue;
    }
    CAPTURE(family.name());
    Network network(Heartbeating::settings_of(1), every_suite(true));
    ClientOptions options = client_of(family);
    options.heartbeat_mode = 1;
    Client& first = network.connect(Network::address(9), options);
    REQUIRE(network.run_until_connected(Network::address(9)));
    const dtls::SslSessionPtr session(SSL_get1_session(first.ssl()));
    first.close();
    network.run_for(second);

    options.session = session.get();
    Client& client = network.add(peer, options);
    network.interference = [](const Packet& packet) -> std::vector<Delivery> {
      const bool is_heartbeat = !packet.to_server && packet.bytes[0] == 24;
      const bool is_last = packet.to_server && packet.bytes[0] == 20;
      return is_heartbeat
                 ? std::vector<Delivery>{}
                 : std::vector<Delivery>{{packet.bytes, is_last ? Duration::milliseconds(200) : Duration{}}};
    };
    client.start();
    network.flush();
    REQUIRE(network.run_until([&] { return client.connected(); }, second));
    const Bytes early = simulation::seal_as_client(client, ContentType::heartbeat, 9, request);
    network.inject(peer, early);
    network.inject(peer, early);
    CHECK(network.counted(Counter::heartbeat_responses_sent) == 0);
    REQUIRE(network.run_until_connected(peer));
    CHECK(network.counted(Counter::heartbeat_responses_sent) == 1);
    network.inject(peer, early);
    CHECK(network.counted(Counter::heartbeat_responses_sent) == 1);
    CHECK(network.echo_works(client));
  }
}

TEST_CASE("KeepAlive turned off silences live connections, and turned on again gives them their voice back") {
  Heartbeating scene;
  CHECK(scene.answers_to(request).size() == 1);
  scene.configure([](auto& settings) { settings.heartbeat_mode = 0; });
  CHECK(scene.answers_to(request).empty());
  scene.configure([](auto& settings) { settings.heartbeat_mode = 1; });
  CHECK(scene.answers_to(request).size() == 1);
}

TEST_CASE("a request in clear text, a forged one and a replay draw no answer") {
  for (const Family& family : kinds) {
    if (!family.detaches) {
      continue;
    }
    CAPTURE(family.name());
    Heartbeating scene(Options{1, 1, family});
    const Bytes genuine = simulation::seal_as_client(scene.client, ContentType::heartbeat, 50, request);
    Bytes forged = genuine;
    forged.back() ^= 1;
    scene.network.inject(peer, simulation::record(ContentType::heartbeat, 0, 50, request));
    scene.network.inject(peer, forged);
    CHECK(scene.sent().empty());
    scene.network.inject(peer, genuine);
    CHECK(scene.sent().size() == 1);
    scene.network.inject(peer, genuine);
    CHECK(scene.sent().empty());
  }
}

TEST_CASE("an answer keeps to the negotiated max_fragment_length, or is not given") {
  Heartbeating scene(Options{1, 1, aes_gcm, false, TLSEXT_max_fragment_length_512});
  CHECK(scene.answers_to(heartbeat_message(512 - 19, 512 - 19, 16)).size() == 1);
  CHECK(scene.answers_to(heartbeat_message(512 - 18, 512 - 18, 16)).empty());
  CHECK(scene.network.counted(Counter::drop_heartbeat) == 1);
  CHECK(scene.network.echo_works(scene.client));
}
