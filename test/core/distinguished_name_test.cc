#include "core/distinguished_name.h"

#include <doctest/doctest.h>
#include <openssl/err.h>

#include <memory>

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
  CHECK(Name().add(NID_organizationName, V_ASN1_UTF8STRING, "").text() == "O=");
}

TEST_CASE("what would pass for a second attribute, and spaces at either end, are quoted") {
  CHECK(Name().add("O", "a + CN=b").text() == "O=\"a + CN=b\"");
  CHECK(Name().add("O", " a").text() == "O=\" a\"");
  CHECK(Name().add("O", "a ").text() == "O=\"a \"");
  CHECK(Name().add("O", "a  b").text() == "O=a  b");
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
