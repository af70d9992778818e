// Reading what a person wants to know of an X.509 certificate.
#pragma once

#include <openssl/x509.h>

#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/openssl_ptr.h"

namespace dtls {

// DER or PEM (the first certificate); null if it is neither.
X509Ptr read_certificate(ByteView bytes);

std::vector<std::uint8_t> certificate_der(X509* certificate);

struct CertificateDescription {
  std::string subject;
  std::string issuer;
  bool self_signed = false;  // issuer and subject are the same name
};

CertificateDescription describe_certificate(X509* certificate);

}  // namespace dtls
