#include "core/openssl_ptr.h"

#include <openssl/err.h>

#include <cstring>

namespace dtls {

std::string take_openssl_reason() {
  const unsigned long error = ERR_peek_last_error();
  std::string reason;
  if (error != 0) {
    // A system error has no reason string of OpenSSL's own.
    const char* text =
        ERR_SYSTEM_ERROR(error) ? std::strerror(ERR_GET_REASON(error)) : ERR_reason_error_string(error);
    if (text != nullptr) {
      reason = text;
    } else {
      reason = "OpenSSL error " + std::to_string(error);
    }
  }
  ERR_clear_error();
  return reason;
}

}  // namespace dtls
