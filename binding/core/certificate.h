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

// Most specific first: "CN=www.example.com, OU=test, C=US, E=a@example.com". CN O OU L S C E are named,
// other attributes stand by dotted OID; a value with a comma or quote is quoted, quotes doubled. UTF-8.
std::string distinguished_name(const X509_NAME* name);

struct CertificateDescription {
  std::string subject;
  std::string issuer;
  bool self_signed = false;  // issuer and subject are the same name
};

CertificateDescription describe_certificate(X509* certificate);

}  // namespace dtls
