// Record protection against OpenSSL: every suite, both directions, both ways.
#include "core/record_protection.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <set>

#include "simulation/ssl_pair.h"

using dtls::ByteView;
using dtls::ContentType;
using dtls::DirectionKeys;
using dtls::KeyBlock;
using dtls::ProtectionSuite;
using dtls::Record;
using dtls::RecordContexts;
using dtls::RecordReader;
using dtls::Writer;
using simulation::Bytes;
using simulation::SslPair;

namespace {

constexpr Writer writers[] = {Writer::client, Writer::server};
constexpr std::size_t sizes[] = {1, 15, 16, 17, 1200, dtls::max_plaintext};

Bytes text(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<std::uint8_t>(i * 7 + size);
  }
  return bytes;
}

// A finished handshake, its keys in our hands, and what protects records under them.
struct Scene {
  explicit Scene(const simulation::SslPairOptions& options, std::uint64_t owner_number = 0)
      : pair(options), owner(owner_number) {
    REQUIRE(pair.connected());
    const SSL_CIPHER* const cipher = SSL_get_current_cipher(pair.ssl(Writer::server));
    REQUIRE(SSL_CIPHER_get_name(cipher) == options.suite);
    suite = ProtectionSuite::of(cipher, pair.encrypt_then_mac());
    if (suite != nullptr) {
      auto derived = KeyBlock::derive(pair.ssl(Writer::server), *suite);
      REQUIRE(derived.has_value());
      block = std::move(*derived);
    }
  }

  DirectionKeys keys(Writer writer) const { return {*suite, block, writer, owner}; }

  Bytes seal(RecordContexts& contexts, Writer writer, ByteView data) {
    Bytes sealed(suite->sealed_size(data.size()));
    const std::uint64_t sequence = next_sequence++;
    REQUIRE(contexts.seal(keys(writer), ContentType::application_data, 1, sequence, ~sequence, data,
                          sealed.data()));
    return sealed;
  }

  std::optional<Bytes> open(RecordContexts& contexts, Writer writer, ByteView sealed) const {
    const auto record = RecordReader(sealed).next();
    Bytes out(dtls::max_plaintext);
    const auto size = record ? contexts.open(keys(writer), *record, out.data()) : std::nullopt;
    if (!size) {
      return std::nullopt;
    }
    out.resize(*size);
    return out;
  }

  SslPair pair;
  std::uint64_t owner;
  const ProtectionSuite* suite = nullptr;
  KeyBlock block;
  std::uint64_t next_sequence = 1000;  // beyond what OpenSSL's own records have
};

bool is_block_cipher(const std::string& name) {
  const Scene scene({name});
  return scene.suite != nullptr && scene.suite->is_cbc();
}

// One name for each way to protect records that this OpenSSL has, with encrypt-then-MAC where it can be had.
const std::vector<std::string>& representatives() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> found;
    std::set<const ProtectionSuite*> seen;
    for (const std::string& name : SslPair::suites()) {
      const Scene scene({name});
      if (scene.suite != nullptr && seen.insert(scene.suite).second) {
        found.push_back(name);
      }
    }
    return found;
  }();
  return names;
}

void check_both_ways(const simulation::SslPairOptions& options) {
  CAPTURE(options.suite);
  CAPTURE(options.extended_master_secret);
  CAPTURE(options.encrypt_then_mac);
  Scene scene(options);
  REQUIRE(scene.suite != nullptr);
  REQUIRE(SSL_get_extms_support(scene.pair.ssl(Writer::server)) == (options.extended_master_secret ? 1 : 0));
  REQUIRE(scene.pair.encrypt_then_mac() == (scene.suite->is_cbc() && options.encrypt_then_mac));
  RecordContexts contexts;
  for (const Writer writer : writers) {
    for (const std::size_t size : sizes) {
      CAPTURE(size);
      const Bytes data = text(size);
      const Bytes theirs = scene.pair.seal(writer, data);
      CHECK(theirs.size() == scene.suite->sealed_size(size));
      const auto opened = scene.open(contexts, writer, theirs);
      if (scene.suite->can_open()) {
        CHECK(opened == data);
      } else {
        CHECK_FALSE(opened.has_value());
      }
      CHECK(scene.pair.open(writer, scene.seal(contexts, writer, data)) == data);
    }
  }
}

}  // namespace

TEST_CASE("we open what OpenSSL seals, and it opens what we seal, under every suite") {
  std::size_t suites = 0;
  for (const std::string& name : SslPair::suites()) {
    if (name.find("NULL") != std::string::npos) {
      continue;
    }
    ++suites;
    check_both_ways({name, true, true});
    check_both_ways({name, false, false});
    if (is_block_cipher(name)) {
      check_both_ways({name, true, false});
      check_both_ways({name, false, true});
    }
  }
  CHECK(suites > 40);
}

TEST_CASE("every kind of protection has been among the suites") {
  std::set<ProtectionSuite::Kind> kinds;
  for (const std::string& name : representatives()) {
    kinds.insert(Scene({name}).suite->kind);
    kinds.insert(Scene({name, true, false}).suite->kind);
  }
  CHECK(kinds.size() == 5);
}

TEST_CASE("a suite that doesn't encrypt, and one of TLS 1.3, have no protection of ours") {
  std::size_t without_encryption = 0;
  for (const std::string& name : SslPair::suites()) {
    if (name.find("NULL") != std::string::npos) {
      CHECK(Scene({name}).suite == nullptr);
      ++without_encryption;
    }
  }
  CHECK(without_encryption > 0);
  const dtls::SslCtxPtr context(SSL_CTX_new(TLS_method()));
  const dtls::SslPtr ssl(SSL_new(context.get()));
  static constexpr unsigned char tls_aes_128_gcm_sha256[] = {0x13, 0x01};
  const SSL_CIPHER* const cipher = SSL_CIPHER_find(ssl.get(), tls_aes_128_gcm_sha256);
  REQUIRE(cipher != nullptr);
  CHECK(ProtectionSuite::of(cipher, false) == nullptr);
}

TEST_CASE("empty records are sealed and opened, and only authentic ones") {
  for (const std::string& name : representatives()) {
    CAPTURE(name);
    Scene scene({name});
    RecordContexts contexts;
    Bytes sealed = scene.seal(contexts, Writer::client, {});
    CHECK(scene.open(contexts, Writer::client, sealed) == Bytes());
    CHECK_FALSE(scene.open(contexts, Writer::server, sealed).has_value());
    sealed.back() ^= 1;
    CHECK_FALSE(scene.open(contexts, Writer::client, sealed).has_value());
  }
}

TEST_CASE("no bit of a record can be changed, and none of its bytes be cut off or added") {
  for (const std::string& name : representatives()) {
    CAPTURE(name);
    Scene scene({name});
    RecordContexts contexts;
    for (const std::size_t size : {std::size_t{0}, std::size_t{17}}) {
      const Bytes genuine = scene.seal(contexts, Writer::client, text(size));
      for (std::size_t bit = 0; bit < genuine.size() * 8; ++bit) {
        Bytes forged = genuine;
        forged[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
        CAPTURE(bit);
        REQUIRE_FALSE(scene.open(contexts, Writer::client, forged).has_value());
      }
      const ByteView body = ByteView(genuine).from(dtls::record_header_size);
      for (std::size_t length = 0; length < body.size(); ++length) {
        CAPTURE(length);
        const Bytes shorter = simulation::record(ContentType::application_data, 1, scene.next_sequence - 1,
                                                 body.sub(0, length));
        REQUIRE_FALSE(scene.open(contexts, Writer::client, shorter).has_value());
      }
      Bytes longer = body.copy();
      longer.push_back(0);
      CHECK_FALSE(
          scene
              .open(contexts, Writer::client,
                    simulation::record(ContentType::application_data, 1, scene.next_sequence - 1, longer))
              .has_value());
      CHECK(scene.open(contexts, Writer::client, genuine) == text(size));
    }
  }
}

TEST_CASE("connections that take turns in one slot don't get in each other's way") {
  RecordContexts contexts(1);
  std::vector<std::unique_ptr<Scene>> scenes;
  for (const std::string& name : representatives()) {
    for (int twin = 0; twin < 2; ++twin) {
      scenes.push_back(std::make_unique<Scene>(simulation::SslPairOptions{name}, scenes.size()));
    }
  }
  for (int round = 0; round < 3; ++round) {
    for (const auto& scene : scenes) {
      CAPTURE(scene->owner);
      // Once as the keys' new holder, once more as the one they are already set for.
      for (int again = 0; again < 2; ++again) {
        const Bytes data = text(20);
        REQUIRE(scene->open(contexts, Writer::client, scene->pair.seal(Writer::client, data)) == data);
        REQUIRE(scene->pair.open(Writer::server, scene->seal(contexts, Writer::server, data)) == data);
      }
    }
  }
}

TEST_CASE("nothing opens under the keys of the slot's last connection, or of the other direction") {
  for (const std::string& name : representatives()) {
    CAPTURE(name);
    RecordContexts contexts(1);
    Scene first({name}, 1);
    Scene second({name}, 2);
    const Bytes of_first = first.seal(contexts, Writer::client, text(20));
    const Bytes of_second = second.seal(contexts, Writer::client, text(20));
    REQUIRE(first.open(contexts, Writer::client, of_first).has_value());
    CHECK_FALSE(second.open(contexts, Writer::client, of_first).has_value());
    REQUIRE(second.open(contexts, Writer::client, of_second).has_value());
    CHECK_FALSE(second.open(contexts, Writer::server, of_second).has_value());
    REQUIRE(second.open(contexts, Writer::client, of_second).has_value());
    CHECK_FALSE(first.open(contexts, Writer::client, of_second).has_value());
  }
}

TEST_CASE("a connection that is forgotten leaves no key behind, and its slot serves on") {
  for (const std::string& name : representatives()) {
    CAPTURE(name);
    RecordContexts contexts(1);
    Scene gone({name}, 7);
    Scene next({name},
               7);  // the same number, which an endpoint never gives twice, shows whose keys are there
    const Bytes of_gone = gone.seal(contexts, Writer::client, text(20));
    const Bytes of_next = [&] {
      RecordContexts others(1);
      return next.seal(others, Writer::client, text(20));
    }();
    REQUIRE(gone.open(contexts, Writer::client, of_gone).has_value());
    REQUIRE_FALSE(next.open(contexts, Writer::client, of_next).has_value());
    contexts.forget(8);
    REQUIRE_FALSE(next.open(contexts, Writer::client, of_next).has_value());
    contexts.forget(7);
    CHECK(next.open(contexts, Writer::client, of_next).has_value());
    CHECK(next.pair.open(Writer::client, next.seal(contexts, Writer::client, text(3))) == text(3));
  }
}
