// What anybody can send under a peer's address must not end its handshake or its connection.
#include <algorithm>
#include <random>

#include "core/alert.h"
#include "network_test.h"
#include "simulation/wire.h"

using simulation::message;
using simulation::record;

namespace {

struct Forgery {
  std::string name;
  Bytes datagram;
};

// Everything that no client sends at any time of a handshake.
std::vector<Forgery> forgeries() {
  std::vector<Forgery> list;
  const auto add = [&](const std::string& name, Bytes bytes) { list.push_back({name, std::move(bytes)}); };
  constexpr std::uint64_t far = dtls::max_sequence;
  const Bytes body(32, 0x5a);
  for (const std::uint64_t sequence : {std::uint64_t{0}, std::uint64_t{5}, far}) {
    const std::string at = " #" + std::to_string(sequence);
    add("application data in clear" + at, record(ContentType::application_data, 0, sequence, Bytes{1, 2, 3}));
    add("empty application data in clear" + at, record(ContentType::application_data, 0, sequence, Bytes{}));
    add("heartbeat in clear" + at, record(ContentType::heartbeat, 0, sequence, Bytes{1, 0, 1, 0}));
    add("malformed ChangeCipherSpec" + at, record(ContentType::change_cipher_spec, 0, sequence, Bytes{2}));
    add("long ChangeCipherSpec" + at, record(ContentType::change_cipher_spec, 0, sequence, Bytes{1, 1}));
    add("empty ChangeCipherSpec" + at, record(ContentType::change_cipher_spec, 0, sequence, Bytes{}));
    add("ChangeCipherSpec" + at, record(ContentType::change_cipher_spec, 0, sequence, Bytes{1}));
    add("warning alert" + at, record(ContentType::alert, 0, sequence, Bytes{1, 90}));
    add("malformed alert" + at, record(ContentType::alert, 0, sequence, Bytes{2}));
    add("empty alert" + at, record(ContentType::alert, 0, sequence, Bytes{}));
    add("garbage handshake" + at, record(ContentType::handshake, 0, sequence, Bytes{0xff, 0xff, 0xff}));
    add("empty handshake" + at, record(ContentType::handshake, 0, sequence, Bytes{}));
    for (const unsigned type : {0U, 2U, 3U, 4U, 12U, 13U, 14U, 20U, 22U, 24U, 99U, 255U}) {
      for (const unsigned seq : {0U, 1U, 2U, 3U, 4U, 5U}) {
        add("handshake type " + std::to_string(type) + ", message_seq " + std::to_string(seq) + at,
            record(ContentType::handshake, 0, sequence,
                   message(static_cast<HandshakeType>(type), seq, body)));
      }
    }
    for (const unsigned type : {11U, 15U, 16U}) {
      for (const unsigned seq : {0U, 1U, 9U, 0xffffU}) {
        add("message " + std::to_string(type) + " numbered " + std::to_string(seq) + at,
            record(ContentType::handshake, 0, sequence,
                   message(static_cast<HandshakeType>(type), seq, body)));
      }
    }
    for (const ContentType content_type : simulation::content_types) {
      const auto type = static_cast<unsigned>(content_type);
      add("epoch 1 garbage of type " + std::to_string(type) + at,
          record(content_type, 1, sequence, Bytes(48, 0x33)));
      add("epoch 1, too short, of type " + std::to_string(type) + at,
          record(content_type, 1, sequence, Bytes{1}));
      add("epoch 2 of type " + std::to_string(type) + at, record(content_type, 2, sequence, Bytes(48, 0x33)));
      add("epoch 65535 of type " + std::to_string(type) + at,
          record(content_type, 65535, sequence, Bytes(48, 0x33)));
    }
  }
  add("one byte", {22});
  add("text", {'G', 'E', 'T', ' ', '/', '\r', '\n'});
  const Bytes genuine =
      record(ContentType::handshake, 0, 3, message(HandshakeType::client_key_exchange, 2, body));
  Bytes truncated = genuine;
  truncated.pop_back();
  add("truncated record", truncated);
  Bytes foreign = genuine;
  foreign[1] = 3;
  add("a TLS record", foreign);
  Bytes lying = genuine;
  lying[13 + 11] = 0xff;  // fragment_length
  add("a fragment longer than its record", lying);
  return list;
}

// A scene in which, before the datagram with this number is delivered, the forgeries arrive.
struct Spoofed {
  Network network;
  Client* client;

  Spoofed(bool with_certificate, std::size_t before, const std::vector<Forgery>& list)
      : network({}, with_certificate ? simulation::asking_context() : simulation::plain_context()) {
    // Spoofers race the client's datagrams, so theirs are put before the endpoint when one is on its way.
    network.interference = [this, before, &list](const Packet& packet) -> std::vector<Delivery> {
      if (packet.to_server && packet.number == before) {
        network.at(network.now() + Duration::milliseconds(5), [this, &list] {
          for (const Forgery& forgery : list) {
            network.inject(peer, forgery.datagram);
          }
        });
      }
      return {{packet.bytes, {}}};
    };
    ClientOptions options;
    options.identity = with_certificate ? &simulation::plain_identity() : nullptr;
    options.mtu = 256;  // so that the client's flights are several datagrams
    client = &network.connect(peer, options);
  }
};

// The number of the client's datagram with a later fragment of that message; 0, which is its first hello's,
// if there is none.
std::size_t later_fragment_of(dtls::HandshakeType type, std::uint16_t message_seq,
                              const ClientOptions& options,
                              const std::shared_ptr<const dtls::SecurityContext>& context) {
  Network network({}, context);
  network.connect(peer, options);
  REQUIRE(network.run_until_connected(peer, second * 5));
  const auto packets = network.packets(true);
  for (const auto& packet : packets) {
    const Bytes& bytes = packet.bytes;
    dtls::FragmentReader reader(dtls::ByteView(bytes).from(dtls::record_header_size));
    const auto fragment = reader.next();
    if (bytes[0] == static_cast<std::uint8_t>(ContentType::handshake) && fragment && fragment->type == type &&
        fragment->message_seq == message_seq && !fragment->is_first()) {
      return packet.number;
    }
  }
  return 0;
}

}  // namespace

TEST_CASE("no forged datagram, before any of the client's, kills the handshake") {
  const std::vector<Forgery> all = forgeries();
  for (const bool with_certificate : {false, true}) {
    for (std::size_t before = 0; before < (with_certificate ? 7 : 4); ++before) {
      for (const Forgery& forgery : all) {
        CAPTURE(with_certificate);
        CAPTURE(before);
        CAPTURE(forgery.name);
        const std::vector<Forgery> one = {forgery};
        Spoofed scene(with_certificate, before, one);
        REQUIRE(scene.network.run_until_connected(peer, second * 4));
        CHECK_FALSE(scene.network.saw(EventKind::handshake_failed));
        CHECK(scene.network.counted(Counter::handshakes_started) == 1);
      }
    }
  }
}

TEST_CASE("all forgeries together, before any of the client's datagrams, do no harm") {
  const std::vector<Forgery> all = forgeries();
  for (const bool with_certificate : {false, true}) {
    for (std::size_t before = 0; before < (with_certificate ? 7 : 4); ++before) {
      CAPTURE(with_certificate);
      CAPTURE(before);
      Spoofed scene(with_certificate, before, all);
      REQUIRE(scene.network.run_until_connected(peer, second * 8));
      CHECK(scene.network.echo_works(*scene.client));
      CHECK_FALSE(scene.network.saw(EventKind::handshake_failed));
    }
  }
}

TEST_CASE("forgeries do no harm to a connection, and draw no answer") {
  Network network;
  Client& client = network.connect(peer);
  REQUIRE(network.run_until_connected(peer));
  const std::size_t sent = network.packets(false).size();
  for (const Forgery& forgery : forgeries()) {
    CAPTURE(forgery.name);
    network.inject(peer, forgery.datagram);
    REQUIRE(network.endpoint().connection_count() == 1);
  }
  CHECK(network.packets(false).size() == sent);
  CHECK(network.echo_works(client));
  for (const int alert : {0, 10, 20, 40, 80, 255}) {
    for (const int level : {1, 2}) {
      network.inject(peer, record(ContentType::alert, 0, 77,
                                  Bytes{static_cast<std::uint8_t>(level), static_cast<std::uint8_t>(alert)}));
    }
  }
  network.run_for(second * 30);
  CHECK(network.echo_works(client));
  CHECK(network.endpoint().connection_count() == 1);
  // A forged record must not have closed the replay window.
  for (int i = 0; i < 100; ++i) {
    CHECK(network.echo_works(client));
  }
}

TEST_CASE("forged records of every length leave connections of every kind of suite alone") {
  for (const char* suite : {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305",
                            "ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA"}) {
    CAPTURE(suite);
    Network network;
    ClientOptions options;
    options.cipher_list = suite;
    Client& client = network.connect(peer, options);
    REQUIRE(network.run_until_connected(peer));
    for (const ContentType type :
         {ContentType::alert, ContentType::handshake, ContentType::application_data}) {
      for (std::size_t length = 0; length <= 96; ++length) {
        CAPTURE(static_cast<int>(type));
        CAPTURE(length);
        network.inject(peer, record(type, 1, 5, Bytes(length, 0x33)));
        REQUIRE(network.endpoint().connection_count() == 1);
      }
    }
    CHECK(network.echo_works(client));
  }
}

TEST_CASE("a forged Finished of any length leaves handshakes of every kind of suite alone") {
  for (const char* suite : {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305",
                            "ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA"}) {
    for (const std::size_t length :
         {0U, 1U, 7U, 8U, 15U, 16U, 17U, 23U, 24U, 31U, 32U, 40U, 47U, 48U, 64U, 80U}) {
      CAPTURE(suite);
      CAPTURE(length);
      // It comes between the client's ChangeCipherSpec and its Finished.
      Network network;
      network.interference = [&](const Packet& packet) -> std::vector<Delivery> {
        Bytes datagram;
        bool forged = false;
        for (const Bytes& part : simulation::split_records(packet.bytes)) {
          if (packet.to_server && part[0] == 22 && part[4] == 1 && !forged) {
            forged = true;
            dtls::append(datagram, record(ContentType::handshake, 1, 0, Bytes(length, 0x33)));
          }
          dtls::append(datagram, part);
        }
        return {{datagram, {}}};
      };
      ClientOptions options;
      options.cipher_list = suite;
      Client& client = network.connect(peer, options);
      REQUIRE(network.run_until_connected(peer, second * 8));
      CHECK(network.echo_works(client));
    }
  }
}

TEST_CASE("strangers' datagrams leave nothing and are answered only if they are hellos") {
  Network network;
  for (const Forgery& forgery : forgeries()) {
    network.inject(peer, forgery.datagram);
  }
  network.inject(peer, {});
  network.inject(peer, Bytes(65535, 0));
  CHECK(network.packets(false).empty());
  CHECK(network.reported().empty());
  CHECK(network.endpoint().association_count() == 0);
  CHECK(network.endpoint().next_deadline() == Instant::never());
}

TEST_CASE("a forged fatal alert during a handshake that goes on is forgotten") {
  Network network;
  // The client's answer takes its time: its ClientKeyExchange 3 s, the rest 4 s more. Repetitions are lost.
  network.interference = [](const Packet& packet) -> std::vector<Delivery> {
    if (!packet.to_server || packet.number < 2) {
      return {{packet.bytes, {}}};
    }
    if (packet.number > 2) {
      return {};
    }
    std::vector<Delivery> deliveries;
    for (const Bytes& part : simulation::split_records(packet.bytes)) {
      const bool key_exchange = part[0] == 22 && part[4] == 0;
      deliveries.push_back({part, second * (key_exchange ? 3 : 7)});
    }
    return deliveries;
  };
  Client& client = network.connect(peer);
  network.run_for(Duration::milliseconds(100));
  network.inject(peer, record(ContentType::alert, 0, 9, Bytes{2, 40}));
  network.inject(peer, record(ContentType::alert, 0, 9, Bytes{2, 40}));
  CHECK(network.run_until_connected(peer, second * 8));
  network.interference = simulation::no_interference();
  CHECK(network.echo_works(client));
  network.run_for(second * 60);
  CHECK(network.endpoint().connection_count() == 1);
  CHECK(network.counted(Counter::alerts_ignored) == 2);
}

TEST_CASE("clear-text data during a handshake is counted as what it is, and not kept") {
  Network network;
  network.interference = simulation::delay_datagram(true, 2, second);
  network.connect(peer);
  network.run_for(Duration::milliseconds(100));
  for (unsigned i = 0; i < 100; ++i) {
    network.inject(peer, record(ContentType::application_data, 0, i, Bytes(100, 1)));
  }
  CHECK(network.counted(Counter::drop_spoofable) == 100);
  CHECK(network.counted(Counter::drop_held_overflow) == 0);
  for (unsigned i = 0; i < 100; ++i) {
    network.inject(peer, record(ContentType::application_data, 1, i, Bytes(100, 1)));
  }
  CHECK(network.counted(Counter::drop_held_overflow) > 80);
  CHECK(network.run_until_connected(peer, second * 4));
  CHECK_FALSE(network.saw(EventKind::data));
}

TEST_CASE("messages out of turn and records of epochs to come are counted as such") {
  Network network;
  network.interference = simulation::delay_datagram(true, 2, second);
  Client& client = network.connect(peer);
  network.run_for(Duration::milliseconds(100));
  const Bytes body(32, 0x5a);
  network.inject(peer, record(ContentType::handshake, 0, 9, message(HandshakeType::finished, 2, body)));
  network.inject(peer,
                 record(ContentType::handshake, 0, 9, message(HandshakeType::client_key_exchange, 7, body)));
  CHECK(network.counted(Counter::drop_unexpected_handshake) == 2);
  network.inject(peer, record(ContentType::handshake, 2, 9, body));
  CHECK(network.counted(Counter::drop_wrong_epoch) == 1);
  REQUIRE(network.run_until_connected(peer, second * 4));
  network.inject(peer, record(ContentType::application_data, 2, 9, body));
  CHECK(network.counted(Counter::drop_wrong_epoch) == 2);
  CHECK(network.counted(Counter::drop_unexpected_handshake) == 2);
  CHECK(network.echo_works(client));
}

TEST_CASE("a fatal alert in clear ends a handshake that makes no progress 5 s later, by its number") {
  for (const int description : {40, 42, 48, 80}) {
    CAPTURE(description);
    Network network;
    network.interference = simulation::drop_from(true, 2);
    network.connect(peer);
    network.run_for(second * 2);
    const Instant came = network.now();
    network.inject(peer, record(ContentType::alert, 0, 9, Bytes{2, static_cast<std::uint8_t>(description)}));
    CHECK_FALSE(network.saw(EventKind::handshake_failed));
    REQUIRE(network.run_until([&] { return network.saw(EventKind::handshake_failed); }, second * 60));
    const auto failed = network.reported(EventKind::handshake_failed).at(0);
    CHECK(failed.fault() == Fault::fatal_alert);
    CHECK(failed.c == description);
    CHECK(failed.at - came == second * 5);
    CHECK(network.endpoint().association_count() == 0);
  }
}

TEST_CASE("further forged alerts do not put the end off") {
  Network network;
  network.interference = simulation::drop_from(true, 2);
  network.connect(peer);
  network.run_for(second);
  const Instant first = network.now();
  for (int i = 0; i < 8; ++i) {
    network.inject(peer, record(ContentType::alert, 0, 9, Bytes{2, 40}));
    network.run_for(second);
  }
  REQUIRE(network.saw(EventKind::handshake_failed));
  CHECK(network.reported(EventKind::handshake_failed).at(0).at - first == second * 5);
}

TEST_CASE("random damage to a connection's datagrams never reaches its owner") {
  Network network;
  Client& client = network.connect(peer);
  REQUIRE(network.run_until_connected(peer));
  std::mt19937 random(3);
  REQUIRE(client.send(Bytes(100, 9)));
  const Bytes genuine = client.take_outgoing().at(0);
  for (int i = 0; i < 3000; ++i) {
    Bytes damaged = genuine;
    const std::size_t flips = 1 + random() % 3;
    for (std::size_t k = 0; k < flips; ++k) {
      damaged[random() % damaged.size()] ^= static_cast<std::uint8_t>(1U << (random() % 8));
    }
    if (damaged == genuine) {
      continue;
    }
    if (i % 4 == 0) {
      damaged.resize(random() % damaged.size());
    }
    network.inject(peer, damaged);
  }
  CHECK_FALSE(network.saw(EventKind::data));
  CHECK(network.endpoint().connection_count() == 1);
  network.inject(peer, genuine);
  CHECK(network.reported(EventKind::data).size() == 1);
  network.inject(peer, genuine);  // a replay
  CHECK(network.reported(EventKind::data).size() == 1);
}

TEST_CASE("a forged fragment that tells another length for a message under way is ignored") {
  static const simulation::Identity identity = [] {
    simulation::Identity made;
    made.key = simulation::rsa_key();
    made.certificate = simulation::make_certificate(made.key.get(), "client.example");
    return made;
  }();
  simulation::ContextOptions asking;
  asking.request_client_certificate = true;
  const auto context = simulation::server_context(simulation::plain_identity(), asking);
  ClientOptions options;
  options.identity = &identity;
  options.mtu = 300;

  const std::size_t later_fragment = later_fragment_of(dtls::HandshakeType::certificate, 2, options, context);
  REQUIRE(later_fragment > 0);

  Network network({}, context);
  network.interference = simulation::delay_datagram(true, later_fragment, Duration::milliseconds(500));
  Client& client = network.connect(peer, options);
  network.run_for(Duration::milliseconds(300));
  CHECK_FALSE(network.saw(EventKind::client_certificate));
  const std::uint64_t dropped = network.counted(Counter::drop_unexpected_handshake);
  network.inject(peer, simulation::record(
                           ContentType::handshake, 0, 40,
                           simulation::fragment(dtls::HandshakeType::certificate, 9999, 2, 50, Bytes(20))));
  CHECK(network.counted(Counter::drop_unexpected_handshake) == dropped + 1);
  CHECK(network.run_until_connected(peer, second * 5));
  CHECK(network.echo_works(client));
}

TEST_CASE("a forged fragment that tells another length for the hello under way is ignored") {
  ClientOptions options;
  options.mtu = 300;
  options.hello_padding = 120;

  const std::size_t later_fragment =
      later_fragment_of(dtls::HandshakeType::client_hello, 1, options, simulation::plain_context());
  REQUIRE(later_fragment > 0);

  Network network;
  network.interference = simulation::delay_datagram(true, later_fragment, Duration::milliseconds(500));
  Client& client = network.connect(peer, options);
  network.run_for(Duration::milliseconds(300));
  CHECK(network.saw(EventKind::connection_request));
  CHECK_FALSE(network.saw(EventKind::connected));
  network.inject(peer, simulation::record(
                           ContentType::handshake, 0, 40,
                           simulation::fragment(dtls::HandshakeType::client_hello, 9999, 1, 50, Bytes(20))));
  CHECK(network.counted(Counter::drop_unexpected_handshake) == 1);
  CHECK(network.run_until_connected(peer, second * 5));
  CHECK(network.echo_works(client));
}
