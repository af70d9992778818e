#include "core/cipher_suites.h"

#include <openssl/err.h>
#include <openssl/objects.h>

#include <map>

#include "core/openssl_ptr.h"

namespace dtls {

// The documented suites with forward secrecy and AEAD first, and ChaCha20 among them, which the reference
// does not list and every modern client offers. Without SSL_OP_... for 3DES, PSK, SRP or anonymous suites.
const char* const default_cipher_list =
    "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:DHE+CHACHA20:ECDHE+AES:DHE+AES:RSA+AESGCM:RSA+AES:"
    "!aNULL:!eNULL:!PSK:!SRP:!AESCCM";

namespace {

// OpenSSL 3.0 takes its own names only.
std::string openssl_syntax(const std::string& list) {
  std::string translated;
  for (std::size_t at = 0; at <= list.size();) {
    const std::size_t end = std::min(list.find(':', at), list.size());
    const std::string word = list.substr(at, end - at);
    at = end + 1;
    const bool is_iana_name = word.rfind("TLS_", 0) == 0;
    const std::string name = is_iana_name ? OPENSSL_cipher_name(word.c_str()) : word;
    if (name != "(NONE)") {
      translated += translated.empty() ? name : ':' + name;
    }
  }
  return translated;
}

// The 1.3 suites, which stand in every list, name no key exchange.
bool is_for_tls12(const SSL_CIPHER* suite) { return SSL_CIPHER_get_kx_nid(suite) != NID_kx_any; }

bool is_wanted(const SSL_CIPHER* suite, const CipherSuiteChoice& choice) {
  return is_for_tls12(suite) && SSL_CIPHER_get_bits(suite, nullptr) >= choice.minimum_strength &&
         (choice.ecdhe || SSL_CIPHER_get_kx_nid(suite) != NID_kx_ecdhe);
}

template <typename Visit>
void each_suite(const SSL_CTX* ctx, Visit visit) {
  const STACK_OF(SSL_CIPHER)* const suites = SSL_CTX_get_ciphers(ctx);
  for (int i = 0; i < sk_SSL_CIPHER_num(suites); ++i) {
    visit(sk_SSL_CIPHER_value(suites, i));
  }
}

// No OpenSSL so far (4.0 included) serves DTLS 1.2 with Ed25519, Ed448 and RSA-PSS keys, though TLS 1.2 it
// does: every handshake would end with "no shared cipher".
bool authenticates_with(const SSL_CIPHER* suite, const EVP_PKEY* key) {
  switch (SSL_CIPHER_get_auth_nid(suite)) {
    case NID_auth_rsa:
      return EVP_PKEY_is_a(key, "RSA") == 1;
    case NID_auth_ecdsa:
      return EVP_PKEY_is_a(key, "EC") == 1;
    case NID_auth_dss:
      return EVP_PKEY_is_a(key, "DSA") == 1;
    default:
      return true;
  }
}

std::map<std::uint16_t, const SSL_CIPHER*> every_suite() {
  std::map<std::uint16_t, const SSL_CIPHER*> suites;
  const SslCtxPtr ctx(SSL_CTX_new(DTLS_server_method()));
  if (ctx && SSL_CTX_set_cipher_list(ctx.get(), "ALL:COMPLEMENTOFALL:@SECLEVEL=0") == 1) {
    each_suite(ctx.get(),
               [&](const SSL_CIPHER* suite) { suites.emplace(SSL_CIPHER_get_protocol_id(suite), suite); });
  }
  ERR_clear_error();
  return suites;
}

}  // namespace

bool offer_cipher_suites(SSL_CTX* ctx, const CipherSuiteChoice& choice) {
  const std::string list = openssl_syntax(choice.list.empty() ? default_cipher_list : choice.list);
  if (list.empty() || SSL_CTX_set_cipher_list(ctx, list.c_str()) != 1) {
    return false;
  }
  std::string wanted;
  each_suite(ctx, [&](const SSL_CIPHER* suite) {
    if (is_wanted(suite, choice)) {
      wanted += SSL_CIPHER_get_name(suite);
      wanted += ':';
    }
  });
  return !wanted.empty() && SSL_CTX_set_cipher_list(ctx, wanted.c_str()) == 1;
}

bool any_suite_serves(const SSL_CTX* ctx, const EVP_PKEY* key, const SignatureAlgorithms& signatures) {
  const int level = SSL_CTX_get_security_level(ctx);
  const bool has_1_2 = SSL_CTX_get_max_proto_version(const_cast<SSL_CTX*>(ctx)) == DTLS1_2_VERSION;
  bool serves = false;
  each_suite(ctx, [&](const SSL_CIPHER* suite) {
    const bool signs = SSL_CIPHER_get_kx_nid(suite) != NID_kx_rsa;
    const bool is_older = std::string(SSL_CIPHER_get_version(suite)) != "TLSv1.2";
    serves = serves || (is_for_tls12(suite) && (has_1_2 || is_older) && authenticates_with(suite, key) &&
                        (!signs || !has_1_2 || signatures.may_sign_with(key, level)));
  });
  return serves;
}

const SSL_CIPHER* cipher_suite(std::uint16_t number) {
  // Never freed: a thread may outlive main().
  static const auto& suites = *new std::map<std::uint16_t, const SSL_CIPHER*>(every_suite());
  const auto found = suites.find(number);
  return found == suites.end() ? nullptr : found->second;
}

}  // namespace dtls
