#include "core/legacy_context.h"

#include <openssl/crypto.h>
#include <openssl/err.h>

namespace dtls {

LegacyContext::LegacyContext() : context_(OSSL_LIB_CTX_new()) {
  if (context_ != nullptr) {
    default_ = OSSL_PROVIDER_load(context_, "default");
    legacy_ = OSSL_PROVIDER_load(context_, "legacy");
  }
  ERR_clear_error();
}

LegacyContext::~LegacyContext() {
  if (legacy_ != nullptr) {
    OSSL_PROVIDER_unload(legacy_);
  }
  if (default_ != nullptr) {
    OSSL_PROVIDER_unload(default_);
  }
  OSSL_LIB_CTX_free(context_);
}

}  // namespace dtls
