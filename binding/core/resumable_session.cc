#include "core/resumable_session.h"

#include <openssl/err.h>

#include <utility>

namespace dtls {

std::unique_ptr<ResumableSession> ResumableSession::of(SSL* ssl,
                                                       std::shared_ptr<const SecurityContext> security) {
  unsigned int size = 0;
  const unsigned char* id = SSL_SESSION_get_id(SSL_get0_session(ssl), &size);
  // With a ticket in the making OpenSSL gives no id.
  if (!security->caches_sessions() || size == 0) {
    return nullptr;
  }
  return std::unique_ptr<ResumableSession>(
      new ResumableSession(std::move(security), SSL_version(ssl), std::vector<unsigned char>(id, id + size)));
}

void ResumableSession::forget() const {
  // The cache compares version and id.
  const SslSessionPtr alike(SSL_SESSION_new());
  if (alike && SSL_SESSION_set_protocol_version(alike.get(), version_) == 1 &&
      SSL_SESSION_set1_id(alike.get(), id_.data(), static_cast<unsigned int>(id_.size())) == 1) {
    SSL_CTX_remove_session(security_->get(), alike.get());
  }
  ERR_clear_error();
}

}  // namespace dtls
