#include "core/certificate.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <climits>

#include "core/address.h"
#include "core/asn1_text.h"
#include "core/distinguished_name.h"

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

std::optional<std::int64_t> seconds_of(const ASN1_TIME* time) {
  tm utc{};
  tm epoch{};
  epoch.tm_year = 70;
  epoch.tm_mday = 1;
  int days = 0;
  int seconds = 0;
  if (ASN1_TIME_to_tm(time, &utc) != 1 || OPENSSL_gmtime_diff(&days, &seconds, &epoch, &utc) != 1) {
    return std::nullopt;
  }
  return std::int64_t{days} * 24 * 60 * 60 + seconds;
}

std::string signature_algorithm(const X509* certificate) {
  const ASN1_OBJECT* algorithm = nullptr;
  X509_ALGOR_get0(&algorithm, nullptr, nullptr, X509_get0_tbs_sigalg(certificate));
  return dotted(algorithm);
}

// The first extension of its kind; null if there is none that can be read.
template <typename T, auto Free>
std::unique_ptr<T, OpenSslDeleter<Free>> extension(const X509* certificate, int nid) {
  int index = -1;
  return std::unique_ptr<T, OpenSslDeleter<Free>>(
      static_cast<T*>(X509_get_ext_d2i(certificate, nid, nullptr, &index)));
}

int key_usage(const X509* certificate) {
  const auto bits = extension<ASN1_BIT_STRING, ASN1_BIT_STRING_free>(certificate, NID_key_usage);
  return bits && ASN1_STRING_length(bits.get()) > 0 ? ASN1_STRING_get0_data(bits.get())[0] : 0;
}

std::vector<std::string> extended_key_usage(const X509* certificate) {
  const auto purposes =
      extension<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free>(certificate, NID_ext_key_usage);
  std::vector<std::string> oids;
  for (int i = 0; purposes && i < sk_ASN1_OBJECT_num(purposes.get()); ++i) {
    oids.push_back(dotted(sk_ASN1_OBJECT_value(purposes.get(), i)));
  }
  return oids;
}

// "" for what is neither IPv4 nor IPv6.
std::string ip_address(const ASN1_OCTET_STRING* octets) {
  const unsigned char* const bytes = ASN1_STRING_get0_data(octets);
  if (ASN1_STRING_length(octets) == 4) {
    return Address::ipv4(bytes[0], bytes[1], bytes[2], bytes[3], 0).host();
  }
  Address address;
  if (ASN1_STRING_length(octets) != static_cast<int>(address.ip.size())) {
    return "";
  }
  std::copy_n(bytes, address.ip.size(), address.ip.begin());
  return address.host();
}

std::string alternative_name(const GENERAL_NAME* name) {
  int kind = 0;
  const void* const value = GENERAL_NAME_get0_value(name, &kind);
  switch (kind) {
    case GEN_DNS:
    case GEN_EMAIL:
    case GEN_URI:
      return text_of(static_cast<const ASN1_IA5STRING*>(value));
    case GEN_IPADD:
      return ip_address(static_cast<const ASN1_OCTET_STRING*>(value));
    default:
      return "";
  }
}

std::vector<std::string> alternative_names(const X509* certificate) {
  const auto names = extension<GENERAL_NAMES, GENERAL_NAMES_free>(certificate, NID_subject_alt_name);
  std::vector<std::string> texts;
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    std::string text = alternative_name(sk_GENERAL_NAME_value(names.get(), i));
    if (!text.empty()) {
      texts.push_back(std::move(text));
    }
  }
  return texts;
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

CertificateDescription describe_certificate(X509* certificate) {
  const auto* const subject = X509_get_subject_name(certificate);
  const auto* const issuer = X509_get_issuer_name(certificate);
  CertificateDescription description;
  description.subject = distinguished_name(subject);
  description.issuer = distinguished_name(issuer);
  description.self_signed = X509_NAME_cmp(subject, issuer) == 0;
  description.version = static_cast<int>(X509_get_version(certificate)) + 1;
  description.serial_number = hex_of(X509_get0_serialNumber(certificate));
  description.not_before = seconds_of(X509_get0_notBefore(certificate));
  description.not_after = seconds_of(X509_get0_notAfter(certificate));
  description.signature_algorithm = signature_algorithm(certificate);
  description.public_key = describe_public_key(X509_get_X509_PUBKEY(certificate));
  description.key_usage = key_usage(certificate);
  description.extended_key_usage = extended_key_usage(certificate);
  description.alternative_names = alternative_names(certificate);
  ERR_clear_error();
  return description;
}

}  // namespace dtls
