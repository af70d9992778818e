#include "core/certificate.h"

#include <doctest/doctest.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "simulation/identity.h"

using dtls::ByteView;
using simulation::Bytes;

namespace {

std::string pem_of(X509* certificate) {
  const dtls::BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

ByteView view(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

TEST_CASE("a certificate is read from DER and from PEM, and told from anything else") {
  X509* const certificate = simulation::plain_identity().certificate.get();
  const Bytes der = dtls::certificate_der(certificate);
  const std::string pem = pem_of(certificate);
  const auto reads = [&](ByteView bytes) {
    const dtls::X509Ptr read = dtls::read_certificate(bytes);
    return read && X509_cmp(read.get(), certificate) == 0;
  };
  CHECK(reads(der));
  CHECK(reads(view(pem)));
  CHECK(reads(view("Subject: somebody\r\n\r\n" + pem)));
  CHECK_FALSE(dtls::read_certificate({}));
  CHECK_FALSE(dtls::read_certificate(view("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")));
  for (std::size_t size = 0; size < der.size(); ++size) {
    CHECK_FALSE(dtls::read_certificate(ByteView(der).sub(0, size)));
  }
  Bytes longer = der;
  longer.push_back(0);
  CHECK_FALSE(dtls::read_certificate(longer));
  CHECK(ERR_peek_error() == 0);
}

TEST_CASE("a description tells who issued a certificate") {
  const simulation::Identity leaf = simulation::long_chain(1, 0);
  const dtls::CertificateDescription issued = dtls::describe_certificate(leaf.certificate.get());
  CHECK(issued.subject == "CN=link 1");
  CHECK(issued.issuer == "CN=root");
  CHECK_FALSE(issued.self_signed);
  const dtls::CertificateDescription root = dtls::describe_certificate(leaf.chain.at(0).get());
  CHECK(root.subject == "CN=root");
  CHECK(root.self_signed);
}
