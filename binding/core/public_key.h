// Reading what a person wants to know of a public key.
#pragma once

#include <openssl/x509.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/bytes.h"

namespace dtls {

struct PublicKeyDescription {
  std::string algorithm;  // dotted OID of the SubjectPublicKeyInfo
  int bits = 0;           // of the modulus, of DSA's p, of the curve; 0 if OpenSSL doesn't know the key
  std::vector<std::uint8_t> der;  // SubjectPublicKeyInfo
};

PublicKeyDescription describe_public_key(const X509_PUBKEY* key);

// The public half of a private key.
struct KeyDescription {
  PublicKeyDescription public_key;
  // As SSH writes it (RFC 4253 6.6, 5656 3.1, 8709 4): what its fingerprints are taken of. Empty for a key
  // that SSH does not have.
  std::vector<std::uint8_t> ssh;
};

// Nothing for what is no private key in PKCS#8 DER.
std::optional<KeyDescription> describe_key(ByteView pkcs8);

}  // namespace dtls
