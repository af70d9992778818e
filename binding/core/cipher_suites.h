// The cipher suites that a context offers, in the order of our preference, and what their numbers mean.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <string>

#include "core/signature_algorithms.h"

namespace dtls {

// Forward secrecy and AEAD first; CCM, CCM_8, 3DES and anonymous suites only when named.
extern const char* const default_cipher_list;

struct CipherSuiteChoice {
  std::string list;          // IANA names between colons, or OpenSSL's own syntax; "" = default_cipher_list
  int minimum_strength = 0;  // bits of the bulk cipher's key
  bool ecdhe = true;         // false: no group is there for it
};

// False if no suite is left. Names that this OpenSSL does not know, or has not been built with, are left out.
bool offer_cipher_suites(SSL_CTX* ctx, const CipherSuiteChoice& choice);

// Whether one of the suites offered can be had with this key, in a protocol version that is allowed.
bool any_suite_serves(const SSL_CTX* ctx, const EVP_PKEY* key, const SignatureAlgorithms& signatures);

// By its IANA number; null for what OpenSSL does not know. The object lives as long as the process.
const SSL_CIPHER* cipher_suite(std::uint16_t number);

}  // namespace dtls
