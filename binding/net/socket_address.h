// Between the core's addresses and the system's.
#pragma once

#include <uv.h>

#include <string>

#include "core/address.h"

namespace dtls {

// A sockaddr of either family. Not sockaddr_storage: a batch keeps 64 of them on the stack.
union SocketAddress {
  sockaddr any;
  sockaddr_in ipv4;
  sockaddr_in6 ipv6;
};

Address from_socket_address(const sockaddr* from);

// In the form that a socket of `family` sends to: AF_INET takes IPv4 peers alone, AF_INET6 takes them mapped
// (RFC 4291 2.5.5.2).
SocketAddress to_socket_address(const Address& from, int family);

unsigned int socket_address_size(int family);

// The address to bind: an IP literal or a name, resolved synchronously; "" is the wildcard. On an IPv6 socket
// an IPv4 host gives its mapped form. Throws SystemError: EAFNOSUPPORT for an IPv6 literal on an IPv4 socket,
// ENOTFOUND or the resolver's for names.
SocketAddress resolve(uv_loop_t* loop, const std::string& host, std::uint16_t port, int family);

}  // namespace dtls
