#include <openssl/err.h>
#include <openssl/pem.h>

#include "core/legacy_context.h"
#include "core/store_contents.h"
#include "simulation/base64.h"
#include "stores.h"

using stores::check_is;
using stores::open;
using stores::pem;
using stores::pkcs8_pem;
using stores::problem_of;
using stores::rsa_identity;
using stores::traditional_pem;
using stores::written;

namespace {

// One EC key: openssl pkcs8 -topk8 -nocrypt; openssl ec -des, which is single DES under RFC 1421's headers;
// openssl pkcs8 -topk8 -v1 PBE-MD5-DES. Password "secret".
constexpr const char* plain_key =
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgMoXaRJ1LTAMAhIoi"
    "4lCgIGpDMqIVgEVq57/YL+vu8EuhRANCAARHCXo7okCpg9rfCCo6WApi1RaJWZTa"
    "A8gPOfooLehMJ4S4DPbeEWzbfqah84Lkg3A1EWcU0NNoEuIloAaU22pZ";
const std::string des_key =
    "-----BEGIN EC PRIVATE KEY-----\n"
    "Proc-Type: 4,ENCRYPTED\n"
    "DEK-Info: DES-CBC,9617E38C6754AFC5\n"
    "\n"
    "+IhKBpX7jB9g5vec1fUksqKZu+gBQM0qSzyAPi+Lw2jDAWmw6zoCmM8olU1NtkRP\n"
    "RnhgBcOKF/Occ2XmJMp0v+Zu/8jSOKkt+cfdo/gCFn+lGI8L8bYFXhzDh4UqyBDm\n"
    "r8gRSezOLm7zkzs6bs6PSkiR6iMLVikXPwgGPrQX3bE=\n"
    "-----END EC PRIVATE KEY-----\n";
const std::string md5_des_key =
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
    "MIGwMBsGCSqGSIb3DQEFAzAOBAgjMxMHEbJBXwICCAAEgZCZF2EGvylTeojh6Xzo\n"
    "UsREOUZ6y4B/SlYzHPH1/odzWWbXY3QmzeJEoz9OLiYIQMsn020I31sWMFnUCvLX\n"
    "uVnxCLENGUEvuUKd0iPqoJq1MHyWLJXRq2PbaLvtLrBxgl/i3U4/TNAXqtIwNSQD\n"
    "6gk5Jd/AvE6YNdAoeriRLtiH4jARjJnJHqDSbtV4r989CvY=\n"
    "-----END ENCRYPTED PRIVATE KEY-----\n";

dtls::EvpPkeyPtr generated(const char* kind) {
  const std::unique_ptr<EVP_PKEY_CTX, dtls::OpenSslDeleter<EVP_PKEY_CTX_free>> context(
      EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr));
  EVP_PKEY* key = nullptr;
  REQUIRE(EVP_PKEY_keygen_init(context.get()) == 1);
  REQUIRE(EVP_PKEY_generate(context.get(), &key) == 1);
  return dtls::EvpPkeyPtr(key);
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

TEST_CASE("PEM: keys under single DES open with the legacy provider, else the error names it") {
  for (const std::string& key : {des_key, md5_des_key}) {
    CHECK(problem_of(key, "") == StoreProblem::wrong_password);
    if (dtls::LegacyContext().available()) {
      const auto entries = open(key, "secret");
      REQUIRE(entries.size() == 1);
      CHECK(entries[0].private_key.view() == ByteView(simulation::from_base64(plain_key)));
      CHECK(problem_of(key, "wrong") == StoreProblem::wrong_password);
    } else {
      std::string text;
      CHECK(problem_of(key, "secret", StoreFormat::detect, &text) == StoreProblem::unreadable);
      CHECK(text.find("legacy provider") != std::string::npos);
    }
    CHECK(ERR_peek_error() == 0);
  }
}

TEST_CASE("PEM: every kind of key that signs") {
  const dtls::EvpPkeyPtr keys[] = {
      generated("ED25519"),
      generated("ED448"),
      generated("RSA-PSS"),
      dtls::EvpPkeyPtr(EVP_EC_gen("P-521")),
      dtls::EvpPkeyPtr(EVP_EC_gen("secp256k1")),
  };
  for (const dtls::EvpPkeyPtr& key : keys) {
    const std::string forms[] = {pkcs8_pem(key.get()), pkcs8_pem(key.get(), EVP_aes_256_cbc(), "secret")};
    for (const std::string& form : forms) {
      const auto entries = open(form, "secret", StoreFormat::pem);
      REQUIRE(entries.size() == 1);
      CHECK(EVP_PKEY_eq(dtls::decode_key(entries[0].private_key.view()).get(), key.get()) == 1);
    }
  }
}
