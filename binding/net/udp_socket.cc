#include "net/udp_socket.h"

#include "net/linux_udp_socket.h"
#include "net/system_error.h"
#include "net/uv_udp_socket.h"

namespace dtls {

std::unique_ptr<UdpSocket> UdpSocket::open(LoopContext& context, const BindOptions& options, User& user) {
#ifdef __linux__
  if (options.path != SocketPath::uv) {
    return std::make_unique<LinuxUdpSocket>(context, options, user);
  }
#else
  if (options.path == SocketPath::linux_messages) {
    throw SystemError(UV_ENOTSUP, "socket", "path");
  }
#endif
  return std::make_unique<UvUdpSocket>(context, options, user);
}

}  // namespace dtls
