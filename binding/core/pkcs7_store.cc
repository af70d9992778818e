#include <openssl/err.h>
#include <openssl/pkcs7.h>

#include <climits>

#include "core/certificate.h"
#include "core/store_contents.h"

namespace dtls {

namespace {

const STACK_OF(X509) * certificates_of(const PKCS7* message) {
  if (PKCS7_type_is_signed(message) && message->d.sign != nullptr) {
    return message->d.sign->cert;
  }
  if (PKCS7_type_is_signedAndEnveloped(message) && message->d.signed_and_enveloped != nullptr) {
    return message->d.signed_and_enveloped->cert;
  }
  return nullptr;
}

}  // namespace

std::optional<StoreContents> read_pkcs7(ByteView bytes) {
  if (bytes.size() > INT_MAX) {
    return std::nullopt;
  }
  const unsigned char* at = bytes.data();
  const Pkcs7Ptr message(d2i_PKCS7(nullptr, &at, static_cast<long>(bytes.size())));
  ERR_clear_error();
  if (!message) {
    return std::nullopt;
  }
  StoreContents contents;
  const auto* const certificates = certificates_of(message.get());
  for (int i = 0; i < sk_X509_num(certificates); ++i) {
    contents.certificates.push_back(certificate_der(sk_X509_value(certificates, i)));
  }
  return contents;
}

}  // namespace dtls
