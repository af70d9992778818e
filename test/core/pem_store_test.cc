#include <openssl/err.h>
#include <openssl/pem.h>

#include "stores.h"

using stores::check_is;
using stores::open;
using stores::pem;
using stores::pkcs8_pem;
using stores::problem_of;
using stores::rsa_identity;
using stores::traditional_pem;
using stores::written;

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
