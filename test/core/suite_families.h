// Cipher suites for each way of protecting records.
#pragma once

#include <openssl/err.h>

#include <algorithm>
#include <string>
#include <vector>

#include "network_test.h"

struct Family {
  std::string suite;
  bool encrypt_then_mac;
  bool detaches;
  bool has_forgery_limit;

  bool delivers_empty_records() const { return detaches || openssl_reads_empty_records; }
  std::string name() const { return encrypt_then_mac ? suite : suite + " without encrypt-then-MAC"; }
};

inline const Family aes_gcm = {"ECDHE-ECDSA-AES128-GCM-SHA256", true, true, true};
inline const Family chacha20_poly1305 = {"ECDHE-ECDSA-CHACHA20-POLY1305", true, true, true};
inline const Family ccm_8 = {"ECDHE-ECDSA-AES128-CCM8", true, true, false};
inline const Family encrypt_then_mac = {"ECDHE-ECDSA-AES128-SHA256", true, true, false};
inline const Family mac_then_encrypt = {"ECDHE-ECDSA-AES128-SHA256", false, false, false};

// One of each kind, for tests that multiply.
inline const std::vector<Family> kinds = {aes_gcm, chacha20_poly1305, ccm_8, encrypt_then_mac,
                                          mac_then_encrypt};

// Some ciphers can be left out of OpenSSL.
inline bool is_available(const Family& family) {
  const dtls::SslCtxPtr context(SSL_CTX_new(DTLS_method()));
  const bool available = SSL_CTX_set_cipher_list(context.get(), family.suite.c_str()) == 1;
  ERR_clear_error();
  return available;
}

// All that this OpenSSL has.
inline const std::vector<Family>& families() {
  static const std::vector<Family> available = [] {
    std::vector<Family> all = {
        aes_gcm,
        {"ECDHE-ECDSA-AES256-GCM-SHA384", true, true, true},
        {"ECDHE-ECDSA-ARIA128-GCM-SHA256", true, true, true},
        {"ECDHE-ECDSA-ARIA256-GCM-SHA384", true, true, true},
        chacha20_poly1305,
        {"ECDHE-ECDSA-AES128-CCM", true, true, true},
        {"ECDHE-ECDSA-AES256-CCM", true, true, true},
        ccm_8,
        {"ECDHE-ECDSA-AES256-CCM8", true, true, false},
        {"ECDHE-ECDSA-AES128-SHA", true, true, false},
        encrypt_then_mac,
        {"ECDHE-ECDSA-AES256-SHA384", true, true, false},
        {"ECDHE-ECDSA-CAMELLIA128-SHA256", true, true, false},
        {"ECDHE-ECDSA-AES128-SHA", false, false, false},
        {"ECDHE-ECDSA-AES256-SHA384", false, false, false},
        mac_then_encrypt,
    };
    all.erase(std::remove_if(all.begin(), all.end(), [](const Family& one) { return !is_available(one); }),
              all.end());
    return all;
  }();
  return available;
}

inline std::shared_ptr<const dtls::SecurityContext> every_suite(bool resumption = false,
                                                                bool client_certificates = false) {
  simulation::ContextOptions options;
  options.cipher_list = "ECDHE+ECDSA:!eNULL:@SECLEVEL=0";
  options.resumption = resumption;
  options.request_client_certificate = client_certificates;
  return simulation::server_context(simulation::plain_identity(), options);
}

inline ClientOptions client_of(const Family& family) {
  ClientOptions options;
  options.cipher_list = family.suite + ":@SECLEVEL=0";
  options.encrypt_then_mac = family.encrypt_then_mac;
  return options;
}
