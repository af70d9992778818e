// The end of a connection's keys: of its record numbers, of what they may protect, of the forgeries they
// bear.
#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/alert.h"
#include "core/connection.h"
#include "core/detached_records.h"
#include "protection_suites.h"
#include "simulation/wire.h"

namespace dtls {

// The states that nobody can send their way to.
struct RecordStateForTests {
  static void set_next_sequence(DetachedRecords& records, std::uint64_t next) {
    records.next_sequence_ = next;
  }
  static void set_next_nonce(DetachedRecords& records, std::uint64_t next) { records.next_nonce_ = next; }
  static void set_sealed_blocks(DetachedRecords& records, std::uint64_t blocks) {
    records.sealed_blocks_ = blocks;
  }
  static void set_forgeries(DetachedRecords& records, std::uint64_t count) { records.forgeries_ = count; }
};

}  // namespace dtls

namespace {

using dtls::ContentType;
using dtls::DetachedRecords;
using dtls::Fault;
using dtls::Opened;
using dtls::RecordStateForTests;
using simulation::Bytes;

struct Scene {
  explicit Scene(const dtls::ProtectionSuite& with)
      : suite(with), records(suite, dtls::KeyBlock(suite.key_block_size()), 7) {}

  bool send() { return records.send(Bytes{1, 2, 3}, io()); }
  dtls::RecordChannel::Io io() { return {contexts, sender, outbox}; }
  std::uint64_t last_number() const {
    return dtls::number_at(outbox.bytes_of(outbox.list().back()).data() + 5, 6);
  }
  Opened open(const Bytes& bytes) {
    dtls::RecordReader reader(bytes);
    Bytes room(dtls::max_plaintext);
    return records.open(*reader.next(), room.data(), io());
  }
  Opened forge() {
    return open(simulation::record(ContentType::application_data, 1, next_forgery++, Bytes(80)));
  }
  // The client has the same keys, all zero.
  Bytes from_client(std::uint64_t sequence) {
    const dtls::KeyBlock keys(suite.key_block_size());
    const Bytes plaintext = {'x'};
    Bytes record(suite.sealed_size(plaintext.size()));
    REQUIRE(contexts.seal({suite, keys, dtls::Writer::client, 8}, ContentType::application_data, 1, sequence,
                          sequence, plaintext, record.data()));
    return record;
  }

  const dtls::ProtectionSuite& suite;
  dtls::RecordContexts contexts;
  dtls::Outbox outbox;
  dtls::RecordSender sender{dtls::Address::ipv4(192, 0, 2, 1, 40000), 7, 0, 1200};
  DetachedRecords records;
  std::uint64_t next_forgery = 0;
};

// A connection over such records, as an endpoint has it.
struct Connected {
  explicit Connected(const dtls::ProtectionSuite& suite) {
    auto channel = std::make_unique<DetachedRecords>(suite, dtls::KeyBlock(suite.key_block_size()), 7);
    records = channel.get();
    connection = std::make_unique<dtls::Connection>(context, sender, std::move(channel), dtls::Negotiated());
    dtls::HelloExtensions extensions;
    extensions.offered_heartbeat = extensions.client_heartbeat = dtls::HeartbeatMode::peer_allowed_to_send;
    extensions.heartbeat_agreed = true;
    connection->announce(extensions, {}, {});
  }

  std::uint64_t number_of(std::size_t datagram) const {
    return dtls::number_at(outbox.bytes_of(outbox.list().at(datagram)).data() + 5, 6);
  }
  ContentType type_of(std::size_t datagram) const {
    return static_cast<ContentType>(outbox.bytes_of(outbox.list().at(datagram))[0]);
  }
  Fault fault() const {
    const dtls::Event& event = events.list().back();
    REQUIRE(event.kind == dtls::EventKind::disconnected);
    return static_cast<Fault>(event.b);
  }
  // Close_notify under the last number, and no more.
  void check_end(std::size_t datagrams, Fault expected) {
    CHECK(connection->ended());
    CHECK(fault() == expected);
    REQUIRE(outbox.list().size() == datagrams + 1);
    CHECK(type_of(datagrams) == ContentType::alert);
  }

  dtls::EndpointSettings settings = [] {
    dtls::EndpointSettings made;
    made.heartbeat_mode = 1;
    return made;
  }();
  dtls::Counters counters;
  dtls::Events events;
  dtls::Outbox outbox;
  dtls::Notices notices{events};
  dtls::RecordContexts contexts;
  const dtls::WallClock wall_clock;
  dtls::Drops drops{settings, counters, notices};
  dtls::AssociationContext context{settings, counters, events, outbox, notices, drops, contexts, wall_clock};
  dtls::RecordSender sender{dtls::Address::ipv4(192, 0, 2, 1, 40000), 7, 0, 1200};
  DetachedRecords* records = nullptr;
  std::unique_ptr<dtls::Connection> connection;
};

constexpr const char* suites[] = {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305",
                                  "ECDHE-ECDSA-AES128-CCM", "ECDHE-ECDSA-AES128-CCM8",
                                  "ECDHE-ECDSA-AES128-SHA256"};

}  // namespace

TEST_CASE("no record number serves twice: the last one is left for an alert") {
  for (const std::string name : suites) {
    CAPTURE(name);
    Scene scene(suite_of(name, true));
    RecordStateForTests::set_next_sequence(scene.records, dtls::max_sequence - 2);
    CHECK(scene.send());
    CHECK(scene.send());
    CHECK(scene.last_number() == dtls::max_sequence - 1);
    CHECK_FALSE(scene.send());
    CHECK(scene.records.failure().fault == Fault::keys_used_up);
    CHECK(scene.records.seal(ContentType::handshake, Bytes(24), scene.contexts).empty());
    const std::size_t before = scene.outbox.list().size();
    scene.records.send_alert(1, 0, scene.io());
    REQUIRE(scene.outbox.list().size() == before + 1);
    CHECK(scene.last_number() == dtls::max_sequence);
    scene.records.send_alert(1, 0, scene.io());
    CHECK(scene.outbox.list().size() == before + 1);
  }
}

TEST_CASE("a connection whose numbers are used up closes under the last one, whatever wanted to go out") {
  struct Act {
    std::string name;
    std::function<void(Connected&)> act;
  };
  const std::vector<Act> acts = {
      {"data", [](Connected& scene) { CHECK_FALSE(scene.connection->send(Bytes{1}, {})); }},
      {"a heartbeat request",
       [](Connected& scene) { scene.connection->expire(scene.connection->next_deadline()); }},
  };
  for (const std::string name : suites) {
    for (const Act& act : acts) {
      CAPTURE(name);
      CAPTURE(act.name);
      Connected scene(suite_of(name, true));
      RecordStateForTests::set_next_sequence(*scene.records, dtls::max_sequence - 1);
      CHECK(scene.connection->send(Bytes{1}, {}));
      CHECK(scene.number_of(0) == dtls::max_sequence - 1);
      act.act(scene);
      scene.check_end(1, Fault::keys_used_up);
      CHECK(scene.number_of(1) == dtls::max_sequence);
    }
  }
}

TEST_CASE("the explicit nonce goes round its end without coming twice") {
  for (const std::string name : {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-CCM"}) {
    CAPTURE(name);
    Scene scene(suite_of(name));
    RecordStateForTests::set_next_nonce(scene.records, ~std::uint64_t{0} - 2);
    std::set<Bytes> nonces;
    for (int i = 0; i < 6; ++i) {
      REQUIRE(scene.send());
      const dtls::ByteView record = scene.outbox.bytes_of(scene.outbox.list().back());
      CHECK(nonces.insert(record.sub(dtls::record_header_size, 8).copy()).second);
    }
  }
}

TEST_CASE("numbers of the client are taken up to the last one, each once") {
  for (const std::string name : suites) {
    CAPTURE(name);
    Scene scene(suite_of(name, true));
    const auto opened = [&](std::uint64_t sequence) { return scene.open(scene.from_client(sequence)).kind; };
    CHECK(opened(dtls::max_sequence - 1) == Opened::Kind::data);
    CHECK(opened(dtls::max_sequence) == Opened::Kind::data);
    CHECK(opened(dtls::max_sequence) == Opened::Kind::nothing);
    CHECK(opened(dtls::max_sequence - 1) == Opened::Kind::nothing);
    CHECK(opened(dtls::max_sequence - 63) == Opened::Kind::data);
    CHECK(opened(dtls::max_sequence - 64) == Opened::Kind::nothing);
    CHECK(opened(0) == Opened::Kind::nothing);
  }
}

TEST_CASE("the keys of GCM and CCM protect no more than their limit") {
  for (const char* const name : {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-CCM"}) {
    CAPTURE(name);
    Scene scene(suite_of(name));
    RecordStateForTests::set_sealed_blocks(scene.records, scene.suite.sealed_block_limit - 3);
    CHECK(scene.send());
    CHECK(scene.send());
    CHECK_FALSE(scene.send());
    CHECK(scene.records.failure().fault == Fault::keys_used_up);
  }
}

TEST_CASE("forgeries end a connection at the limit of GCM, ChaCha20 and CCM, and never with CCM_8 or CBC") {
  for (const char* const name :
       {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-ECDSA-AES128-CCM"}) {
    CAPTURE(name);
    Scene scene(suite_of(name));
    RecordStateForTests::set_forgeries(scene.records, scene.suite.forgery_limit - 2);
    CHECK(scene.forge().kind == Opened::Kind::nothing);
    CHECK(scene.forge().kind == Opened::Kind::failed);
    CHECK(scene.records.failure().fault == Fault::too_many_forgeries);
  }
  for (const auto& [name, encrypt_then_mac] :
       {std::pair{"ECDHE-ECDSA-AES128-CCM8", false}, std::pair{"ECDHE-ECDSA-AES128-SHA256", true}}) {
    CAPTURE(std::string(name));
    Scene scene(suite_of(name, encrypt_then_mac));
    RecordStateForTests::set_forgeries(scene.records, (std::uint64_t{1} << 40) - 1);
    CHECK(scene.forge().kind == Opened::Kind::nothing);
    CHECK(scene.records.unlimited_forgeries() == std::uint64_t{1} << 40);
    CHECK(scene.send());
  }
  CHECK(suite_of("ECDHE-ECDSA-AES128-GCM-SHA256").forgery_limit == std::uint64_t{1} << 36);
  CHECK(suite_of("ECDHE-ECDSA-AES256-GCM-SHA384").forgery_limit == std::uint64_t{1} << 36);
  CHECK(suite_of("ECDHE-ECDSA-CHACHA20-POLY1305").forgery_limit == std::uint64_t{1} << 36);
  CHECK(suite_of("ECDHE-ECDSA-AES128-CCM").forgery_limit == 11'863'283);  // 2^23.5
  CHECK(suite_of("ECDHE-ECDSA-AES256-CCM").forgery_limit == 11'863'283);
  CHECK(suite_of("ECDHE-ECDSA-AES128-CCM8").forgery_limit == dtls::ProtectionSuite::no_limit);
  CHECK(suite_of("ECDHE-ECDSA-AES128-SHA256", true).forgery_limit == dtls::ProtectionSuite::no_limit);
}

TEST_CASE("a connection that its keys can't bear any more is closed, and its client is told") {
  for (const std::string name : {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-CCM"}) {
    CAPTURE(name);
    Connected sealing(suite_of(name));
    RecordStateForTests::set_sealed_blocks(*sealing.records, sealing.records->suite().sealed_block_limit - 2);
    CHECK(sealing.connection->send(Bytes{1}, {}));
    CHECK_FALSE(sealing.connection->send(Bytes{1}, {}));
    sealing.check_end(1, Fault::keys_used_up);

    Connected forged(suite_of(name));
    RecordStateForTests::set_forgeries(*forged.records, forged.records->suite().forgery_limit - 1);
    const Bytes bytes = simulation::record(ContentType::application_data, 1, 9, Bytes(80));
    dtls::RecordReader reader(bytes);
    forged.connection->receive(*reader.next(), {});
    forged.check_end(0, Fault::too_many_forgeries);
  }
}
