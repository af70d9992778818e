// The end of a connection's keys: of its record numbers, of what they may protect, of the forgeries they
// bear.
#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

#include "core/detached_records.h"
#include "core/openssl_ptr.h"
#include "simulation/wire.h"

namespace dtls {

// The states that nobody can send their way to.
struct RecordStateForTests {
  static void set_next_sequence(DetachedRecords& records, std::uint64_t next) {
    records.next_sequence_ = next;
  }
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

const dtls::ProtectionSuite& suite_of(const char* name, bool encrypt_then_mac = false) {
  const dtls::SslCtxPtr ctx(SSL_CTX_new(DTLS_method()));
  REQUIRE(SSL_CTX_set_cipher_list(ctx.get(), (std::string(name) + ":@SECLEVEL=0").c_str()) == 1);
  const dtls::SslPtr ssl(SSL_new(ctx.get()));
  STACK_OF(SSL_CIPHER)* const ciphers = SSL_get_ciphers(ssl.get());
  for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); ++i) {
    const SSL_CIPHER* const cipher = sk_SSL_CIPHER_value(ciphers, i);
    if (std::string(SSL_CIPHER_get_name(cipher)) == name) {
      return *dtls::ProtectionSuite::of(cipher, encrypt_then_mac);
    }
  }
  FAIL("no such suite");
  throw std::logic_error(name);
}

struct Scene {
  explicit Scene(const dtls::ProtectionSuite& with)
      : suite(with), records(suite, dtls::KeyBlock(suite.key_block_size()), 7) {}

  bool send() { return records.send(Bytes{1, 2, 3}, io()); }
  dtls::RecordChannel::Io io() { return {contexts, sender, outbox}; }
  std::uint64_t last_number() const {
    return dtls::number_at(outbox.bytes_of(outbox.list().back()).data() + 5, 6);
  }
  Opened forge() {
    const Bytes bytes = simulation::record(ContentType::application_data, 1, next_forgery++, Bytes(80));
    dtls::RecordReader reader(bytes);
    Bytes room(dtls::max_plaintext);
    return records.open(*reader.next(), room.data(), io());
  }

  const dtls::ProtectionSuite& suite;
  dtls::RecordContexts contexts;
  dtls::Outbox outbox;
  dtls::RecordSender sender{dtls::Address::ipv4(192, 0, 2, 1, 40000), 7, 0, 1200};
  DetachedRecords records;
  std::uint64_t next_forgery = 0;
};

}  // namespace

TEST_CASE("no record number serves twice: the last one is left for an alert") {
  Scene scene(suite_of("ECDHE-ECDSA-AES128-GCM-SHA256"));
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
  CHECK(suite_of("ECDHE-ECDSA-AES128-GCM-SHA256").forgery_limit == std::uint64_t{1} << 36);
  CHECK(suite_of("ECDHE-ECDSA-AES128-CCM8").forgery_limit == dtls::ProtectionSuite::no_limit);
  CHECK(suite_of("ECDHE-ECDSA-AES128-SHA256", true).forgery_limit == dtls::ProtectionSuite::no_limit);
}
