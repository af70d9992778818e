#include "core/key_store.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>

#include "stores.h"

using stores::chained;
using stores::check_is;
using stores::open;
using stores::pem;
using stores::pkcs8_pem;
using stores::problem_of;
using stores::rsa_identity;
using stores::written;

namespace {

ByteView bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

TEST_CASE(
    "PEM: the leaf is the certificate of the key, the chain follows its issuers, whatever their order") {
  const Identity& identity = chained();
  std::vector<std::string> parts = {pem(identity.certificate.get()), pkcs8_pem(identity.key.get())};
  for (const dtls::X509Ptr& link : identity.chain) {
    parts.push_back(pem(link.get()));
  }
  std::sort(parts.begin(), parts.end());
  do {
    std::string text;
    for (const std::string& part : parts) {
      text += part;
    }
    check_is(open(text), identity);
    check_is(open(text + parts[0] + parts[3]), identity);  // and twice
  } while (std::next_permutation(parts.begin(), parts.end()));
}

TEST_CASE("PEM: several keys and certificates become several entries, those with both first") {
  const Identity& one = chained();
  const Identity& two = rsa_identity();
  const Identity& stranger = simulation::plain_identity();
  const dtls::EvpPkeyPtr lonely = simulation::ec_key();
  const auto entries = open(pem(stranger.certificate.get()) + pkcs8_pem(lonely.get()) +
                            pkcs8_pem(two.key.get()) + pem(one.chain[0].get()) + pem(one.certificate.get()) +
                            pem(two.certificate.get()) + pkcs8_pem(one.key.get()));
  REQUIRE(entries.size() == 4);
  CHECK(entries[0].certificate == one.certificate_der());
  CHECK(entries[0].private_key.view() == ByteView(one.key_der()));
  CHECK(entries[0].chain == std::vector<Bytes>{one.chain_ders()[0]});
  CHECK(entries[1].certificate == two.certificate_der());
  CHECK(entries[1].private_key.view() == ByteView(two.key_der()));
  CHECK(entries[1].chain.empty());
  CHECK(entries[2].certificate == stranger.certificate_der());
  CHECK(entries[2].private_key.empty());
  CHECK(entries[3].certificate.empty());
  CHECK_FALSE(entries[3].private_key.empty());
}

TEST_CASE("PEM: certificates alone are entries, chains followed; a key alone is one") {
  const Identity& identity = chained();
  std::string text =
      pem(identity.chain[1].get()) + pem(identity.chain[0].get()) + pem(identity.certificate.get());
  auto entries = open(text);
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].certificate == identity.certificate_der());
  CHECK(entries[0].private_key.empty());
  CHECK(entries[0].chain == identity.chain_ders());
  entries = open(pem(rsa_identity().certificate.get()) + text);
  CHECK(entries.size() == 2);

  entries = open(pkcs8_pem(identity.key.get()));
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].certificate.empty());
  CHECK(entries[0].private_key.view() == ByteView(identity.key_der()));
}

TEST_CASE("two certificates that issued each other are both found") {
  Identity a;
  a.key = simulation::ec_key();
  Identity b;
  b.key = simulation::ec_key();
  a.certificate = simulation::make_certificate(a.key.get(), "A", nullptr, true);
  b.certificate = simulation::make_certificate(b.key.get(), "B", &a, true);
  a.certificate = simulation::make_certificate(a.key.get(), "A", &b, true);
  const auto entries = open(pem(a.certificate.get()) + pem(b.certificate.get()));
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].chain.size() == 1);
}

TEST_CASE(
    "of authorities with the same name, as one has that was renewed, the one that has signed is the issuer") {
  Identity before;
  before.key = simulation::ec_key();
  before.certificate = simulation::make_certificate(before.key.get(), "CA", nullptr, true);
  Identity after;
  after.key = simulation::ec_key();
  after.certificate = simulation::make_certificate(after.key.get(), "CA", nullptr, true);
  for (const Identity* const issuer : {&before, &after}) {
    const dtls::EvpPkeyPtr key = simulation::ec_key();
    const dtls::X509Ptr leaf = simulation::make_certificate(key.get(), "leaf", issuer);
    const auto entries = open(pem(before.certificate.get()) + pem(after.certificate.get()) + pem(leaf.get()) +
                              pkcs8_pem(key.get()));
    REQUIRE_FALSE(entries.empty());
    CHECK(entries[0].chain == std::vector<Bytes>{issuer->certificate_der()});
  }
}

TEST_CASE("a bare certificate, DER or PEM, and bare keys are detected") {
  const Identity& identity = rsa_identity();
  const Bytes certificate = identity.certificate_der();
  const std::string der(certificate.begin(), certificate.end());
  for (const StoreFormat format : {StoreFormat::detect, StoreFormat::certificate}) {
    auto entries = open(der, "", format);
    REQUIRE(entries.size() == 1);
    CHECK(entries[0].certificate == certificate);
    CHECK(entries[0].private_key.empty());
    entries = open(pem(identity.certificate.get()), "", format);
    REQUIRE(entries.size() == 1);
    CHECK(entries[0].certificate == certificate);
  }
  for (const Identity* owner : {&rsa_identity(), &simulation::plain_identity()}) {
    const Bytes pkcs8 = owner->key_der();
    const std::string traditional =
        written([&](BIO* bio) { return i2d_PrivateKey_bio(bio, owner->key.get()); });
    const std::string encrypted = written([&](BIO* bio) {
      return i2d_PKCS8PrivateKey_bio(bio, owner->key.get(), EVP_aes_256_cbc(), "secret", 6, nullptr, nullptr);
    });
    for (const std::string& key : {std::string(pkcs8.begin(), pkcs8.end()), traditional, encrypted}) {
      const auto entries = open(key, "secret");
      REQUIRE(entries.size() == 1);
      CHECK(entries[0].certificate.empty());
      CHECK(entries[0].private_key.view() == ByteView(pkcs8));
    }
    CHECK(problem_of(encrypted, "wrong") == StoreProblem::wrong_password);
  }
}

TEST_CASE("the certificate format leaves keys alone: none is read and no password asked for") {
  const Identity& identity = rsa_identity();
  const auto entries =
      open(pkcs8_pem(identity.key.get(), EVP_aes_256_cbc(), "secret") + pem(identity.certificate.get()), "",
           StoreFormat::certificate);
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].private_key.empty());
  CHECK(problem_of(pkcs8_pem(identity.key.get()), "", StoreFormat::certificate) == StoreProblem::unreadable);
  CHECK(problem_of("nonsense", "", StoreFormat::certificate) == StoreProblem::unreadable);
}

TEST_CASE("what is no store at all is unreadable") {
  CHECK(problem_of("") == StoreProblem::unreadable);
  CHECK(problem_of("hello") == StoreProblem::unreadable);
  CHECK(problem_of(std::string(1000, '\0')) == StoreProblem::unreadable);
  CHECK(problem_of(std::string("\x30\x03\x02\x01\x01", 5)) == StoreProblem::unreadable);
  CHECK(problem_of("-----BEGIN") == StoreProblem::unreadable);
}

TEST_CASE("a certificate from elsewhere finds its key and its chain in the store") {
  const Identity& identity = chained();
  const std::string key = pkcs8_pem(identity.key.get());
  const auto with = [&](const std::string& store, const std::vector<Bytes>& more) {
    return dtls::open_store(bytes_of(store), {}, StoreFormat::detect, more);
  };
  const Bytes leaf = identity.certificate_der();
  const std::vector<Bytes> chain = identity.chain_ders();
  check_is(with(key + pem(identity.chain[1].get()) + pem(identity.chain[0].get()), {leaf}), identity);
  check_is(with(key, {leaf, chain[0], chain[1]}), identity);
  check_is(with(key + pem(identity.chain[1].get()), {leaf, chain[0]}), identity);
  check_is(with(key + pem(identity.certificate.get()), {leaf, chain[1], chain[0]}), identity);

  const auto strangers = with(pkcs8_pem(rsa_identity().key.get()), {leaf});
  REQUIRE(strangers.size() == 2);
  CHECK(strangers[0].certificate == leaf);
  CHECK(strangers[0].private_key.empty());
  CHECK(strangers[1].certificate.empty());
  CHECK_THROWS_AS(with(key, {Bytes{1, 2, 3}}), StoreError);
}

TEST_CASE("an entry has the subject of its certificate") {
  const auto entries = open(pem(chained().certificate.get()) + pkcs8_pem(chained().key.get()) +
                            pkcs8_pem(rsa_identity().key.get()));
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].subject == "CN=link 2");
  CHECK(entries[1].subject.empty());
}

TEST_CASE("secret bytes are moved, never left behind") {
  dtls::SecretBytes secret(Bytes{1, 2, 3});
  dtls::SecretBytes moved(std::move(secret));
  CHECK(secret.empty());  // NOLINT(bugprone-use-after-move): that is the promise
  CHECK(moved.view() == ByteView(Bytes{1, 2, 3}));
  dtls::SecretBytes assigned(Bytes{9});
  assigned = std::move(moved);
  CHECK(assigned.view() == ByteView(Bytes{1, 2, 3}));
  CHECK(moved.empty());  // NOLINT(bugprone-use-after-move)
}
