#include "net/socket_address.h"

#include <cstring>
#include <memory>

#include "net/system_error.h"

namespace dtls {

namespace {

constexpr std::size_t mapped_prefix_size = 12;

struct FreeAddressInfo {
  void operator()(addrinfo* info) const { uv_freeaddrinfo(info); }
};

SocketAddress resolve_name(uv_loop_t* loop, const std::string& name, int family) {
  addrinfo hints{};
  hints.ai_family = family;
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = family == AF_INET6 ? AI_V4MAPPED : 0;
  uv_getaddrinfo_t request{};
  // Without a callback libuv resolves here and now.
  const int status = uv_getaddrinfo(loop, &request, nullptr, name.c_str(), nullptr, &hints);
  const std::unique_ptr<addrinfo, FreeAddressInfo> found(request.addrinfo);
  if (status < 0) {
    throw SystemError(status, "getaddrinfo", name);
  }
  SocketAddress address{};
  std::memcpy(&address, found->ai_addr, socket_address_size(family));
  return address;
}

}  // namespace

Address from_socket_address(const sockaddr* from) {
  Address address;
  if (from->sa_family == AF_INET) {
    sockaddr_in ipv4;
    std::memcpy(&ipv4, from, sizeof ipv4);
    address.ip[10] = 0xff;
    address.ip[11] = 0xff;
    std::memcpy(address.ip.data() + mapped_prefix_size, &ipv4.sin_addr, sizeof ipv4.sin_addr);
    address.port = ntohs(ipv4.sin_port);
  } else {
    sockaddr_in6 ipv6;
    std::memcpy(&ipv6, from, sizeof ipv6);
    std::memcpy(address.ip.data(), &ipv6.sin6_addr, sizeof ipv6.sin6_addr);
    address.port = ntohs(ipv6.sin6_port);
    address.scope_id = ipv6.sin6_scope_id;
  }
  return address;
}

SocketAddress to_socket_address(const Address& from, int family) {
  SocketAddress address{};
  if (family == AF_INET) {
    address.ipv4.sin_family = AF_INET;
    address.ipv4.sin_port = htons(from.port);
    std::memcpy(&address.ipv4.sin_addr, from.ip.data() + mapped_prefix_size, sizeof address.ipv4.sin_addr);
  } else {
    address.ipv6.sin6_family = AF_INET6;
    address.ipv6.sin6_port = htons(from.port);
    address.ipv6.sin6_scope_id = from.scope_id;
    std::memcpy(&address.ipv6.sin6_addr, from.ip.data(), sizeof address.ipv6.sin6_addr);
  }
  return address;
}

unsigned int socket_address_size(int family) {
  return family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
}

SocketAddress resolve(uv_loop_t* loop, const std::string& host, std::uint16_t port, int family) {
  SocketAddress address{};
  if (host.find('\0') != std::string::npos) {
    throw SystemError(UV_EINVAL, "getaddrinfo", "host holds a NUL character");
  }
  if (host.empty()) {
    // All-zero is the wildcard of both families.
    address.any.sa_family = static_cast<decltype(address.any.sa_family)>(family);
  } else if (family == AF_INET && uv_ip6_addr(host.c_str(), port, &address.ipv6) == 0) {
    throw SystemError(UV_EAFNOSUPPORT, "bind", host);
  } else {
    address = resolve_name(loop, host, family);
  }
  if (family == AF_INET) {
    address.ipv4.sin_port = htons(port);
  } else {
    address.ipv6.sin6_port = htons(port);
  }
  return address;
}

}  // namespace dtls
