// Whole batches of datagrams by recvmmsg and sendmmsg, with the address of ours that a peer has reached
// (IP_PKTINFO, IPV6_RECVPKTINFO): answers leave from there.
#pragma once

#ifdef __linux__

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/address.h"
#include "core/bytes.h"
#include "core/outbox.h"
#include "net/socket_address.h"
#include "net/udp_socket.h"

namespace dtls {

// One serves all sockets of a loop: what a batch has brought is handled before the next one is read.
class MessageReceiver {
 public:
  static constexpr int batch_size = 64;

  struct Datagram {
    ByteView bytes;
    Address peer;
    bool truncated;
  };

  MessageReceiver();
  MessageReceiver(const MessageReceiver&) = delete;
  MessageReceiver& operator=(const MessageReceiver&) = delete;

  // Reads without waiting. How many came, at most batch_size; negative: libuv's error, UV_EAGAIN for none.
  int receive(int descriptor);
  // Of the last batch.
  Datagram at(int index);
  // What the socket had dropped in all when this one came; nothing if it has not dropped any.
  std::optional<std::uint32_t> drops_before(int index);

 private:
  // A datagram's first bytes lie side by side with those of its neighbours, where a cache finds them; what is
  // longer than a path's usual MTU goes on in a place of its own, which has room in front to put the two
  // together.
  static constexpr std::size_t slot_size = 2048;
  static constexpr std::size_t overflow_size = std::size_t{64} * 1024;

  std::uint8_t* slot(std::size_t index) { return slots_.get() + index * slot_size; }
  std::uint8_t* overflow(std::size_t index) { return overflow_.get() + index * overflow_size; }

  // Left uninitialized on purpose: of 4 MiB only the pages that datagrams touch become resident.
  std::unique_ptr<std::uint8_t[]> slots_;
  std::unique_ptr<std::uint8_t[]> overflow_;
  std::array<mmsghdr, batch_size> messages_{};
  std::array<std::array<iovec, 2>, batch_size> buffers_{};
  std::array<SocketAddress, batch_size> addresses_{};
  // Room for both families': an IPv6 socket tells the destinations of IPv4 datagrams in both forms.
  struct alignas(cmsghdr) Control {
    std::array<unsigned char, CMSG_SPACE(sizeof(in_pktinfo)) + CMSG_SPACE(sizeof(in6_pktinfo)) +
                                  CMSG_SPACE(sizeof(std::uint32_t))>
        bytes;
  };
  std::array<Control, batch_size> control_{};
};

// Where datagrams leave.
struct MessageOutlet {
  int descriptor;
  int family;
  bool connected;      // to the peer of all that leaves here
  bool queues_errors;  // of the network (IP_RECVERR)
};

// Sends the datagrams from `first` to before `end`, and returns up to which they are done with: taken, or
// refused for a reason of their own and added to `refused`. The next one, if that is not `end`, found the
// send buffer full.
std::size_t send_messages(const MessageOutlet& outlet, const Outbox& outbox, std::size_t first,
                          std::size_t end, std::vector<Refusal>& refused);

}  // namespace dtls

#endif
