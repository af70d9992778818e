// What a client's certificate is worth, and every reason against it.
#include "core/client_verification.h"

#include <doctest/doctest.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "core/session_data.h"
#include "simulation/identity.h"
#include "simulation/virtual_clock.h"

using dtls::CertificateReason;
using dtls::ClientVerification;
using dtls::TrustStore;
using dtls::WallTime;
using simulation::CertificateShape;
using simulation::Identity;

namespace {

using Reason = CertificateReason;

constexpr std::int64_t day = 24 * 3600;

std::uint32_t bits(std::initializer_list<Reason> reasons) {
  std::uint32_t all = 0;
  for (const Reason reason : reasons) {
    all |= dtls::bit_of(reason);
  }
  return all;
}

WallTime at(std::int64_t seconds) {
  return {(simulation::VirtualClock::first_wall_second + seconds) * 1'000'000};
}

CertificateShape shape(const char* name, const Identity* issuer = nullptr, bool authority = false) {
  CertificateShape made;
  made.common_name = name;
  made.issuer = issuer;
  made.authority = authority;
  return made;
}

const Identity& root() {
  static const Identity identity = simulation::make_identity(shape("root", nullptr, true));
  return identity;
}

const Identity& intermediate() {
  static const Identity identity = simulation::make_identity(shape("intermediate", &root(), true));
  return identity;
}

std::shared_ptr<const TrustStore> trusting(std::initializer_list<const Identity*> authorities) {
  std::vector<dtls::X509Ptr> certificates;
  for (const Identity* authority : authorities) {
    X509_up_ref(authority->certificate.get());
    certificates.emplace_back(authority->certificate.get());
  }
  return std::make_shared<const TrustStore>(nullptr, std::move(certificates));
}

// What the client has sent: its certificate, and the chain unless told otherwise.
std::uint32_t verify(const ClientVerification& verification, const Identity& client, bool with_chain = true,
                     WallTime now = at(0)) {
  const dtls::CertificatesPtr chain(sk_X509_new_null());
  for (const dtls::X509Ptr& link : client.chain) {
    if (with_chain) {
      X509_up_ref(link.get());
      sk_X509_push(chain.get(), link.get());
    }
  }
  return verification.verify(client.certificate.get(), with_chain ? chain.get() : nullptr, now);
}

ClientVerification by(std::shared_ptr<const TrustStore> trust, std::uint32_t ignored = 0,
                      const char* signatures = "", int level = 2) {
  return {std::move(trust), ignored, dtls::SignatureAlgorithms(signatures), level};
}

std::uint32_t verify(const Identity& client, bool with_chain = true, WallTime now = at(0)) {
  return verify(by(trusting({&root()})), client, with_chain, now);
}

}  // namespace

TEST_CASE("a certificate that leads to a trusted authority is good, over an intermediate too") {
  CHECK(verify(simulation::make_identity(shape("client", &root())), false) == 0);
  CHECK(verify(simulation::make_identity(shape("client", &intermediate()))) == 0);
}

TEST_CASE("the time that counts is the one passed in") {
  const Identity client = simulation::make_identity(shape("client", &root()));
  CHECK(verify(client, true, at(-3601)) == bits({Reason::not_yet_valid}));
  CHECK(verify(client, true, at(-3599)) == 0);
  CHECK(verify(client, true, at(30 * day - 1)) == 0);
  CHECK(verify(client, true, at(30 * day + 1)) == bits({Reason::expired}));
}

TEST_CASE("an intermediate that has expired is told of like the certificate itself") {
  CertificateShape old = shape("old intermediate", &root(), true);
  old.not_after = day;
  const Identity issuer = simulation::make_identity(old);
  CHECK(verify(simulation::make_identity(shape("client", &issuer)), true, at(2 * day)) ==
        bits({Reason::expired}));
}

TEST_CASE("without its authority a certificate is untrusted; alone, its chain may be what is missing") {
  const Identity client = simulation::make_identity(shape("client", &intermediate()));
  CHECK(verify(by(trusting({})), client) == bits({Reason::untrusted_issuer}));
  CHECK(verify(client, false) == bits({Reason::untrusted_issuer, Reason::incomplete_chain}));
}

TEST_CASE("a certificate that vouches for itself is good only if it is trusted itself") {
  const Identity client = simulation::make_identity(shape("client"));
  CHECK(verify(client) == bits({Reason::self_signed}));
  CHECK(verify(by(trusting({&client})), client) == 0);
}

TEST_CASE("an authority that was named is trusted without those above it") {
  const Identity client = simulation::make_identity(shape("client", &intermediate()));
  CHECK(verify(by(trusting({&intermediate()})), client, false) == 0);
}

TEST_CASE("who has no authority cannot vouch") {
  const Identity impostor = simulation::make_identity(shape("client 1", &root()));
  const Identity client = simulation::make_identity(shape("client 2", &impostor));
  CHECK(verify(client) == bits({Reason::untrusted_issuer}));
  // That is no question of the client's own usage.
  CHECK(verify(by(trusting({&root()}), bits({Reason::wrong_usage})), client) != 0);
}

TEST_CASE("a signature that is not the issuer's is invalid") {
  Identity impostor;
  impostor.key = simulation::ec_key();
  impostor.certificate = simulation::make_certificate(impostor.key.get(), shape("root", nullptr, true));
  const Identity client = simulation::make_identity(shape("client", &impostor));
  CHECK(verify(client, false) == bits({Reason::invalid_signature}));
}

TEST_CASE("the signatures of what leads to nobody who is trusted are not looked at: they cost time") {
  // The forged link is in the middle, its issuer's name and key are right.
  Identity forger;
  forger.key = simulation::ec_key();
  forger.certificate = simulation::make_certificate(forger.key.get(), shape("intermediate", &root(), true));
  Identity client = simulation::make_identity(shape("client", &forger));
  X509_up_ref(intermediate().certificate.get());
  client.chain.clear();
  client.chain.emplace_back(intermediate().certificate.get());
  CHECK(verify(client) == bits({Reason::invalid_signature}));
  CHECK(verify(by(trusting({})), client) == bits({Reason::untrusted_issuer}));
  CHECK(verify(by(trusting({}), bits({Reason::untrusted_issuer})), client) ==
        bits({Reason::invalid_signature}));
}

TEST_CASE("the times of what leads to nobody who is trusted are told of all the same") {
  CertificateShape old = shape("client", &intermediate());
  old.not_after = day;
  const Identity client = simulation::make_identity(old);
  CHECK(verify(by(trusting({})), client, true, at(2 * day)) ==
        bits({Reason::untrusted_issuer, Reason::expired}));
  CHECK(verify(by(trusting({})), client, true, at(-3601)) ==
        bits({Reason::untrusted_issuer, Reason::not_yet_valid}));
}

TEST_CASE("ten intermediates are followed, and no more") {
  std::vector<Identity> links(12);
  const Identity* issuer = &root();
  for (std::size_t i = 0; i < links.size(); ++i) {
    links[i] = simulation::make_identity(shape(("link " + std::to_string(i)).c_str(), issuer, true));
    issuer = &links[i];
  }
  CHECK(verify(simulation::make_identity(shape("client", &links[9]))) == 0);
  CHECK(verify(simulation::make_identity(shape("client", &links[10]))) == bits({Reason::untrusted_issuer}));
}

TEST_CASE("usages other than a client's are told of") {
  CertificateShape server = shape("server", &root());
  server.extended_key_usage = "serverAuth";
  CHECK(verify(simulation::make_identity(server)) == bits({Reason::wrong_usage}));
  server.extended_key_usage = "serverAuth,clientAuth";
  CHECK(verify(simulation::make_identity(server)) == 0);
  CertificateShape encipher = shape("encipher", &root());
  encipher.key_usage = "critical,keyEncipherment";
  CHECK(verify(simulation::make_identity(encipher)) == bits({Reason::wrong_usage}));
  encipher.key_usage = "critical,digitalSignature";
  CHECK(verify(simulation::make_identity(encipher)) == 0);
}

TEST_CASE("algorithms that are not allowed are told of, but not those of the trusted end") {
  CertificateShape client = shape("client", &intermediate());
  client.digest = EVP_sha384();
  const Identity identity = simulation::make_identity(client);
  CHECK(verify(by(trusting({&root()}), 0, "ECDSA+SHA384:ECDSA+SHA256"), identity) == 0);
  CHECK(verify(by(trusting({&root()}), 0, "ECDSA+SHA384"), identity) == bits({Reason::forbidden_algorithm}));
  CHECK(verify(by(trusting({&intermediate()}), 0, "ECDSA+SHA384"), identity) == 0);
  CHECK(verify(by(trusting({&root()}), 0, "RSA+SHA384:RSA+SHA256"), identity) ==
        bits({Reason::forbidden_algorithm}));
  CHECK(verify(by(trusting({}), 0, "RSA+SHA384"), identity) ==
        bits({Reason::untrusted_issuer, Reason::forbidden_algorithm}));
}

TEST_CASE("SHA-1 and short keys are not allowed above OpenSSL's security level 0") {
  CertificateShape weak = shape("client", &root());
  weak.digest = EVP_sha1();
  const Identity client = simulation::make_identity(weak);
  CHECK(verify(client) == bits({Reason::forbidden_algorithm}));
  CHECK(verify(by(trusting({&root()}), 0, "", 0), client) == 0);

  Identity short_key;
  short_key.key.reset(EVP_RSA_gen(1024));
  short_key.certificate = simulation::make_certificate(short_key.key.get(), shape("client", &root()));
  CHECK(verify(short_key) == bits({Reason::forbidden_algorithm}));
  CHECK(verify(by(trusting({&root()}), 0, "", 0), short_key) == 0);
}

TEST_CASE("all reasons are told together, and each can be ignored") {
  CertificateShape bad = shape("bad");
  bad.not_after = -1;
  bad.extended_key_usage = "serverAuth";
  bad.digest = EVP_sha384();
  const Identity client = simulation::make_identity(bad);
  const char* const allowed = "ECDSA+SHA256";
  const std::uint32_t all = bits({Reason::expired, Reason::self_signed, Reason::wrong_usage});
  CHECK(verify(by(trusting({&root()}), 0, allowed), client) == all);
  CHECK(verify(by(trusting({&root()}), bits({Reason::expired}), allowed), client) ==
        bits({Reason::self_signed, Reason::wrong_usage}));
  CHECK(verify(by(trusting({&root()}), all, allowed), client) == 0);
}

TEST_CASE("a bundle is parsed once in the process, as long as anybody has it") {
  const auto pem = [](X509* certificate) {
    const dtls::BioPtr bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(bio.get(), certificate);
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return std::string(data, static_cast<std::size_t>(size));
  };
  const std::string text = "# root\n" + pem(root().certificate.get()) +
                           "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" +
                           pem(intermediate().certificate.get());
  const dtls::ByteView bundle(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  const auto one = TrustStore::of_bundles({bundle});
  CHECK(one->size() == 2);
  CHECK(one->named().empty());
  CHECK((TrustStore::of_bundles({bundle}) == one));
  CHECK((TrustStore::of_bundles({bundle.sub(0, 600)}) != one));
  CHECK(TrustStore::of_bundles({})->size() == 0);

  const Identity client = simulation::make_identity(shape("client", &intermediate()));
  CHECK(verify(by(one), client, false) == 0);
  // More beside it, which are shared as they are.
  const Identity other_root = simulation::make_identity(shape("other", nullptr, true));
  const Identity other = simulation::make_identity(shape("client", &other_root));
  CHECK(verify(by(one), other, false) != 0);
  X509_up_ref(other_root.certificate.get());
  std::vector<dtls::X509Ptr> more;
  more.emplace_back(other_root.certificate.get());
  const auto both = std::make_shared<const TrustStore>(one, std::move(more));
  CHECK(both->size() == 3);
  CHECK(both->named().size() == 1);
  CHECK(verify(by(both), other, false) == 0);
  CHECK(verify(by(both), client, false) == 0);
}
