#include "core/alert.h"

namespace dtls::alert {

// clang-format off
const char* name(int description) {
  switch (description) {
    case 0: return "close_notify";
    case 10: return "unexpected_message";
    case 20: return "bad_record_mac";
    case 21: return "decryption_failed";
    case 22: return "record_overflow";
    case 30: return "decompression_failure";
    case 40: return "handshake_failure";
    case 41: return "no_certificate";
    case 42: return "bad_certificate";
    case 43: return "unsupported_certificate";
    case 44: return "certificate_revoked";
    case 45: return "certificate_expired";
    case 46: return "certificate_unknown";
    case 47: return "illegal_parameter";
    case 48: return "unknown_ca";
    case 49: return "access_denied";
    case 50: return "decode_error";
    case 51: return "decrypt_error";
    case 52: return "too_many_cids_requested";  // RFC 9147
    case 60: return "export_restriction";
    case 70: return "protocol_version";
    case 71: return "insufficient_security";
    case 80: return "internal_error";
    case 86: return "inappropriate_fallback";  // RFC 7507
    case 90: return "user_canceled";
    case 100: return "no_renegotiation";
    case 109: return "missing_extension";  // RFC 8446
    case 110: return "unsupported_extension";
    case 111: return "certificate_unobtainable";  // RFC 6066, as are 112 to 114
    case 112: return "unrecognized_name";
    case 113: return "bad_certificate_status_response";
    case 114: return "bad_certificate_hash_value";
    case 115: return "unknown_psk_identity";     // RFC 4279
    case 116: return "certificate_required";     // RFC 8446
    case 120: return "no_application_protocol";  // RFC 7301
    default: return "unknown";
  }
}
// clang-format on

}  // namespace dtls::alert
