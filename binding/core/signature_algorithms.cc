#include "core/signature_algorithms.h"

#include <openssl/evp.h>
#include <openssl/objects.h>

#include <algorithm>

namespace dtls {

namespace {

// RSASSA-PSS in TLS has no others (RFC 8446 4.2.3).
bool has_pss(const std::string& digest) {
  return digest == "SHA256" || digest == "SHA384" || digest == "SHA512";
}

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

}  // namespace

SignatureAlgorithms::SignatureAlgorithms(const std::string& list) {
  for (std::size_t at = 0; at < list.size();) {
    const std::size_t end = std::min(list.find(':', at), list.size());
    const std::string word = list.substr(at, end - at);
    at = end + 1;
    const std::size_t plus = std::min(word.find('+'), word.size());
    algorithms_.push_back({word.substr(0, plus), plus < word.size() ? word.substr(plus + 1) : ""});
  }
}

bool SignatureAlgorithms::restrict(SSL_CTX* ctx) const {
  if (algorithms_.empty()) {
    return true;
  }
  std::string list;
  for (const Algorithm& algorithm : algorithms_) {
    list += list.empty() ? "" : ":";
    list += algorithm.digest.empty() ? algorithm.key : algorithm.key + '+' + algorithm.digest;
    if (algorithm.key == "RSA" && has_pss(algorithm.digest)) {
      const std::string digest = lower_case(algorithm.digest);
      list += ":rsa_pss_rsae_" + digest;
      list += ":rsa_pss_pss_" + digest;
    }
  }
  return SSL_CTX_set1_sigalgs_list(ctx, list.c_str()) == 1;
}

bool SignatureAlgorithms::may_sign_with(const EVP_PKEY* key, int security_level) const {
  if (algorithms_.empty()) {
    return true;
  }
  return std::any_of(algorithms_.begin(), algorithms_.end(), [&](const Algorithm& algorithm) {
    // From level 1 on OpenSSL lets nobody sign with SHA-1.
    if (algorithm.digest == "SHA1" && security_level > 0) {
      return false;
    }
    if (EVP_PKEY_is_a(key, "RSA-PSS") == 1) {
      return algorithm.key == "RSA" && has_pss(algorithm.digest);
    }
    return (EVP_PKEY_is_a(key, "EC") == 1 && algorithm.key == "ECDSA") ||
           (EVP_PKEY_is_a(key, "RSA") == 1 && algorithm.key == "RSA") ||
           (EVP_PKEY_is_a(key, "DSA") == 1 && algorithm.key == "DSA") ||
           (EVP_PKEY_is_a(key, "ED25519") == 1 && algorithm.key == "ed25519") ||
           (EVP_PKEY_is_a(key, "ED448") == 1 && algorithm.key == "ed448");
  });
}

bool SignatureAlgorithms::allow(X509* certificate) const {
  if (algorithms_.empty()) {
    return true;
  }
  int digest = NID_undef;
  int key = NID_undef;
  X509_get_signature_info(certificate, &digest, &key, nullptr, nullptr);
  switch (key) {
    case EVP_PKEY_EC:
      return any("ECDSA", OBJ_nid2sn(digest));
    case EVP_PKEY_RSA:
    case EVP_PKEY_RSA_PSS:
      return any("RSA", OBJ_nid2sn(digest));
    case EVP_PKEY_DSA:
      return any("DSA", OBJ_nid2sn(digest));
    case EVP_PKEY_ED25519:
      return any("ed25519", "");
    case EVP_PKEY_ED448:
      return any("ed448", "");
    default:
      return false;
  }
}

bool SignatureAlgorithms::any(const std::string& key, const std::string& digest) const {
  return std::any_of(algorithms_.begin(), algorithms_.end(), [&](const Algorithm& algorithm) {
    return algorithm.key == key && algorithm.digest == digest;
  });
}

}  // namespace dtls
