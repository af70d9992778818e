#include "net/uv_send.h"

#ifndef _WIN32
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#endif

#include "net/linux_messages.h"
#include "net/system_error.h"

namespace dtls {

#ifndef _WIN32

namespace {

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
      return is_send_buffer_full(errno) ? UV_EAGAIN : uv_translate_sys_error(errno);
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

std::size_t send_batches(uv_udp_t* socket, int family, const Outbox& outbox, std::size_t first,
                         std::vector<Refusal>& refused) {
  const MessageOutlet outlet{descriptor_of(socket), family, false, false};
  return send_messages(outlet, outbox, first, outbox.list().size(), refused);
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
