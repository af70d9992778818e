#include "core/certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <climits>

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
  return {distinguished_name(subject), distinguished_name(issuer), X509_NAME_cmp(subject, issuer) == 0};
}

}  // namespace dtls
