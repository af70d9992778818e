// What protects the records of a cipher suite, by OpenSSL's name of it.
#pragma once

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

#include "core/openssl_ptr.h"
#include "core/protection_suite.h"

inline const dtls::ProtectionSuite& suite_of(const std::string& name, bool encrypt_then_mac = false) {
  const dtls::SslCtxPtr ctx(SSL_CTX_new(DTLS_method()));
  REQUIRE(SSL_CTX_set_cipher_list(ctx.get(), (name + ":@SECLEVEL=0").c_str()) == 1);
  const dtls::SslPtr ssl(SSL_new(ctx.get()));
  STACK_OF(SSL_CIPHER)* const ciphers = SSL_get_ciphers(ssl.get());
  for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); ++i) {
    const SSL_CIPHER* const cipher = sk_SSL_CIPHER_value(ciphers, i);
    if (name == SSL_CIPHER_get_name(cipher)) {
      return *dtls::ProtectionSuite::of(cipher, encrypt_then_mac);
    }
  }
  throw std::logic_error("no such suite: " + name);
}
