#include "core/certificate.h"

#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pem.h>

#include <climits>

namespace dtls {

namespace {

// Without it OpenSSL asks on the terminal for the password of an encrypted block.
int no_password(char*, int, int, void*) { return -1; }

X509Ptr from_der(ByteView bytes) {
  if (bytes.size() > LONG_MAX) {
    return nullptr;
  }
  const unsigned char* at = bytes.data();
  X509Ptr certificate(d2i_X509(nullptr, &at, static_cast<long>(bytes.size())));
  if (at != bytes.end()) {
    return nullptr;
  }
  return certificate;
}

X509Ptr from_pem(ByteView bytes) {
  if (bytes.size() > INT_MAX) {
    return nullptr;
  }
  const BioPtr bio(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
  if (!bio) {
    return nullptr;
  }
  return X509Ptr(PEM_read_bio_X509_AUX(bio.get(), nullptr, no_password, nullptr));
}

std::string dotted(const ASN1_OBJECT* object) {
  const int length = OBJ_obj2txt(nullptr, 0, object, 1);
  if (length <= 0) {
    return "?";
  }
  std::string text(static_cast<std::size_t>(length) + 1, '\0');
  OBJ_obj2txt(text.data(), static_cast<int>(text.size()), object, 1);
  text.pop_back();
  return text;
}

std::string attribute_name(const ASN1_OBJECT* object) {
  switch (OBJ_obj2nid(object)) {
    case NID_commonName:
      return "CN";
    case NID_organizationName:
      return "O";
    case NID_organizationalUnitName:
      return "OU";
    case NID_localityName:
      return "L";
    case NID_stateOrProvinceName:
      return "S";
    case NID_countryName:
      return "C";
    case NID_pkcs9_emailAddress:
      return "E";
    default:
      return dotted(object);
  }
}

// What is no text (a BIT STRING, ill-formed UTF-8) is shown as RFC 4514 2.4 shows it: "#" and hex digits.
std::string attribute_value(const ASN1_STRING* value) {
  unsigned char* utf8 = nullptr;
  const int length = ASN1_STRING_to_UTF8(&utf8, value);
  if (length >= 0) {
    std::string text(utf8, utf8 + length);
    OPENSSL_free(utf8);
    return text;
  }
  ERR_clear_error();
  std::string text = "#";
  const unsigned char* const data = ASN1_STRING_get0_data(value);
  for (int i = 0; i < ASN1_STRING_length(value); ++i) {
    text += "0123456789abcdef"[data[i] >> 4];
    text += "0123456789abcdef"[data[i] & 0xf];
  }
  return text;
}

std::string quoted_if_needed(const std::string& value) {
  if (value.find_first_of(",\"") == std::string::npos) {
    return value;
  }
  std::string quoted = "\"";
  for (const char c : value) {
    if (c == '"') {
      quoted += '"';
    }
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace

X509Ptr read_certificate(ByteView bytes) {
  X509Ptr certificate = from_der(bytes);
  if (!certificate) {
    certificate = from_pem(bytes);
  }
  ERR_clear_error();
  return certificate;
}

std::vector<std::uint8_t> certificate_der(X509* certificate) {
  unsigned char* der = nullptr;
  const int length = i2d_X509(certificate, &der);
  if (length < 0) {
    ERR_clear_error();
    return {};
  }
  std::vector<std::uint8_t> bytes(der, der + length);
  OPENSSL_free(der);
  return bytes;
}

std::string distinguished_name(const X509_NAME* name) {
  std::string text;
  // The encoding goes from the country to the common name, the text the other way. The attributes of one RDN
  // have the same number and keep their order.
  int last = X509_NAME_entry_count(name) - 1;
  while (last >= 0) {
    int first = last;
    const int rdn = X509_NAME_ENTRY_set(X509_NAME_get_entry(name, last));
    while (first > 0 && X509_NAME_ENTRY_set(X509_NAME_get_entry(name, first - 1)) == rdn) {
      --first;
    }
    if (!text.empty()) {
      text += ", ";
    }
    for (int i = first; i <= last; ++i) {
      const auto* const entry = X509_NAME_get_entry(name, i);
      if (i > first) {
        text += " + ";
      }
      text += attribute_name(X509_NAME_ENTRY_get_object(entry)) + '=' +
              quoted_if_needed(attribute_value(X509_NAME_ENTRY_get_data(entry)));
    }
    last = first - 1;
  }
  return text;
}

CertificateDescription describe_certificate(X509* certificate) {
  const auto* const subject = X509_get_subject_name(certificate);
  const auto* const issuer = X509_get_issuer_name(certificate);
  return {distinguished_name(subject), distinguished_name(issuer), X509_NAME_cmp(subject, issuer) == 0};
}

}  // namespace dtls
