#include "net/batch_send.h"

#ifndef _WIN32
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#endif

#include <algorithm>
#include <array>

namespace dtls {

#ifndef _WIN32

namespace {

// A full send buffer, or a full queue of the network device (which Linux reports only now and then).
bool is_full(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS; }

int descriptor_of(const uv_udp_t* socket) {
  uv_os_fd_t descriptor = -1;
  uv_fileno(reinterpret_cast<const uv_handle_t*>(socket), &descriptor);
  return descriptor;
}

}  // namespace

int send_one(uv_udp_t* socket, ByteView datagram, const SocketAddress& to) {
  for (;;) {
    const ssize_t sent = sendto(descriptor_of(socket), datagram.data(), datagram.size(), 0, &to.any,
                                socket_address_size(to.any.sa_family));
    if (sent >= 0) {
      return 0;
    }
    if (errno != EINTR) {
      return is_full(errno) ? UV_EAGAIN : uv_translate_sys_error(errno);
    }
  }
}

void wait_until_writable(uv_udp_t* socket, int milliseconds) {
  pollfd waiting{descriptor_of(socket), POLLOUT, 0};
  poll(&waiting, 1, milliseconds);
}

#else

void wait_until_writable(uv_udp_t* /*socket*/, int milliseconds) {
  uv_sleep(static_cast<unsigned int>(milliseconds));
}

int send_one(uv_udp_t* socket, ByteView datagram, const SocketAddress& to) {
  auto* bytes = const_cast<char*>(reinterpret_cast<const char*>(datagram.data()));
  const uv_buf_t buffer = uv_buf_init(bytes, static_cast<unsigned int>(datagram.size()));
  const int sent = uv_udp_try_send(socket, &buffer, 1, &to.any);
  return sent < 0 ? sent : 0;
}

#endif

#ifdef __linux__

namespace {

constexpr std::size_t batch_size = 64;

// What sendmmsg wants to have. Filled anew for each batch; 7 KiB of stack.
struct MessageBatch {
  std::array<mmsghdr, batch_size> messages;
  std::array<iovec, batch_size> buffers;
  std::array<SocketAddress, batch_size> addresses;

  void set(std::size_t index, ByteView datagram, const Address& peer, int family) {
    addresses[index] = to_socket_address(peer, family);
    buffers[index] = {const_cast<std::uint8_t*>(datagram.data()), datagram.size()};
    mmsghdr& message = messages[index];
    message = {};
    message.msg_hdr.msg_name = &addresses[index];
    message.msg_hdr.msg_namelen = socket_address_size(family);
    message.msg_hdr.msg_iov = &buffers[index];
    message.msg_hdr.msg_iovlen = 1;
  }
};

}  // namespace

std::size_t send_batches(uv_udp_t* socket, int family, const Outbox& outbox, std::size_t first,
                         std::vector<Refusal>& refused) {
  const auto& datagrams = outbox.list();
  const int descriptor = descriptor_of(socket);
  MessageBatch batch;
  std::size_t done = first;
  while (done < datagrams.size()) {
    const std::size_t count = std::min(batch_size, datagrams.size() - done);
    for (std::size_t i = 0; i < count; ++i) {
      const OutgoingDatagram& datagram = datagrams[done + i];
      batch.set(i, outbox.bytes_of(datagram), datagram.peer, family);
    }
    std::size_t sent = 0;
    while (sent < count) {
      const int result =
          sendmmsg(descriptor, batch.messages.data() + sent, static_cast<unsigned int>(count - sent), 0);
      if (result > 0) {
        sent += static_cast<std::size_t>(result);
      } else if (errno == EINTR) {
        continue;
      } else if (is_full(errno)) {
        return done + sent;
      } else {
        // An error is reported only when it concerns the first message of a call: this one, and no other.
        const OutgoingDatagram& datagram = datagrams[done + sent];
        refused.push_back({datagram.id, uv_translate_sys_error(errno), datagram.length});
        ++sent;
      }
    }
    done += count;
  }
  return done;
}

#else

std::size_t send_batches(uv_udp_t* socket, int family, const Outbox& outbox, std::size_t first,
                         std::vector<Refusal>& refused) {
  const auto& datagrams = outbox.list();
  for (std::size_t done = first; done < datagrams.size(); ++done) {
    const OutgoingDatagram& datagram = datagrams[done];
    const int status = send_one(socket, outbox.bytes_of(datagram), to_socket_address(datagram.peer, family));
    if (status == UV_EAGAIN) {
      return done;
    }
    if (status < 0) {
      refused.push_back({datagram.id, status, datagram.length});
    }
  }
  return datagrams.size();
}

#endif

}  // namespace dtls
