#include "core/certificate.h"

#include <doctest/doctest.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "simulation/identity.h"

using dtls::ByteView;
using simulation::Bytes;

namespace {

struct FreeName {
  void operator()(X509_NAME* name) const { X509_NAME_free(name); }
};

// A distinguished name, built in the order of its encoding.
class Name {
 public:
  Name& add(int nid, int type, const std::string& value, int set = 0) {
    REQUIRE(X509_NAME_add_entry_by_NID(name_.get(), nid, type,
                                       reinterpret_cast<const unsigned char*>(value.data()),
                                       static_cast<int>(value.size()), -1, set) == 1);
    return *this;
  }
  Name& add(const char* oid, const std::string& value) {
    REQUIRE(X509_NAME_add_entry_by_txt(name_.get(), oid, MBSTRING_UTF8,
                                       reinterpret_cast<const unsigned char*>(value.data()),
                                       static_cast<int>(value.size()), -1, 0) == 1);
    return *this;
  }
  std::string text() const { return dtls::distinguished_name(name_.get()); }

 private:
  std::unique_ptr<X509_NAME, FreeName> name_{X509_NAME_new()};
};

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

TEST_CASE("a name stands with its most specific part first") {
  CHECK(Name()
            .add("C", "US")
            .add("ST", "Utah")
            .add("L", "Provo")
            .add("O", "Example")
            .add("OU", "test")
            .add("CN", "www.example.com")
            .add("emailAddress", "a@example.com")
            .text() == "E=a@example.com, CN=www.example.com, OU=test, O=Example, L=Provo, S=Utah, C=US");
  CHECK(Name().text().empty());
}

TEST_CASE("attributes without a short name stand by their OID") {
  CHECK(Name().add("serialNumber", "77").add("CN", "x").text() == "CN=x, 2.5.4.5=77");
  CHECK(Name().add("1.3.6.1.4.1.99999.1.2.3", "v").text() == "1.3.6.1.4.1.99999.1.2.3=v");
}

TEST_CASE("values with commas and quotes are quoted") {
  CHECK(Name().add("O", "Example, Inc.").text() == "O=\"Example, Inc.\"");
  CHECK(Name().add("O", "the \"best\"").text() == "O=\"the \"\"best\"\"\"");
  CHECK(Name().add("O", "\"").text() == "O=\"\"\"\"");
  CHECK(Name().add("O", "a=b+c;d").text() == "O=a=b+c;d");
}

TEST_CASE("all string types become UTF-8, and what is none becomes hex digits") {
  CHECK(Name().add(NID_commonName, MBSTRING_UTF8, "Zürich €").text() == "CN=Zürich €");
  CHECK(Name().add(NID_commonName, V_ASN1_BMPSTRING, std::string("\0Z\x20\xac", 4)).text() == "CN=Z€");
  CHECK(Name().add(NID_commonName, V_ASN1_T61STRING, "Z\xfcrich").text() == "CN=Zürich");
  CHECK(Name().add(NID_commonName, V_ASN1_UNIVERSALSTRING, std::string("\0\x01\xf6\0", 4)).text() == "CN=😀");
  CHECK(Name().add(NID_commonName, V_ASN1_BIT_STRING, "\xff\x01").text() == "CN=#ff01");
  CHECK(ERR_peek_error() == 0);
}

TEST_CASE("the attributes of one RDN stand together") {
  CHECK(Name()
            .add(NID_countryName, MBSTRING_UTF8, "US")
            .add(NID_commonName, MBSTRING_UTF8, "one")
            .add(NID_serialNumber, MBSTRING_UTF8, "1", -1)
            .add(NID_organizationName, MBSTRING_UTF8, "top")
            .text() == "O=top, CN=one + 2.5.4.5=1, C=US");
}

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
