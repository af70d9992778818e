#include "net/system_error.h"

#include <uv.h>

#include <cerrno>

namespace dtls {

namespace {

std::string message_of(int status, const char* syscall, const std::string& detail) {
  std::string message = std::string(syscall) + " " + error_code(status);
  if (!detail.empty()) {
    message += " " + detail;
  }
  return message;
}

}  // namespace

const char* error_code(int status) {
  switch (status) {
    case UV_EAI_NONAME:
    case UV_EAI_NODATA:
    case UV_EAI_ADDRFAMILY:
      return "ENOTFOUND";
    default:
      return uv_err_name(status);
  }
}

std::string error_text(int status) { return std::string(error_code(status)) + ": " + uv_strerror(status); }

#ifndef _WIN32
bool is_send_buffer_full(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS; }
#endif

SystemError::SystemError(int error_status, const char* failed_syscall, const std::string& detail)
    : std::runtime_error(message_of(error_status, failed_syscall, detail)),
      status(error_status),
      syscall(failed_syscall) {}

}  // namespace dtls
