#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>

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

// The certificates in the order given, without a signature ("degenerate", RFC 2315 9.1).
dtls::Pkcs7Ptr message_of(const std::vector<X509*>& certificates) {
  dtls::Pkcs7Ptr message(PKCS7_new());
  REQUIRE(PKCS7_set_type(message.get(), NID_pkcs7_signed) == 1);
  REQUIRE(PKCS7_content_new(message.get(), NID_pkcs7_data) == 1);
  for (X509* const certificate : certificates) {
    REQUIRE(PKCS7_add_certificate(message.get(), certificate) == 1);
  }
  return message;
}

std::vector<X509*> root_first(const Identity& identity) {
  std::vector<X509*> certificates = {identity.certificate.get()};
  for (const dtls::X509Ptr& link : identity.chain) {
    certificates.push_back(link.get());
  }
  std::reverse(certificates.begin(), certificates.end());
  return certificates;
}

std::string der(const PKCS7* message) {
  return written([&](BIO* bio) { return i2d_PKCS7_bio(bio, message); });
}

std::string pem_of(const PKCS7* message) {
  return written([&](BIO* bio) { return PEM_write_bio_PKCS7(bio, message); });
}

void check_is_chained_without_key(const std::vector<StoreEntry>& entries) {
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].certificate == chained().certificate_der());
  CHECK(entries[0].private_key.empty());
  CHECK(entries[0].chain == chained().chain_ders());
  CHECK(ERR_peek_error() == 0);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

}  // namespace

TEST_CASE("PKCS#7: the leaf with its chain, whatever their order, DER or PEM") {
  const dtls::Pkcs7Ptr message = message_of(root_first(chained()));
  const std::string text = pem_of(message.get());
  for (const StoreFormat format : {StoreFormat::detect, StoreFormat::pkcs7}) {
    check_is_chained_without_key(open(der(message.get()), "", format));
    check_is_chained_without_key(open(text, "", format));
    check_is_chained_without_key(open(replaced(text, "PKCS7", "CMS"), "", format));
    // Windows' certification authority labels it so.
    check_is_chained_without_key(open(replaced(text, "PKCS7", "CERTIFICATE"), "", format));
  }
}

TEST_CASE("PKCS#7: in a PEM file with the key it is the chain") {
  const dtls::Pkcs7Ptr message = message_of(root_first(chained()));
  check_is(open(pkcs8_pem(chained().key.get()) + pem_of(message.get())), chained());
  std::vector<X509*> links = root_first(chained());
  links.pop_back();
  const std::string parts = pem(chained().certificate.get()) + pkcs8_pem(chained().key.get());
  check_is(open(parts + pem_of(message_of(links).get()), "", StoreFormat::pem), chained());
}

TEST_CASE("PKCS#7: the certificates of a signed message") {
  const std::string content = "content";
  const dtls::BioPtr data(BIO_new_mem_buf(content.data(), static_cast<int>(content.size())));
  const dtls::Pkcs7Ptr message(PKCS7_sign(rsa_identity().certificate.get(), rsa_identity().key.get(), nullptr,
                                          data.get(), PKCS7_BINARY));
  REQUIRE(message);
  const auto entries = open(der(message.get()), "", StoreFormat::pkcs7);
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].certificate == rsa_identity().certificate_der());
}

TEST_CASE("PKCS#7: one that holds no certificate, and what is none, are unreadable") {
  std::string text;
  CHECK(problem_of(der(message_of({}).get()), "", StoreFormat::pkcs7, &text) == StoreProblem::unreadable);
  CHECK(text.find("no certificate") != std::string::npos);
  CHECK(problem_of(der(message_of({}).get())) == StoreProblem::unreadable);
  CHECK(problem_of(pem_of(message_of({}).get())) == StoreProblem::unreadable);
  CHECK(problem_of("nothing of the kind", "", StoreFormat::pkcs7) == StoreProblem::unreadable);
  CHECK(problem_of("-----BEGIN PKCS7-----\nAAAA\n-----END PKCS7-----\n") == StoreProblem::unreadable);

  const std::string good = der(message_of(root_first(chained())).get());
  for (std::size_t size = 0; size < good.size(); size += 7) {
    CHECK(problem_of(good.substr(0, size), "", StoreFormat::pkcs7) == StoreProblem::unreadable);
  }
  PKCS7* const data = PKCS7_new();
  const dtls::Pkcs7Ptr owner(data);
  REQUIRE(PKCS7_set_type(data, NID_pkcs7_data) == 1);
  CHECK(problem_of(der(data), "", StoreFormat::pkcs7) == StoreProblem::unreadable);
}
