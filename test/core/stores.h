// Stores made for a test, and what comes of opening them.
#pragma once

#include <doctest/doctest.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <string>
#include <vector>

#include "core/key_store.h"
#include "simulation/identity.h"

using dtls::ByteView;
using dtls::StoreEntry;
using dtls::StoreError;
using dtls::StoreFormat;
using dtls::StoreProblem;
using simulation::Bytes;
using simulation::Identity;

namespace stores {

// What `write` puts into a BIO.
template <typename Write>
std::string written(Write write) {
  const dtls::BioPtr bio(BIO_new(BIO_s_mem()));
  REQUIRE(write(bio.get()) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

std::string pem(X509* certificate);
std::string pkcs8_pem(EVP_PKEY* key, const EVP_CIPHER* cipher = nullptr, const std::string& password = "");
// PKCS#1, SEC1 and their like, encrypted under RFC 1421's headers.
std::string traditional_pem(EVP_PKEY* key, const EVP_CIPHER* cipher = nullptr,
                            const std::string& password = "");

struct PfxShape {
  const char* password = "secret";
  int key_algorithm = 0;  // 0: OpenSSL's default
  int certificate_algorithm = 0;
  int mac_iterations = 0;  // -1: no MAC
};
std::string pfx(const Identity& identity, const PfxShape& shape = {}, bool with_key = true);

// Made once: a certificate alone, and one with a chain of two.
const Identity& rsa_identity();
const Identity& chained();

std::vector<StoreEntry> open(const std::string& bytes, const std::string& password = "",
                             StoreFormat format = StoreFormat::detect);

// The problem with which a store is refused.
StoreProblem problem_of(const std::string& bytes, const std::string& password = "",
                        StoreFormat format = StoreFormat::detect, std::string* text = nullptr);

// The only entry: this identity, key and chain included.
void check_is(const std::vector<StoreEntry>& entries, const Identity& identity);

}  // namespace stores
