// The signature algorithms that are allowed: in our key exchange, in what we ask clients for, and in the
// chains of their certificates (RFC 5246 7.4.1.4.1).
#pragma once

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <string>
#include <vector>

namespace dtls {

class SignatureAlgorithms {
 public:
  // OpenSSL's syntax, "ECDSA+SHA256:RSA+SHA512:ed25519", in the order of preference; "RSA+..." stands for
  // RSASSA-PSS as well. "" restricts nothing.
  explicit SignatureAlgorithms(const std::string& list);

  // False if OpenSSL knows one of them not.
  bool restrict(SSL_CTX* ctx) const;
  // Whether a key of ours can sign with one of them, at this security level of OpenSSL's.
  bool may_sign_with(const EVP_PKEY* key, int security_level) const;
  // Whether the signature in the certificate was made with one of them.
  bool allow(X509* certificate) const;

 private:
  struct Algorithm {
    std::string key;     // "ECDSA", "RSA", "DSA"; "ed25519" and "ed448" have no hash to choose
    std::string digest;  // "SHA256"
  };

  bool any(const std::string& key, const std::string& digest) const;

  std::vector<Algorithm> algorithms_;
};

}  // namespace dtls
