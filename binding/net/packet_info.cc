#ifdef __linux__

#include "net/packet_info.h"

#include <netinet/in.h>

#include <array>
#include <cstdint>
#include <cstring>

namespace dtls {

void read_reached_address(const cmsghdr* control, PacketKind kind, Address& peer) {
  Address ours;
  if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO) {
    in_pktinfo info;
    std::memcpy(&info, CMSG_DATA(control), sizeof info);
    // ipi_addr is no address of ours where a datagram was sent to a group or to all. The kernel fills in
    // ipi_spec_dst for datagrams alone; an ICMP packet has reached us where the datagram it is about left.
    const in_addr& reached = kind == PacketKind::datagram ? info.ipi_spec_dst : info.ipi_addr;
    std::array<std::uint8_t, 4> ip;
    std::memcpy(ip.data(), &reached, ip.size());
    ours = Address::ipv4(ip[0], ip[1], ip[2], ip[3]);
  } else if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_PKTINFO) {
    in6_pktinfo info;
    std::memcpy(&info, CMSG_DATA(control), sizeof info);
    const bool may_be_of_many =
        IN6_IS_ADDR_MULTICAST(&info.ipi6_addr) || IN6_IS_ADDR_V4MAPPED(&info.ipi6_addr);
    if (kind == PacketKind::datagram && may_be_of_many) {
      return;
    }
    std::memcpy(ours.ip.data(), &info.ipi6_addr, ours.ip.size());
    ours.scope_id = ours.is_link_local() ? info.ipi6_ifindex : 0;
  }
  if (!ours.is_wildcard()) {
    peer.set_local(ours);
  }
}

}  // namespace dtls

#endif
