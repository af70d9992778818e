// A library context of its own with OpenSSL's legacy provider, for files of old Windows and Java: RC2-40 and
// single DES are in no other. Nothing else in the process sees it.
#pragma once

#include <openssl/provider.h>
#include <openssl/types.h>

namespace dtls {

class LegacyContext {
 public:
  LegacyContext();
  ~LegacyContext();
  LegacyContext(const LegacyContext&) = delete;
  LegacyContext& operator=(const LegacyContext&) = delete;

  OSSL_LIB_CTX* get() const { return available() ? context_ : nullptr; }
  bool available() const { return default_ != nullptr && legacy_ != nullptr; }

 private:
  OSSL_LIB_CTX* context_;
  OSSL_PROVIDER* default_ = nullptr;
  OSSL_PROVIDER* legacy_ = nullptr;
};

}  // namespace dtls
