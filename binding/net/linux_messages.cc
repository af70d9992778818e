#ifdef __linux__

#include "net/linux_messages.h"

#include <netinet/in.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "net/linux_error_queue.h"
#include "net/packet_info.h"
#include "net/system_error.h"

namespace dtls {

// --- in -----------------------------------------------------------------------------------------------

MessageReceiver::MessageReceiver()
    : slots_(new std::uint8_t[slot_size * batch_size]),
      overflow_(new std::uint8_t[overflow_size * batch_size]) {
  for (std::size_t i = 0; i < batch_size; ++i) {
    buffers_[i][0] = {slot(i), slot_size};
    buffers_[i][1] = {overflow(i) + slot_size, overflow_size - slot_size};
    msghdr& header = messages_[i].msg_hdr;
    header.msg_name = &addresses_[i];
    header.msg_iov = buffers_[i].data();
    header.msg_iovlen = buffers_[i].size();
    header.msg_control = control_[i].bytes.data();
  }
}

int MessageReceiver::receive(int descriptor) {
  for (mmsghdr& message : messages_) {
    message.msg_hdr.msg_namelen = sizeof(SocketAddress);
    message.msg_hdr.msg_controllen = sizeof(Control);
    message.msg_hdr.msg_flags = 0;
  }
  for (;;) {
    const int count = recvmmsg(descriptor, messages_.data(), batch_size, MSG_DONTWAIT, nullptr);
    if (count >= 0) {
      return count;
    }
    if (errno != EINTR) {
      return uv_translate_sys_error(errno);
    }
  }
}

MessageReceiver::Datagram MessageReceiver::at(int index) {
  const auto i = static_cast<std::size_t>(index);
  mmsghdr& message = messages_[i];
  const std::size_t length = message.msg_len;
  const std::uint8_t* bytes = slot(i);
  if (length > slot_size) {
    std::memcpy(overflow(i), slot(i), slot_size);
    bytes = overflow(i);
  }
  Datagram datagram{
      {bytes, length}, from_socket_address(&addresses_[i].any), (message.msg_hdr.msg_flags & MSG_TRUNC) != 0};
  for (const cmsghdr* control = CMSG_FIRSTHDR(&message.msg_hdr); control != nullptr;
       control = CMSG_NXTHDR(&message.msg_hdr, const_cast<cmsghdr*>(control))) {
    read_reached_address(control, PacketKind::datagram, datagram.peer);
  }
  return datagram;
}

std::optional<std::uint32_t> MessageReceiver::drops_before(int index) {
  msghdr& header = messages_[static_cast<std::size_t>(index)].msg_hdr;
  for (const cmsghdr* control = CMSG_FIRSTHDR(&header); control != nullptr;
       control = CMSG_NXTHDR(&header, const_cast<cmsghdr*>(control))) {
    if (control->cmsg_level == SOL_SOCKET && control->cmsg_type == SO_RXQ_OVFL) {
      std::uint32_t drops = 0;
      std::memcpy(&drops, CMSG_DATA(control), sizeof drops);
      return drops;
    }
  }
  return std::nullopt;
}

// --- out ----------------------------------------------------------------------------------------------

namespace {

constexpr std::size_t out_batch_size = 64;

// What sendmmsg wants to have. Filled anew for each batch; 11 KiB of stack.
class OutgoingBatch {
 public:
  explicit OutgoingBatch(const MessageOutlet& outlet) : outlet_(outlet) {}

  void set(std::size_t index, ByteView datagram, const Address& peer) {
    buffers_[index] = {const_cast<std::uint8_t*>(datagram.data()), datagram.size()};
    msghdr& header = messages_[index].msg_hdr;
    header = {};
    header.msg_iov = &buffers_[index];
    header.msg_iovlen = 1;
    if (outlet_.connected) {
      return;
    }
    addresses_[index] = to_socket_address(peer, outlet_.family);
    header.msg_name = &addresses_[index];
    header.msg_namelen = socket_address_size(outlet_.family);
    if (peer.has_local()) {
      set_source(header, control_[index].bytes.data(), peer);
    }
  }

  int send(std::size_t from, std::size_t count) {
    return sendmmsg(outlet_.descriptor, messages_.data() + from, static_cast<unsigned int>(count - from), 0);
  }

 private:
  void set_source(msghdr& header, unsigned char* room, const Address& peer) {
    std::memset(room, 0, sizeof(Control));
    header.msg_control = room;
    header.msg_controllen = sizeof(Control);
    cmsghdr* control = CMSG_FIRSTHDR(&header);
    if (outlet_.family == AF_INET) {
      in_pktinfo info{};
      std::memcpy(&info.ipi_spec_dst, peer.local_ip.data() + 12, sizeof info.ipi_spec_dst);
      finish(header, control, IPPROTO_IP, IP_PKTINFO, info);
    } else {
      in6_pktinfo info{};
      std::memcpy(&info.ipi6_addr, peer.local_ip.data(), peer.local_ip.size());
      // A link-local source means something on its link only (RFC 4007 6).
      info.ipi6_ifindex = peer.local_scope_id;
      finish(header, control, IPPROTO_IPV6, IPV6_PKTINFO, info);
    }
  }

  template <typename Info>
  static void finish(msghdr& header, cmsghdr* control, int level, int type, const Info& info) {
    control->cmsg_level = level;
    control->cmsg_type = type;
    control->cmsg_len = CMSG_LEN(sizeof info);
    std::memcpy(CMSG_DATA(control), &info, sizeof info);
    header.msg_controllen = CMSG_SPACE(sizeof info);
  }

  struct alignas(cmsghdr) Control {
    std::array<unsigned char, CMSG_SPACE(sizeof(in6_pktinfo))> bytes;
  };

  const MessageOutlet outlet_;
  std::array<mmsghdr, out_batch_size> messages_;
  std::array<iovec, out_batch_size> buffers_;
  std::array<SocketAddress, out_batch_size> addresses_;
  std::array<Control, out_batch_size> control_;
};

// What the network says of datagrams that have left is told in place of sending another: the call fails, has
// sent nothing, and takes the error of the socket with it. Reading the queue of errors would bring the next
// one up. So what fails again and again at once fails for a reason of its own, unless lies come faster than
// one in each system call.
constexpr int most_attempts = 16;

}  // namespace

std::size_t send_messages(const MessageOutlet& outlet, const Outbox& outbox, std::size_t first,
                          std::size_t end, std::vector<Refusal>& refused) {
  const auto& datagrams = outbox.list();
  OutgoingBatch batch(outlet);
  std::size_t done = first;
  int attempts = 0;  // to send the next one
  while (done < end) {
    const std::size_t count = std::min(out_batch_size, end - done);
    for (std::size_t i = 0; i < count; ++i) {
      const OutgoingDatagram& datagram = datagrams[done + i];
      batch.set(i, outbox.bytes_of(datagram), datagram.peer);
    }
    std::size_t sent = 0;
    while (sent < count) {
      const int result = batch.send(sent, count);
      const int error = result > 0 ? 0 : errno;
      if (result > 0) {
        sent += static_cast<std::size_t>(result);
        attempts = 0;
      } else if (error == EINTR) {
        continue;
      } else if (error == ENOBUFS && outlet.queues_errors) {
        // The device's queue was full, or a filter of it has dropped the datagram for good. Without
        // IP_RECVERR udp(7) would not even say so: it is lost, as on any network.
        ++sent;
        attempts = 0;
      } else if (is_send_buffer_full(error)) {
        return done + sent;
      } else if (outlet.queues_errors && may_be_of_network(error) && ++attempts < most_attempts) {
        continue;
      } else {
        // An error is reported only when it concerns the first message of a call: this one, and no other.
        const OutgoingDatagram& datagram = datagrams[done + sent];
        refused.push_back({datagram.id, uv_translate_sys_error(error), datagram.length});
        ++sent;
        attempts = 0;
      }
    }
    done += count;
  }
  return done;
}

}  // namespace dtls

#endif
