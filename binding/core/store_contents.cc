#include "core/store_contents.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <climits>
#include <string>

#include "core/legacy_context.h"

namespace dtls {

SecretBytes read_der_key(ByteView bytes, ByteView password) {
  if (bytes.size() > INT_MAX) {
    return {};
  }
  const unsigned char* at = bytes.data();
  const X509SigPtr encrypted(d2i_X509_SIG(nullptr, &at, static_cast<long>(bytes.size())));
  if (encrypted && at == bytes.end()) {
    return pkcs8_der(decrypt_pkcs8(encrypted.get(), password).get());
  }

  at = bytes.data();
  const EvpPkeyPtr key(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(bytes.size())));
  ERR_clear_error();
  if (!key || at != bytes.end()) {
    return {};
  }
  return pkcs8_der(key.get());
}

Pkcs8InfoPtr decrypt_pkcs8(const X509_SIG* encrypted, ByteView password) {
  const char* const text = reinterpret_cast<const char*>(password.data());
  const int size = static_cast<int>(password.size());
  Pkcs8InfoPtr key(PKCS8_decrypt(encrypted, text, size));
  if (!key && take_unsupported_algorithm()) {
    const LegacyContext legacy;
    if (!legacy.available()) {
      throw key_needs_legacy();
    }
    key.reset(PKCS8_decrypt_ex(encrypted, text, size, legacy.get(), nullptr));
    if (!key && take_unsupported_algorithm()) {
      throw StoreError(StoreProblem::unreadable,
                       "the private key is encrypted with an algorithm that this OpenSSL does not have");
    }
  }
  ERR_clear_error();
  if (key) {
    return key;
  }
  throw StoreError(StoreProblem::wrong_password, password.empty()
                                                     ? "the private key is encrypted and no password is given"
                                                     : "the password of the private key is wrong");
}

StoreError key_needs_legacy() {
  return {StoreProblem::unreadable,
          "the private key is encrypted with an old algorithm that needs OpenSSL's legacy provider, which is "
          "not installed; encrypt it anew with \"openssl pkcs8 -topk8 -v2 aes256\""};
}

bool take_unsupported_algorithm() {
  bool unsupported = false;
  while (const unsigned long error = ERR_get_error()) {
    const int reason = ERR_GET_REASON(error);
    if (reason == ERR_R_UNSUPPORTED) {
      unsupported = true;
    }
    if (ERR_GET_LIB(error) != ERR_LIB_EVP) {
      continue;
    }
    switch (reason) {
      case EVP_R_UNSUPPORTED_ALGORITHM:
      case EVP_R_UNKNOWN_PBE_ALGORITHM:
      case EVP_R_UNKNOWN_CIPHER:
      case EVP_R_UNSUPPORTED_CIPHER:
      case EVP_R_UNSUPPORTED_PRF:
      case EVP_R_UNSUPPORTED_KEY_DERIVATION_FUNCTION:
        unsupported = true;
        break;
      default:
        break;
    }
  }
  return unsupported;
}

SecretBytes pkcs8_der(const PKCS8_PRIV_KEY_INFO* key) {
  unsigned char* der = nullptr;
  const int length = i2d_PKCS8_PRIV_KEY_INFO(key, &der);
  if (length < 0) {
    throw StoreError(StoreProblem::unreadable, "cannot encode a private key: " + take_openssl_reason());
  }
  SecretBytes bytes(std::vector<std::uint8_t>(der, der + length));
  OPENSSL_clear_free(der, static_cast<std::size_t>(length));
  return bytes;
}

SecretBytes pkcs8_der(const EVP_PKEY* key) {
  const Pkcs8InfoPtr info(EVP_PKEY2PKCS8(key));
  if (!info) {
    throw StoreError(StoreProblem::unreadable, "cannot encode a private key: " + take_openssl_reason());
  }
  return pkcs8_der(info.get());
}

EvpPkeyPtr decode_key(ByteView pkcs8) {
  const unsigned char* at = pkcs8.data();
  const Pkcs8InfoPtr info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(pkcs8.size())));
  return EvpPkeyPtr(info ? EVP_PKCS82PKEY(info.get()) : nullptr);
}

}  // namespace dtls
