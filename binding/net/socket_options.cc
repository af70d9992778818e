#ifdef __APPLE__
#define __APPLE_USE_RFC_3542  // IPV6_DONTFRAG and IPV6_TCLASS
#endif

#include "net/socket_options.h"

#ifndef _WIN32
#include <netinet/in.h>
#include <netinet/ip.h>
#include <sys/socket.h>

#include <cerrno>
#endif

#include "net/system_error.h"

namespace dtls {

void set_socket_option(SystemSocket socket, int level, int option, int value, const char* what) {
#ifdef _WIN32
  const bool done =
      setsockopt(socket, level, option, reinterpret_cast<const char*>(&value), sizeof value) == 0;
  const int error = WSAGetLastError();
#else
  const bool done = setsockopt(socket, level, option, &value, sizeof value) == 0;
  const int error = errno;
#endif
  if (!done) {
    throw SystemError(uv_translate_sys_error(error), "setsockopt", what);
  }
}

namespace {

// Path MTU discovery that never fragments here: what does not fit is refused with EMSGSIZE (ip(7)). IPv4
// peers of an IPv6 socket go by the IPv4 option.
void forbid_fragments(SystemSocket socket, int family) {
#ifdef __linux__
  set_socket_option(socket, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO, "IP_MTU_DISCOVER");
  if (family == AF_INET6) {
    set_socket_option(socket, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DO, "IPV6_MTU_DISCOVER");
  }
#elif defined(IP_DONTFRAG)
  if (family == AF_INET6) {
    set_socket_option(socket, IPPROTO_IPV6, IPV6_DONTFRAG, 1, "IPV6_DONTFRAG");
  } else {
    set_socket_option(socket, IPPROTO_IP, IP_DONTFRAG, 1, "IP_DONTFRAG");
  }
#else
  static_cast<void>(socket);
  static_cast<void>(family);
  throw SystemError(UV_ENOTSUP, "setsockopt", "dont_fragment");
#endif
}

// Windows ignores IP_TOS without a word; only qWAVE marks there.
void set_traffic_class(SystemSocket socket, int family, int traffic_class) {
#ifdef _WIN32
  static_cast<void>(socket);
  static_cast<void>(family);
  static_cast<void>(traffic_class);
  throw SystemError(UV_ENOTSUP, "setsockopt", "traffic_class");
#else
  set_socket_option(socket, IPPROTO_IP, IP_TOS, traffic_class, "IP_TOS");
  if (family == AF_INET6) {
    set_socket_option(socket, IPPROTO_IPV6, IPV6_TCLASS, traffic_class, "IPV6_TCLASS");
  }
#endif
}

}  // namespace

void set_options_before_bind(SystemSocket socket, int family, const BindOptions& options) {
  if (family == AF_INET6) {
    set_socket_option(socket, IPPROTO_IPV6, IPV6_V6ONLY, 0, "IPV6_V6ONLY");
  }
  if (options.share_port) {
    share_port(socket);
  }
  if (options.dont_fragment) {
    forbid_fragments(socket, family);
  }
  if (options.traffic_class != 0) {
    set_traffic_class(socket, family, options.traffic_class);
  }
}

void share_port(SystemSocket socket) {
#if defined(SO_REUSEPORT) && !defined(_WIN32)
  set_socket_option(socket, SOL_SOCKET, SO_REUSEPORT, 1, "SO_REUSEPORT");
#else
  static_cast<void>(socket);
  throw SystemError(UV_ENOTSUP, "setsockopt", "share_port");
#endif
}

#ifdef __linux__
void receive_drop_counts(SystemSocket socket) {
  set_socket_option(socket, SOL_SOCKET, SO_RXQ_OVFL, 1, "SO_RXQ_OVFL");
}

void receive_destinations(SystemSocket socket, int family) {
  if (family == AF_INET6) {
    set_socket_option(socket, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1, "IPV6_RECVPKTINFO");
  }
  // For IPv4 peers of an IPv6 socket too: the IPv6 option tells a broadcast address as it is.
  set_socket_option(socket, IPPROTO_IP, IP_PKTINFO, 1, "IP_PKTINFO");
}
#endif

std::string bind_text(const BindOptions& options) {
  const std::string host = options.host.empty() ? (options.ipv6 ? "::" : "0.0.0.0") : options.host;
  return host + ":" + std::to_string(options.port);
}

}  // namespace dtls
