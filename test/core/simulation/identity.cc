#include "simulation/identity.h"

#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <stdexcept>

#include "core/certificate.h"

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

dtls::X509Ptr make_certificate(EVP_PKEY* key, const std::string& common_name, const Identity* issuer,
                               bool authority, std::size_t padding) {
  static long serial = 0;
  dtls::X509Ptr certificate(X509_new());
  X509* const x = certificate.get();
  X509_set_version(x, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(x), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x), 30L * 24 * 3600);
  X509_set_pubkey(x, key);
  X509_NAME* const name = X509_NAME_new();
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common_name.data()),
                             static_cast<int>(common_name.size()), -1, 0);
  X509_set_subject_name(x, name);
  X509_set_issuer_name(x, issuer != nullptr ? X509_get_subject_name(issuer->certificate.get()) : name);
  X509_NAME_free(name);
  add_extension(x, NID_basic_constraints, authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  if (padding > 0) {
    add_extension(x, NID_netscape_comment, std::string(padding, 'x'));
  }
  require(X509_sign(x, issuer != nullptr ? issuer->key.get() : key, EVP_sha256()) > 0, "signing");
  return certificate;
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
