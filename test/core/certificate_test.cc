#include "core/certificate.h"

#include <doctest/doctest.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <iterator>

#include "stores.h"

namespace {

ByteView view(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// A certificate with what a test puts into it.
class Made {
 public:
  Made() : certificate_(simulation::make_certificate(simulation::plain_identity().key.get(), "made")) {}

  Made& extension(int nid, const std::string& value) {
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
    return add(extension);
  }
  Made& raw_extension(int nid, const std::string& der) {
    ASN1_OCTET_STRING* const octets = ASN1_OCTET_STRING_new();
    ASN1_STRING_set(octets, der.data(), static_cast<int>(der.size()));
    X509_EXTENSION* const extension = X509_EXTENSION_create_by_NID(nullptr, nid, 0, octets);
    ASN1_OCTET_STRING_free(octets);
    return add(extension);
  }
  Made& serial(long number) {
    ASN1_INTEGER_set(X509_get_serialNumber(certificate_.get()), number);
    return *this;
  }
  Made& valid(const std::string& from, const std::string& to) {
    ASN1_STRING_set(X509_getm_notBefore(certificate_.get()), from.data(), static_cast<int>(from.size()));
    REQUIRE(ASN1_TIME_set_string(X509_getm_notAfter(certificate_.get()), to.c_str()) == 1);
    return *this;
  }
  dtls::CertificateDescription describe() const { return dtls::describe_certificate(certificate_.get()); }

 private:
  Made& add(X509_EXTENSION* extension) {
    REQUIRE(extension != nullptr);
    X509_add_ext(certificate_.get(), extension, -1);
    X509_EXTENSION_free(extension);
    return *this;
  }
  dtls::X509Ptr certificate_;
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a certificate is read from DER and from PEM, and told from anything else") {
  X509* const certificate = simulation::plain_identity().certificate.get();
  const Bytes der = dtls::certificate_der(certificate);
  const std::string pem = stores::pem(certificate);
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

TEST_CASE("a description has version, algorithms and key") {
  const dtls::CertificateDescription description = Made().describe();
  CHECK(description.version == 3);
  CHECK(description.signature_algorithm == "1.2.840.10045.4.3.2");
  CHECK(description.public_key.algorithm == "1.2.840.10045.2.1");
  CHECK(description.public_key.bits == 256);
  CHECK(description.public_key.der ==
        dtls::describe_key(simulation::plain_identity().key_der())->public_key.der);
}

TEST_CASE("a serial number stands in pairs of hex digits") {
  CHECK(Made().serial(0xa5).describe().serial_number == "A5");
  CHECK(Made().serial(0x1234567).describe().serial_number == "01234567");
  CHECK(Made().serial(0).describe().serial_number == "00");
  CHECK(Made().serial(-5).describe().serial_number == "-05");
}

TEST_CASE("validity is in seconds since 1970, on both sides of it and beyond 2050") {
  const auto description = Made().valid("690102030405Z", "21000228235959Z").describe();
  CHECK(description.not_before == -31438555);
  CHECK(description.not_after == 4107542399);
  const auto unlimited = Made().valid("nonsense", "99991231235959Z").describe();
  CHECK_FALSE(unlimited.not_before);
  CHECK(unlimited.not_after == 253402300799);
  CHECK(ERR_peek_error() == 0);
}

TEST_CASE("without extensions there is no usage and no other name") {
  const dtls::CertificateDescription description = Made().describe();
  CHECK(description.key_usage == 0);
  CHECK(description.extended_key_usage.empty());
  CHECK(description.alternative_names.empty());
  CHECK(ERR_peek_error() == 0);
}

TEST_CASE("usages are bits and object identifiers") {
  const auto description = Made()
                               .extension(NID_key_usage, "digitalSignature,keyAgreement,decipherOnly")
                               .extension(NID_ext_key_usage, "serverAuth,1.3.6.1.4.1.99999.7")
                               .describe();
  CHECK(description.key_usage == 0x88);
  CHECK(description.extended_key_usage == Texts{"1.3.6.1.5.5.7.3.1", "1.3.6.1.4.1.99999.7"});
  CHECK(Made().extension(NID_key_usage, "decipherOnly").describe().key_usage == 0);
  CHECK(Made().raw_extension(NID_key_usage, std::string("\x03\x01\0", 3)).describe().key_usage == 0);
}

TEST_CASE("other names come in their order, those without a form of their own not at all") {
  const auto description =
      Made()
          .extension(NID_subject_alt_name,
                     "URI:https://a.example/x,DNS:*.a.example,IP:192.0.2.1,RID:1.2.3.4,email:a@a.example,"
                     "IP:2001:db8:0:0:1::,otherName:1.3.6.1.4.1.311.20.2.3;UTF8:upn@a.example")
          .describe();
  CHECK(description.alternative_names ==
        Texts{"https://a.example/x", "*.a.example", "192.0.2.1", "a@a.example", "2001:db8:0:0:1::"});
  const std::string odd_ip("\x30\x0e\x87\x05\1\2\3\4\5\x82\x05\xfc.b\0c", 16);
  CHECK(Made().raw_extension(NID_subject_alt_name, odd_ip).describe().alternative_names ==
        Texts{std::string("\xc3\xbc.b\0c", 6)});
  CHECK(ERR_peek_error() == 0);
}

TEST_CASE("a damaged extension is as good as none, and spoils nothing else") {
  const auto description = Made()
                               .raw_extension(NID_key_usage, "junk")
                               .raw_extension(NID_ext_key_usage, "")
                               .raw_extension(NID_subject_alt_name, "\x30\x7f")
                               .describe();
  CHECK(description.subject == "CN=made");
  CHECK(description.key_usage == 0);
  CHECK(description.extended_key_usage.empty());
  CHECK(description.alternative_names.empty());
  CHECK(ERR_peek_error() == 0);
}

TEST_CASE("a key of a kind that nobody knows is described by its identifier") {
  // As plain_identity's, with 1.2.840.10045.2.127 in place of id-ecPublicKey.
  Bytes der = simulation::plain_identity().certificate_der();
  static constexpr unsigned char ec_public_key[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01};
  const auto at = std::search(der.begin(), der.end(), std::begin(ec_public_key), std::end(ec_public_key));
  REQUIRE(at != der.end());
  at[6] = 0x7f;
  const dtls::X509Ptr certificate = dtls::read_certificate(der);
  REQUIRE(certificate);
  const dtls::CertificateDescription description = dtls::describe_certificate(certificate.get());
  CHECK(description.public_key.algorithm == "1.2.840.10045.2.127");
  CHECK(description.public_key.bits == 0);
  CHECK(std::search(der.begin(), der.end(), description.public_key.der.begin(),
                    description.public_key.der.end()) != der.end());
  CHECK(ERR_peek_error() == 0);
}
