#include "core/public_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <initializer_list>
#include <stdexcept>

#include "core/asn1_text.h"
#include "core/openssl_ptr.h"
#include "core/store_contents.h"

namespace dtls {

namespace {

using BignumPtr = std::unique_ptr<BIGNUM, OpenSslDeleter<BN_free>>;
using X509PubkeyPtr = std::unique_ptr<X509_PUBKEY, OpenSslDeleter<X509_PUBKEY_free>>;
using Bytes = std::vector<std::uint8_t>;

BignumPtr number_of(const EVP_PKEY* key, const char* parameter) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key, parameter, &number) != 1) {
    throw std::runtime_error(take_openssl_reason());
  }
  return BignumPtr(number);
}

void append_string(Bytes& to, ByteView bytes) {
  append_number(to, bytes.size(), 4);
  append(to, bytes);
}

void append_string(Bytes& to, const std::string& text) {
  append_string(to, ByteView(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

// RFC 4251 5: one byte more than the bits fill, so that the highest bit is never read as a sign.
void append_mpint(Bytes& to, const BIGNUM* number) {
  Bytes big_endian(static_cast<std::size_t>(BN_num_bits(number) / 8 + 1));
  BN_bn2binpad(number, big_endian.data(), static_cast<int>(big_endian.size()));
  append_string(to, big_endian);
}

Bytes ssh_numbers(const EVP_PKEY* key, const char* name, std::initializer_list<const char*> parameters) {
  Bytes bytes;
  append_string(bytes, std::string(name));
  for (const char* const parameter : parameters) {
    append_mpint(bytes, number_of(key, parameter).get());
  }
  return bytes;
}

Bytes ssh_raw(const EVP_PKEY* key, const char* name) {
  std::size_t size = 0;
  Bytes raw;
  if (EVP_PKEY_get_raw_public_key(key, nullptr, &size) == 1) {
    raw.resize(size);
    EVP_PKEY_get_raw_public_key(key, raw.data(), &size);
  }
  Bytes bytes;
  append_string(bytes, std::string(name));
  append_string(bytes, raw);
  return bytes;
}

// The point uncompressed, in whatever form the key's file has it (SEC 1, 2.3.3).
Bytes ssh_point(const EVP_PKEY* key) {
  char group[64];
  if (EVP_PKEY_get_group_name(key, group, sizeof group, nullptr) != 1) {
    return {};
  }
  const std::string name = group;
  const char* const curve = name == "prime256v1"  ? "nistp256"
                            : name == "secp384r1" ? "nistp384"
                            : name == "secp521r1" ? "nistp521"
                                                  : nullptr;
  if (curve == nullptr) {
    return {};
  }
  const int coordinate = (EVP_PKEY_get_bits(key) + 7) / 8;
  Bytes point(1 + 2 * static_cast<std::size_t>(coordinate));
  point[0] = 4;
  BN_bn2binpad(number_of(key, OSSL_PKEY_PARAM_EC_PUB_X).get(), &point[1], coordinate);
  BN_bn2binpad(number_of(key, OSSL_PKEY_PARAM_EC_PUB_Y).get(),
               &point[1 + static_cast<std::size_t>(coordinate)], coordinate);
  Bytes bytes;
  append_string(bytes, std::string("ecdsa-sha2-") + curve);
  append_string(bytes, std::string(curve));
  append_string(bytes, point);
  return bytes;
}

Bytes ssh_public_key(const EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "RSA")) {
    return ssh_numbers(key, "ssh-rsa", {OSSL_PKEY_PARAM_RSA_E, OSSL_PKEY_PARAM_RSA_N});
  }
  if (EVP_PKEY_is_a(key, "DSA")) {
    return ssh_numbers(
        key, "ssh-dss",
        {OSSL_PKEY_PARAM_FFC_P, OSSL_PKEY_PARAM_FFC_Q, OSSL_PKEY_PARAM_FFC_G, OSSL_PKEY_PARAM_PUB_KEY});
  }
  if (EVP_PKEY_is_a(key, "EC")) {
    return ssh_point(key);
  }
  if (EVP_PKEY_is_a(key, "ED25519")) {
    return ssh_raw(key, "ssh-ed25519");
  }
  if (EVP_PKEY_is_a(key, "ED448")) {
    return ssh_raw(key, "ssh-ed448");
  }
  return {};
}

Bytes encoding_of(const X509_PUBKEY* key) {
  unsigned char* der = nullptr;
  const int length = i2d_X509_PUBKEY(key, &der);
  if (length < 0) {
    return {};
  }
  Bytes bytes(der, der + length);
  OPENSSL_free(der);
  return bytes;
}

}  // namespace

PublicKeyDescription describe_public_key(const X509_PUBKEY* key) {
  PublicKeyDescription description;
  ASN1_OBJECT* algorithm = nullptr;
  X509_PUBKEY_get0_param(&algorithm, nullptr, nullptr, nullptr, key);
  description.algorithm = dotted(algorithm);
  if (const EVP_PKEY* const known = X509_PUBKEY_get0(key)) {
    description.bits = EVP_PKEY_get_bits(known);
  }
  description.der = encoding_of(key);
  ERR_clear_error();
  return description;
}

std::optional<KeyDescription> describe_key(ByteView pkcs8) {
  const EvpPkeyPtr key = decode_key(pkcs8);
  X509_PUBKEY* encoded = nullptr;
  if (!key || X509_PUBKEY_set(&encoded, key.get()) != 1) {
    ERR_clear_error();
    return std::nullopt;
  }
  const X509PubkeyPtr owner(encoded);
  return KeyDescription{describe_public_key(encoded), ssh_public_key(key.get())};
}

}  // namespace dtls
