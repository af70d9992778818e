// Alert descriptions (RFC 5246 7.2, RFC 6066, RFC 7301).
#pragma once

#include <cstdint>
#include <string>

namespace dtls::alert {

enum Level : std::uint8_t { warning = 1, fatal = 2 };

enum Description : std::uint8_t {
  close_notify = 0,
  unexpected_message = 10,
  handshake_failure = 40,
  bad_certificate = 42,
  certificate_expired = 45,
  unknown_ca = 48,
  access_denied = 49,
  protocol_version = 70,
  internal_error = 80,
  user_canceled = 90,
  no_renegotiation = 100,
};

// "handshake_failure" for 40; "unknown" for what no RFC names.
const char* name(int description);

}  // namespace dtls::alert

namespace dtls {

// An alert that was sent or received, or none.
struct AlertMessage {
  int level = -1;
  int description = -1;

  bool present() const { return description >= 0; }
  bool is_fatal() const { return level == alert::fatal; }
  bool is_close_notify() const { return description == alert::close_notify; }
  bool is_ignorable() const { return level == alert::warning && !is_close_notify(); }
  // "fatal handshake_failure"
  std::string text() const {
    return std::string(is_fatal() ? "fatal " : "warning ") + alert::name(description);
  }
};

}  // namespace dtls
