// Socket options that libuv has no call for.
#pragma once

#include <uv.h>

#include <string>

#include "net/udp_socket.h"

namespace dtls {

using SystemSocket = uv_os_sock_t;

// setsockopt. Throws SystemError with `what`, the option's name.
void set_socket_option(SystemSocket socket, int level, int option, int value, const char* what);

// What BindOptions asks for beside the address and the buffers: port sharing, fragmentation, traffic class,
// and dual stack, whose default is the system's (net.ipv6.bindv6only). These throw SystemError: ENOTSUP where
// this system has not what is asked for, and the option's name.
void set_options_before_bind(SystemSocket socket, int family, const BindOptions& options);

// SO_REUSEPORT. Set after bind, it lets others in who ask for it, though nobody was there before.
void share_port(SystemSocket socket);

#ifdef __linux__
// The system tells with each datagram how many have found the receive buffer full so far.
void receive_drop_counts(SystemSocket socket);
// The system tells with each datagram to which of our addresses it was sent. Before bind: it does not know
// this of a datagram that has come earlier.
void receive_destinations(SystemSocket socket, int family);
#endif

// "0.0.0.0:4433": what could not be bound.
std::string bind_text(const BindOptions& options);

}  // namespace dtls
