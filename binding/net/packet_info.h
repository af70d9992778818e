// Packet information (IP_PKTINFO, IPV6_PKTINFO): which address of ours a packet has reached.
#pragma once

#ifdef __linux__

#include <sys/socket.h>

#include "core/address.h"

namespace dtls {

enum class PacketKind { datagram, icmp };

// Sets the local half of `peer`, if this control message tells it.
void read_reached_address(const cmsghdr* control, PacketKind kind, Address& peer);

}  // namespace dtls

#endif
