// A session in a context's cache, known by its id alone, so that it can be taken out after SSL is gone: a
// connection that ended by a fatal alert must not be resumed (RFC 5246 7.2.2). Tickets can't be called back.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <vector>

#include "core/security_context.h"

namespace dtls {

class ResumableSession {
 public:
  // Null if the session can't be in the cache.
  static std::unique_ptr<ResumableSession> of(SSL* ssl, std::shared_ptr<const SecurityContext> security);

  void forget() const;

 private:
  ResumableSession(std::shared_ptr<const SecurityContext> security, int version,
                   std::vector<unsigned char> id)
      : security_(std::move(security)), version_(version), id_(std::move(id)) {}

  std::shared_ptr<const SecurityContext> security_;
  int version_;
  std::vector<unsigned char> id_;
};

}  // namespace dtls
