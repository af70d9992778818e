#include "core/openssl_library.h"

#include <openssl/crypto.h>
#include <openssl/ssl.h>

#include <mutex>

namespace dtls {

std::string openssl_version() { return OpenSSL_version(OPENSSL_VERSION); }

std::string openssl_headers_version() { return OPENSSL_VERSION_TEXT; }

void initialize_openssl() {
  static std::once_flag once;
  std::call_once(once, [] {
    // Debian's libssl would read openssl.cnf, and OPENSSL_CONF is not ours to obey. Without the atexit
    // handler, threads that outlive main() find OpenSSL intact.
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, nullptr);
    OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
  });
}

}  // namespace dtls
