#include "core/key_store.h"

#include <doctest/doctest.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include <algorithm>

#include "core/certificate.h"
#include "core/store_contents.h"
#include "simulation/base64.h"
#include "simulation/identity.h"

using dtls::ByteView;
using dtls::StoreEntry;
using dtls::StoreError;
using dtls::StoreFormat;
using dtls::StoreProblem;
using simulation::Bytes;
using simulation::Identity;

namespace {

ByteView view(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// openssl pkcs12 -export -legacy -certpbe PBE-SHA1-RC2-40 -keypbe PBE-SHA1-3DES -macalg sha1, EC P-256,
// subject CN=old, password "secret".
constexpr const char* rc2_40_pfx =
    "MIIDcgIBAzCCAzgGCSqGSIb3DQEHAaCCAykEggMlMIIDITCCAhcGCSqGSIb3DQEHBqCCAggwggIEAgEAMIIB/QYJKoZIhvcN"
    "AQcBMBwGCiqGSIb3DQEMAQYwDgQIE1UH4MFcCEcCAggAgIIB0FOe+UtX9GAutUrL193QsJLI5QWpZgBWalOdtQeKxBDS6BXZ"
    "LNPggYUrtIJlM5Ocd8/ZwdKmp6kP4vF0oxqqY6x4yCFjZH/TAQK6AwcXtyczBSR3o08BRntFnGjkskbGZ7hFZ7h+RpS8r0NM"
    "AfluDmr+jNc+QvOjSXNnSbBCtxQX/mHgLSxU568cic83feVS4aGjKaHudb2ZnPeNtm46eCnq9HIsd5cGviBWMZ0NnuNUN81o"
    "a+pf6RfER9XJJKoqthoT3SEjHOybisV0Q763n8EvnE14mRUK2DAx86chCuCQqMFqBLoMPfZA4YodOSjD2HDkqfXKld4FcILu"
    "pD3zJ2QDjOalT37DuuYB+4Ef9F4z4W2/2/m8Lk83so/W9sZFMrJb7MVfPSh1jZUvSO2l4nU8JoFmM48UDB3lncBoOposlXnU"
    "dVXW6H4gNRB87a9qgummct914n3bvQ6JwCn9S2PEFMi9z+sL8J6ZgWZFyQhDIuMLnr5hSHrF9iGQRgo5W3TI6L6Qe3OzWzmD"
    "qdsc/FTxUNkKysLOQjUAo2NXz9anNlEODiVki2v26HUzUcI3PF9ulSS42GjzwgY0LWbCkWrR4bnOmU/ulsirx6AfCyNFMIIB"
    "AgYJKoZIhvcNAQcBoIH0BIHxMIHuMIHrBgsqhkiG9w0BDAoBAqCBtDCBsTAcBgoqhkiG9w0BDAEDMA4ECKhLWapWmsKXAgII"
    "AASBkAPw+wB2CwlHk4EckCa0nB9Oz1MkghBrP+9QUNDF9vHl1GuGLOfmbgMxL2soKgEzvkLDfE3Lu33vdcepRLtpnJiGpi7P"
    "j6CdDywOj7W6MbKYL2Q+1LhCMHQ3aTcfIS9Ov6Hffwb4BQ5cdiGgAd4pq+YjPZSGllEyPa1fh/AkJBWxyofKu8MBMUS7HapX"
    "5kq4/TElMCMGCSqGSIb3DQEJFTEWBBSg+E38bl9OFsqLWjT9XUKsOo7xODAxMCEwCQYFKw4DAhoFAAQUI4k7KMdOag0QyJyK"
    "pkiIS7xovXAECFDdlV27hAKeAgIIAA==";

// What `write` puts into a BIO.
template <typename Write>
std::string written(Write write) {
  const dtls::BioPtr bio(BIO_new(BIO_s_mem()));
  REQUIRE(write(bio.get()) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

std::string pem(X509* certificate) {
  return written([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate); });
}

std::string pkcs8_pem(EVP_PKEY* key, const EVP_CIPHER* cipher = nullptr, const std::string& password = "") {
  return written([&](BIO* bio) {
    return PEM_write_bio_PKCS8PrivateKey(bio, key, cipher, password.data(), static_cast<int>(password.size()),
                                         nullptr, nullptr);
  });
}

std::string traditional_pem(EVP_PKEY* key, const EVP_CIPHER* cipher = nullptr,
                            const std::string& password = "") {
  return written([&](BIO* bio) {
    return PEM_write_bio_PrivateKey_traditional(bio, key, cipher,
                                                reinterpret_cast<const unsigned char*>(password.data()),
                                                static_cast<int>(password.size()), nullptr, nullptr);
  });
}

struct PfxShape {
  const char* password = "secret";
  int key_algorithm = 0;  // 0: OpenSSL's default
  int certificate_algorithm = 0;
  int mac_iterations = 0;  // -1: no MAC
};

std::string pfx(const Identity& identity, const PfxShape& shape = {}, bool with_key = true) {
  STACK_OF(X509)* const chain = sk_X509_new_null();
  for (const dtls::X509Ptr& link : identity.chain) {
    sk_X509_push(chain, link.get());
  }
  const dtls::Pkcs12Ptr made(PKCS12_create_ex(
      shape.password, "name", with_key ? identity.key.get() : nullptr, identity.certificate.get(), chain,
      shape.key_algorithm, shape.certificate_algorithm, 0, shape.mac_iterations, 0, nullptr, nullptr));
  sk_X509_free(chain);
  REQUIRE(made);
  return written([&](BIO* bio) { return i2d_PKCS12_bio(bio, made.get()); });
}

const Identity& rsa_identity() {
  static const Identity identity = [] {
    Identity made;
    made.key = simulation::rsa_key();
    made.certificate = simulation::make_certificate(made.key.get(), "rsa.example");
    return made;
  }();
  return identity;
}

const Identity& chained() {
  static const Identity identity = simulation::long_chain(2, 0);
  return identity;
}

std::vector<StoreEntry> open(const std::string& bytes, const std::string& password = "",
                             StoreFormat format = StoreFormat::detect) {
  return dtls::open_store(view(bytes), view(password), format);
}

// The problem with which a store is refused; also that OpenSSL's queue is left clean.
StoreProblem problem_of(const std::string& bytes, const std::string& password = "",
                        StoreFormat format = StoreFormat::detect, std::string* text = nullptr) {
  try {
    open(bytes, password, format);
  } catch (const StoreError& error) {
    CHECK(std::string(error.what()).size() > 10);
    if (text != nullptr) {
      *text = error.what();
    }
    return error.problem;
  }
  FAIL("the store was opened");
  return StoreProblem::unreadable;
}

// The only entry: this identity, key and chain included.
void check_is(const std::vector<StoreEntry>& entries, const Identity& identity) {
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].certificate == identity.certificate_der());
  CHECK(entries[0].private_key.view() == ByteView(identity.key_der()));
  CHECK(entries[0].chain == identity.chain_ders());
  CHECK(ERR_peek_error() == 0);
}

}  // namespace

TEST_CASE("PEM: a certificate with its key, in every form of key") {
  for (const Identity* identity : {&rsa_identity(), &simulation::plain_identity()}) {
    const std::string certificate = pem(identity->certificate.get());
    EVP_PKEY* const key = identity->key.get();
    check_is(open(certificate + pkcs8_pem(key)), *identity);
    check_is(open(certificate + traditional_pem(key)), *identity);
    check_is(open(pkcs8_pem(key) + certificate), *identity);
    check_is(open(certificate + pkcs8_pem(key, EVP_aes_256_cbc(), "secret"), "secret"), *identity);
    check_is(open(certificate + traditional_pem(key, EVP_aes_128_cbc(), "secret"), "secret"), *identity);
    check_is(open(certificate + traditional_pem(key, EVP_des_ede3_cbc(), "secret"), "secret"), *identity);
    check_is(open(certificate + pkcs8_pem(key), "a password that is not needed"), *identity);
    check_is(open(certificate + pkcs8_pem(key), "", StoreFormat::pem), *identity);
  }
}

TEST_CASE("PEM: line ends, text around blocks, other blocks and a byte order mark don't matter") {
  const Identity& identity = simulation::plain_identity();
  std::string text =
      "Bag Attributes\n  friendlyName: me\n" + pem(identity.certificate.get()) +
      "\nsubject=/CN=me\n-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" +
      traditional_pem(identity.key.get()) + "trailing words";
  check_is(open(text), identity);
  std::string crlf;
  for (const char c : text) {
    crlf += c == '\n' ? std::string("\r\n") : std::string(1, c);
  }
  check_is(open(crlf), identity);
  check_is(open("\xef\xbb\xbf" + pem(identity.certificate.get()) + pkcs8_pem(identity.key.get())), identity);
  const std::string trusted =
      written([&](BIO* bio) { return PEM_write_bio_X509_AUX(bio, identity.certificate.get()); });
  REQUIRE(trusted.find("TRUSTED") != std::string::npos);
  check_is(open(trusted + pkcs8_pem(identity.key.get())), identity);
}

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

TEST_CASE("PEM: a wrong or missing password is told from a damaged file") {
  const Identity& identity = rsa_identity();
  const std::string certificate = pem(identity.certificate.get());
  for (const std::string& key : {pkcs8_pem(identity.key.get(), EVP_aes_256_cbc(), "secret"),
                                 traditional_pem(identity.key.get(), EVP_aes_128_cbc(), "secret")}) {
    CHECK(problem_of(certificate + key, "wrong") == StoreProblem::wrong_password);
    CHECK(problem_of(certificate + key, "") == StoreProblem::wrong_password);
    CHECK(problem_of(certificate + key, std::string(5000, 'x')) == StoreProblem::wrong_password);
    std::string text;
    problem_of(key, "", StoreFormat::pem, &text);
    CHECK(text.find("no password is given") != std::string::npos);
  }
  // The traditional form has no integrity check, so that some wrong passwords decrypt into something.
  const std::string traditional = traditional_pem(identity.key.get(), EVP_aes_128_cbc(), "secret");
  for (int i = 0; i < 600; ++i) {
    CHECK(problem_of(traditional, "wrong" + std::to_string(i)) == StoreProblem::wrong_password);
  }

  std::string damaged = pkcs8_pem(identity.key.get());
  damaged[100] = '!';
  CHECK(problem_of(damaged) == StoreProblem::unreadable);
  CHECK(problem_of(certificate.substr(0, certificate.size() - 40)) == StoreProblem::unreadable);
  CHECK(problem_of("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n") ==
        StoreProblem::unreadable);
  CHECK(problem_of("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n") ==
        StoreProblem::unreadable);
  CHECK(problem_of("-----BEGIN DH PARAMETERS-----\nAAAA\n-----END DH PARAMETERS-----\n") ==
        StoreProblem::unreadable);
  std::string text;
  problem_of("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n", "",
             StoreFormat::detect, &text);
  CHECK(text.find("OpenSSH") != std::string::npos);
}

TEST_CASE("PFX: key, certificate and chain, under old and new algorithms") {
  for (const Identity* identity : {&rsa_identity(), &chained()}) {
    check_is(open(pfx(*identity), "secret"), *identity);
    check_is(open(pfx(*identity), "secret", StoreFormat::pfx), *identity);
    PfxShape triple_des;
    triple_des.key_algorithm = triple_des.certificate_algorithm = NID_pbe_WithSHA1And3_Key_TripleDES_CBC;
    check_is(open(pfx(*identity, triple_des), "secret"), *identity);
    PfxShape unencrypted;
    unencrypted.key_algorithm = unencrypted.certificate_algorithm = -1;
    check_is(open(pfx(*identity, unencrypted), "secret"), *identity);
    PfxShape without_mac;
    without_mac.mac_iterations = -1;
    check_is(open(pfx(*identity, without_mac), "secret"), *identity);
    PfxShape international;
    international.password = "pässwörd €";
    check_is(open(pfx(*identity, international), "pässwörd €"), *identity);
  }
}

TEST_CASE("PFX: no password and an empty one are the same to us") {
  PfxShape none;
  none.password = nullptr;
  check_is(open(pfx(rsa_identity(), none)), rsa_identity());
  PfxShape empty;
  empty.password = "";
  check_is(open(pfx(rsa_identity(), empty)), rsa_identity());
  CHECK(problem_of(pfx(rsa_identity(), empty), "x") == StoreProblem::wrong_password);
}

TEST_CASE("PFX: a wrong password is told from a damaged file") {
  const std::string good = pfx(rsa_identity());
  CHECK(problem_of(good, "wrong") == StoreProblem::wrong_password);
  CHECK(problem_of(good, "") == StoreProblem::wrong_password);
  CHECK(problem_of(good, std::string("secret\0more", 11)) == StoreProblem::wrong_password);
  PfxShape without_mac;
  without_mac.mac_iterations = -1;
  CHECK(problem_of(pfx(rsa_identity(), without_mac), "wrong") == StoreProblem::wrong_password);
  for (std::size_t size = 0; size < good.size(); size += 37) {
    CHECK(problem_of(good.substr(0, size), "secret") == StoreProblem::unreadable);
    CHECK(problem_of(good.substr(0, size), "secret", StoreFormat::pfx) == StoreProblem::unreadable);
  }
  CHECK(problem_of("text", "", StoreFormat::pfx) == StoreProblem::unreadable);
  CHECK(problem_of(pem(rsa_identity().certificate.get()), "", StoreFormat::pfx) == StoreProblem::unreadable);
}

TEST_CASE("PFX: whatever bit of it flips, the store opens or is refused") {
  const std::string good = pfx(simulation::plain_identity());
  for (std::size_t i = 0; i < good.size(); i += 3) {
    std::string damaged = good;
    damaged[i] = static_cast<char>(damaged[i] ^ (1 << (i % 8)));
    try {
      open(damaged, "secret");
    } catch (const StoreError& error) {
      CHECK(std::string(error.what()).size() > 10);
    }
  }
}

TEST_CASE("PFX: certificates alone") {
  const auto entries = open(pfx(chained(), {}, false), "secret");
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].certificate == chained().certificate_der());
  CHECK(entries[0].private_key.empty());
  CHECK(entries[0].chain == chained().chain_ders());
}

TEST_CASE("PFX of old Windows (RC2-40) opens with the legacy provider, else the error names it") {
  const Bytes bytes = simulation::from_base64(rc2_40_pfx);
  const std::string store(bytes.begin(), bytes.end());
  if (dtls::LegacyContext().available()) {
    const auto entries = open(store, "secret");
    REQUIRE(entries.size() == 1);
    CHECK(dtls::key_matches(entries[0].private_key.view(), entries[0].certificate));
    const dtls::X509Ptr certificate = dtls::read_certificate(entries[0].certificate);
    CHECK(dtls::describe_certificate(certificate.get()).subject == "CN=old");
  } else {
    std::string text;
    CHECK(problem_of(store, "secret", StoreFormat::pfx, &text) == StoreProblem::unreadable);
    CHECK(text.find("legacy provider") != std::string::npos);
  }
  CHECK(problem_of(store, "wrong") == StoreProblem::wrong_password);
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

TEST_CASE("a key matches its certificate and no other") {
  const Identity& identity = rsa_identity();
  const Identity& other = simulation::plain_identity();
  CHECK(dtls::key_matches(identity.key_der(), identity.certificate_der()));
  CHECK_FALSE(dtls::key_matches(other.key_der(), identity.certificate_der()));
  CHECK_FALSE(dtls::key_matches({}, identity.certificate_der()));
  CHECK_FALSE(dtls::key_matches(identity.key_der(), {}));
  CHECK(ERR_peek_error() == 0);
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
