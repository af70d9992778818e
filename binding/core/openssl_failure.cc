#include "core/openssl_failure.h"

#include <openssl/err.h>
#include <openssl/sslerr.h>

namespace dtls {

Failure openssl_failure(AlertMessage received, AlertMessage sent, Fault otherwise) {
  // The oldest entry of libssl is the cause; the ones after it are its consequences.
  unsigned long cause = 0;
  while (const unsigned long entry = ERR_get_error()) {
    if (cause == 0 || (ERR_GET_LIB(cause) != ERR_LIB_SSL && ERR_GET_LIB(entry) == ERR_LIB_SSL)) {
      cause = entry;
    }
  }
  Failure failure;
  const char* text = cause == 0 ? nullptr : ERR_reason_error_string(cause);
  failure.reason = text ? text : "";
  if (received.present() && received.is_fatal()) {
    failure.fault = Fault::fatal_alert;
    failure.alert = received.description;
    return failure;
  }
  failure.alert = sent.description;
  failure.fault = otherwise;
  if (ERR_GET_LIB(cause) != ERR_LIB_SSL) {
    if (cause != 0 && !sent.present()) {
      failure.fault = Fault::internal;
    }
    return failure;
  }
  switch (ERR_GET_REASON(cause)) {
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_VERSION_TOO_LOW:
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_WRONG_SSL_VERSION:
    case SSL_R_UNKNOWN_PROTOCOL:
    case SSL_R_NO_SHARED_CIPHER:
    case SSL_R_NO_SHARED_GROUPS:
    case SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS:
    case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
    case SSL_R_UNSUPPORTED_ELLIPTIC_CURVE:
    case SSL_R_WRONG_CURVE:
    case SSL_R_WRONG_SIGNATURE_TYPE:
      failure.fault = Fault::unsupported;
      break;
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
      failure.fault = Fault::certificate_refused;
      break;
    case SSL_R_UNEXPECTED_MESSAGE:
    case SSL_R_UNEXPECTED_RECORD:
    case SSL_R_CCS_RECEIVED_EARLY:
      failure.fault = Fault::unexpected_message;
      break;
    case ERR_R_MALLOC_FAILURE:
    case ERR_R_INTERNAL_ERROR:
      failure.fault = Fault::internal;
      break;
    default:
      break;
  }
  return failure;
}

}  // namespace dtls
