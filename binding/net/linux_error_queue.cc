#ifdef __linux__

#include "net/linux_error_queue.h"

#include <linux/errqueue.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "net/packet_info.h"
#include "net/socket_address.h"
#include "net/socket_options.h"
#include "net/system_error.h"

namespace dtls {

namespace {

// The error and who has told it, packet information of both families, the count of drops.
struct alignas(cmsghdr) Control {
  std::array<unsigned char, CMSG_SPACE(sizeof(sock_extended_err) + sizeof(sockaddr_in6)) +
                                CMSG_SPACE(sizeof(in_pktinfo)) + CMSG_SPACE(sizeof(in6_pktinfo)) +
                                CMSG_SPACE(sizeof(std::uint32_t))>
      bytes;
};

std::optional<NetworkError> read_error(msghdr& header, const SocketAddress& sent_to) {
  NetworkError error{from_socket_address(&sent_to.any)};
  for (const cmsghdr* control = CMSG_FIRSTHDR(&header); control != nullptr;
       control = CMSG_NXTHDR(&header, const_cast<cmsghdr*>(control))) {
    const bool ipv4 = control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_RECVERR;
    const bool ipv6 = control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_RECVERR;
    if (!ipv4 && !ipv6) {
      read_reached_address(control, PacketKind::icmp, error.peer);
      continue;
    }
    sock_extended_err extended;
    std::memcpy(&extended, CMSG_DATA(control), sizeof extended);
    if (extended.ee_origin == SO_EE_ORIGIN_ICMP || extended.ee_origin == SO_EE_ORIGIN_ICMP6) {
      error.status = uv_translate_sys_error(static_cast<int>(extended.ee_errno));
    }
  }
  return error.status != 0 ? std::optional(error) : std::nullopt;
}

}  // namespace

void queue_errors(int descriptor, int family) {
  // For IPv4 peers of an IPv6 socket too.
  set_socket_option(descriptor, IPPROTO_IP, IP_RECVERR, 1, "IP_RECVERR");
  if (family == AF_INET6) {
    set_socket_option(descriptor, IPPROTO_IPV6, IPV6_RECVERR, 1, "IPV6_RECVERR");
  }
}

std::size_t read_errors(int descriptor, std::vector<NetworkError>& errors) {
  std::array<mmsghdr, error_batch_size> messages{};
  std::array<SocketAddress, error_batch_size> addresses;
  std::array<Control, error_batch_size> control;
  for (std::size_t i = 0; i < error_batch_size; ++i) {
    msghdr& header = messages[i].msg_hdr;
    header.msg_name = &addresses[i];
    header.msg_namelen = sizeof addresses[i];
    header.msg_control = control[i].bytes.data();
    header.msg_controllen = sizeof(Control);
  }
  const int count =
      recvmmsg(descriptor, messages.data(), error_batch_size, MSG_ERRQUEUE | MSG_DONTWAIT, nullptr);
  if (count <= 0) {
    return 0;
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    msghdr& header = messages[i].msg_hdr;
    if (header.msg_namelen == 0) {
      continue;
    }
    if (const auto error = read_error(header, addresses[i])) {
      errors.push_back(*error);
    }
  }
  return static_cast<std::size_t>(count);
}

// What icmp(7) and ICMPv6 messages become.
bool may_be_of_network(int error) {
  switch (error) {
    case ECONNREFUSED:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EHOSTDOWN:
    case ENONET:
    case ENOPROTOOPT:
    case EOPNOTSUPP:
    case EPROTO:
    case EACCES:
    case EMSGSIZE:
      return true;
    default:
      return false;
  }
}

}  // namespace dtls

#endif
