// What OpenSSL's errors and alerts mean for a handshake or a connection.
#pragma once

#include "core/alert.h"
#include "core/fault.h"

namespace dtls {

// Sorts OpenSSL's error queue, which is emptied, and the alerts of the step that failed. `otherwise` is what
// a failure is that has no name of its own.
Failure openssl_failure(AlertMessage received, AlertMessage sent, Fault otherwise);

}  // namespace dtls
