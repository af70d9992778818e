// Sending through libuv's UDP handle and past its queue: without waiting, 64 datagrams with one sendmmsg
// under Linux and one by one elsewhere; or at the end, after waiting.
#pragma once

#include <uv.h>

#include <cstddef>
#include <vector>

#include "core/bytes.h"
#include "core/outbox.h"
#include "net/socket_address.h"
#include "net/udp_socket.h"

namespace dtls {

// Sends from the datagram `first` on, and returns up to which they are done with: taken, or refused for a
// reason of their own and added to `refused`. The next one, if there is one, found the send buffer full.
std::size_t send_batches(uv_udp_t* socket, int family, const Outbox& outbox, std::size_t first,
                         std::vector<Refusal>& refused);

// Blocks the thread until the socket takes datagrams again, or the time is over. For a socket that is being
// closed, whose last words would be lost otherwise.
void wait_until_writable(uv_udp_t* socket, int milliseconds);

// 0, or libuv's error number; UV_EAGAIN when the send buffer is full.
int send_one(uv_udp_t* socket, ByteView datagram, const SocketAddress& to);

}  // namespace dtls
