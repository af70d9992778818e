// Reading what a person wants to know of an X.509 certificate.
#pragma once

#include <openssl/x509.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/openssl_ptr.h"
#include "core/public_key.h"

namespace dtls {

// DER or PEM (the first certificate); null if it is neither.
X509Ptr read_certificate(ByteView bytes);

std::vector<std::uint8_t> certificate_der(X509* certificate);

// What is missing or can't be read is empty: an extension that is damaged spoils nothing else.
struct CertificateDescription {
  std::string subject;
  std::string issuer;
  bool self_signed = false;  // issuer and subject are the same name
  int version = 1;           // 1 to 3
  // Upper-case hex, two digits a byte, as OpenSSL prints it: a negative one has "-" in front.
  std::string serial_number;
  std::optional<std::int64_t> not_before;  // seconds since 1970
  std::optional<std::int64_t> not_after;
  std::string signature_algorithm;  // dotted OID
  PublicKeyDescription public_key;
  int key_usage = 0;  // the first byte of the extension: 0x80 digitalSignature to 0x01 encipherOnly
  std::vector<std::string> extended_key_usage;  // dotted OIDs
  // The DNS names, IP and e-mail addresses and URIs, in their order, without their kind. The other kinds are
  // left out: a registeredID, say, would pass for an IPv4 address.
  std::vector<std::string> alternative_names;
};

CertificateDescription describe_certificate(X509* certificate);

}  // namespace dtls
