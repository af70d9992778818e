// What the network says of datagrams that have left (ICMP, ICMPv6), as sockets with IP_RECVERR queue it.
// Anybody can forge it.
#pragma once

#ifdef __linux__

#include <cstddef>
#include <vector>

#include "core/address.h"

namespace dtls {

struct NetworkError {
  Address
      peer;  // to whom the datagram was sent, and from which address of ours, where packet information is on
  int status = 0;  // libuv's: negative
};

// IP_RECVERR, IPV6_RECVERR. Throws SystemError.
void queue_errors(int descriptor, int family);

// Adds what waits in the queue to `errors`, 16 messages at most; returns how many messages it has read. What
// the system says itself of a datagram that it refused is read and left out: sending has told.
std::size_t read_errors(int descriptor, std::vector<NetworkError>& errors);
constexpr std::size_t error_batch_size = 16;

// An errno that may be the reminder of an error in the queue: the next call to receive or send, whatever it
// is about, fails with it, once.
bool may_be_of_network(int error);

}  // namespace dtls

#endif
