#include "simulation/identity.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <stdexcept>

#include "core/certificate.h"
#include "simulation/virtual_clock.h"

namespace simulation {

namespace {

void require(bool condition, const char* what) {
  if (!condition) {
    throw std::runtime_error(std::string(what) + ": " + dtls::take_openssl_reason());
  }
}

void add_extension(X509* certificate, int nid, const std::string& value) {
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
  require(extension != nullptr, "extension");
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

}  // namespace

dtls::EvpPkeyPtr ec_key() {
  dtls::EvpPkeyPtr key(EVP_EC_gen("P-256"));
  require(key != nullptr, "EC key");
  return key;
}

dtls::EvpPkeyPtr rsa_key() {
  dtls::EvpPkeyPtr key(EVP_RSA_gen(2048));
  require(key != nullptr, "RSA key");
  return key;
}

dtls::EvpPkeyPtr ec_key_of_halves(EVP_PKEY* public_half, EVP_PKEY* private_half) {
  Bytes point(133);
  std::size_t point_size = 0;
  require(EVP_PKEY_get_octet_string_param(public_half, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size(),
                                          &point_size) == 1,
          "public half");
  BIGNUM* number = nullptr;
  require(EVP_PKEY_get_bn_param(private_half, OSSL_PKEY_PARAM_PRIV_KEY, &number) == 1, "private half");
  OSSL_PARAM_BLD* const builder = OSSL_PARAM_BLD_new();
  OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
  OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point_size);
  OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, number);
  OSSL_PARAM* const parameters = OSSL_PARAM_BLD_to_param(builder);
  EVP_PKEY_CTX* const ctx = EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr);
  EVP_PKEY* key = nullptr;
  EVP_PKEY_fromdata_init(ctx);
  EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, parameters);
  EVP_PKEY_CTX_free(ctx);
  OSSL_PARAM_free(parameters);
  OSSL_PARAM_BLD_free(builder);
  BN_free(number);
  require(key != nullptr, "key of two halves");
  return dtls::EvpPkeyPtr(key);
}

dtls::X509Ptr make_certificate(EVP_PKEY* key, const CertificateShape& shape) {
  static long serial = 0;
  dtls::X509Ptr certificate(X509_new());
  X509* const x = certificate.get();
  const Identity* const issuer = shape.issuer;
  X509_set_version(x, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x), ++serial);
  time_t start = VirtualClock::first_wall_second;
  X509_time_adj_ex(X509_getm_notBefore(x), 0, static_cast<long>(shape.not_before), &start);
  X509_time_adj_ex(X509_getm_notAfter(x), 0, static_cast<long>(shape.not_after), &start);
  X509_set_pubkey(x, key);
  X509_NAME* const name = X509_NAME_new();
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(shape.common_name.data()),
                             static_cast<int>(shape.common_name.size()), -1, 0);
  X509_set_subject_name(x, name);
  X509_set_issuer_name(x, issuer != nullptr ? X509_get_subject_name(issuer->certificate.get()) : name);
  X509_NAME_free(name);
  add_extension(x, NID_basic_constraints, shape.authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  if (!shape.key_usage.empty()) {
    add_extension(x, NID_key_usage, shape.key_usage);
  }
  if (!shape.extended_key_usage.empty()) {
    add_extension(x, NID_ext_key_usage, shape.extended_key_usage);
  }
  if (shape.padding > 0) {
    add_extension(x, NID_netscape_comment, std::string(shape.padding, 'x'));
  }
  require(X509_sign(x, issuer != nullptr ? issuer->key.get() : key, shape.digest) > 0, "signing");
  return certificate;
}

dtls::X509Ptr make_certificate(EVP_PKEY* key, const std::string& common_name, const Identity* issuer,
                               bool authority, std::size_t padding) {
  CertificateShape shape;
  shape.common_name = common_name;
  shape.issuer = issuer;
  shape.authority = authority;
  shape.padding = padding;
  return make_certificate(key, shape);
}

Identity make_identity(const CertificateShape& shape) {
  Identity made;
  made.key = ec_key();
  made.certificate = make_certificate(made.key.get(), shape);
  if (shape.issuer != nullptr) {
    const auto add = [&](X509* link) {
      X509_up_ref(link);
      made.chain.emplace_back(link);
    };
    add(shape.issuer->certificate.get());
    for (const dtls::X509Ptr& link : shape.issuer->chain) {
      add(link.get());
    }
  }
  return made;
}

Bytes Identity::key_der() const {
  const dtls::Pkcs8InfoPtr info(EVP_PKEY2PKCS8(key.get()));
  unsigned char* der = nullptr;
  const int length = i2d_PKCS8_PRIV_KEY_INFO(info.get(), &der);
  require(length > 0, "PKCS#8");
  Bytes bytes(der, der + length);
  OPENSSL_free(der);
  return bytes;
}

Bytes Identity::certificate_der() const { return dtls::certificate_der(certificate.get()); }

std::vector<Bytes> Identity::chain_ders() const {
  std::vector<Bytes> ders;
  for (const dtls::X509Ptr& link : chain) {
    ders.push_back(dtls::certificate_der(link.get()));
  }
  return ders;
}

const Identity& plain_identity() {
  static const Identity identity = [] {
    Identity made;
    made.key = ec_key();
    made.certificate = make_certificate(made.key.get(), "server.example");
    return made;
  }();
  return identity;
}

Identity long_chain(std::size_t length, std::size_t padding) {
  Identity current;
  current.key = ec_key();
  current.certificate = make_certificate(current.key.get(), "root", nullptr, true, padding);
  for (std::size_t i = 1; i <= length; ++i) {
    Identity next;
    next.key = ec_key();
    next.certificate =
        make_certificate(next.key.get(), "link " + std::to_string(i), &current, i < length, padding);
    next.chain.push_back(std::move(current.certificate));
    for (dtls::X509Ptr& link : current.chain) {
      next.chain.push_back(std::move(link));
    }
    current = std::move(next);
  }
  return current;
}

std::shared_ptr<const dtls::SecurityContext> server_context(const Identity& identity,
                                                            const ContextOptions& options) {
  const Bytes key = identity.key_der();
  dtls::SecuritySettings settings;
  settings.certificates.push_back(identity.certificate_der());
  for (Bytes& der : identity.chain_ders()) {
    settings.certificates.push_back(std::move(der));
  }
  settings.private_key = key;
  settings.request_client_certificate = options.request_client_certificate;
  settings.cipher_list = options.cipher_list;
  settings.resumption = options.resumption;
  settings.dtls_1_0 = options.dtls_1_0;
  settings.client_trust = options.client_trust;
  settings.ignored_reasons = options.ignored_reasons;
  settings.signature_algorithms = options.signature_algorithms;
  settings.ticket_secret = options.ticket_secret;
  settings.renegotiation_info = options.renegotiation_info;
  settings.key_log = options.key_log;
  return std::make_shared<dtls::SecurityContext>(settings);
}

std::shared_ptr<const dtls::SecurityContext> plain_context() {
  static const std::shared_ptr<const dtls::SecurityContext> context = server_context(plain_identity());
  return context;
}

std::shared_ptr<const dtls::SecurityContext> asking_context() {
  static const auto context = [] {
    ContextOptions options;
    options.request_client_certificate = true;
    return server_context(plain_identity(), options);
  }();
  return context;
}

}  // namespace simulation
