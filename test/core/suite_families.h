// One cipher suite for each way of protecting records.
#pragma once

#include <string>
#include <vector>

#include "network_test.h"

struct Family {
  const char* suite;
  bool encrypt_then_mac;
  bool detaches;
  bool has_forgery_limit;
};

inline const std::vector<Family> families = {
    {"ECDHE-ECDSA-AES128-GCM-SHA256", true, true, true}, {"ECDHE-ECDSA-AES256-GCM-SHA384", true, true, true},
    {"ECDHE-ECDSA-CHACHA20-POLY1305", true, true, true}, {"ECDHE-ECDSA-AES128-CCM", true, true, true},
    {"ECDHE-ECDSA-AES256-CCM", true, true, true},        {"ECDHE-ECDSA-AES128-CCM8", true, true, false},
    {"ECDHE-ECDSA-AES128-SHA", true, true, false},       {"ECDHE-ECDSA-AES128-SHA256", true, true, false},
    {"ECDHE-ECDSA-AES256-SHA384", true, true, false},    {"ECDHE-ECDSA-AES128-SHA256", false, false, false},
};

inline std::shared_ptr<const dtls::SecurityContext> every_suite(bool resumption = false) {
  simulation::ContextOptions options;
  options.cipher_list = "ECDHE+AES:ECDHE+CHACHA20:@SECLEVEL=0";
  options.resumption = resumption;
  return simulation::server_context(simulation::plain_identity(), options);
}

inline ClientOptions client_of(const Family& family) {
  ClientOptions options;
  options.cipher_list = std::string(family.suite) + ":@SECLEVEL=0";
  options.encrypt_then_mac = family.encrypt_then_mac;
  return options;
}
