// An error of the system, in libuv's numbers and Node's names.
#pragma once

#include <stdexcept>
#include <string>

namespace dtls {

// "EADDRINUSE". A name that does not resolve is ENOTFOUND, as in Node, whatever the resolver calls it.
const char* error_code(int status);
// "EHOSTUNREACH: host is unreachable".
std::string error_text(int status);

#ifndef _WIN32
// An errno of sending: a full send buffer, or a full queue of the network device (which Linux reports only
// now and then).
bool is_send_buffer_full(int error);
#endif

// `what()` is made like Node's: "bind EADDRINUSE 127.0.0.1:4433".
class SystemError : public std::runtime_error {
 public:
  SystemError(int error_status, const char* failed_syscall, const std::string& detail = {});

  const int status;           // libuv's: negative
  const char* const syscall;  // a literal
};

}  // namespace dtls
