#include "net/uv_udp_socket.h"

#include "net/last_send.h"
#include "net/local_route.h"
#include "net/receive_buffer.h"
#include "net/socket_address.h"
#include "net/socket_options.h"
#include "net/system_error.h"
#include "net/uv_send.h"

namespace dtls {

namespace {

SystemSocket socket_of(const uv_udp_t* handle) {
  uv_os_fd_t descriptor{};
  uv_fileno(reinterpret_cast<const uv_handle_t*>(handle), &descriptor);
#ifdef _WIN32
  return reinterpret_cast<SystemSocket>(descriptor);
#else
  return descriptor;
#endif
}

}  // namespace

UvUdpSocket::UvUdpSocket(LoopContext& context, const BindOptions& options, User& user)
    : context_(context),
      family_(options.ipv6 ? AF_INET6 : AF_INET),
      user_(user),
      queue_([&user](const Refusal& refusal) { user.on_send_refused(refusal); }) {
  if (options.connect_peers) {
    throw SystemError(UV_ENOTSUP, "connect", "connect_peers");
  }
  if (options.capture_destination) {
    throw SystemError(UV_ENOTSUP, "recvmsg", "capture_destination");
  }
  const SocketAddress address = resolve(context.loop(), options.host, options.port, family_);
  const auto flags = static_cast<unsigned int>(family_) | UV_UDP_RECVMMSG;
  handle_ = UvHandle<uv_udp_t>(context.open_handles(), "socket", this, [&](uv_udp_t* handle) {
    return uv_udp_init_ex(context.loop(), handle, flags);
  });
  set_options_before_bind(socket_of(handle_.get()), family_, options);
  if (const int status = uv_udp_bind(handle_.get(), &address.any, 0); status < 0) {
    throw SystemError(status, "bind", bind_text(options));
  }
  set_buffer_sizes(options.receive_buffer, options.send_buffer);
  if (const int status = uv_udp_recv_start(handle_.get(), on_allocate, on_receive); status < 0) {
    throw SystemError(status, "recv");
  }
}

UvUdpSocket::~UvUdpSocket() {
  if (handle_) {
    uv_udp_recv_stop(handle_.get());
  }
}

void UvUdpSocket::on_allocate(uv_handle_t* handle, std::size_t /*suggested*/, uv_buf_t* buffer) {
  ReceiveBuffer& room = static_cast<UvUdpSocket*>(handle->data)->context_.receive_buffer();
  *buffer = uv_buf_init(room.data(), static_cast<unsigned int>(ReceiveBuffer::size));
}

void UvUdpSocket::on_receive(uv_udp_t* handle, ssize_t size, const uv_buf_t* buffer, const sockaddr* from,
                             unsigned int flags) {
  User& user = static_cast<UvUdpSocket*>(handle->data)->user_;
  if (size < 0) {
    user.on_receive_error(static_cast<int>(size));
  } else if (from == nullptr) {
    // UV_UDP_MMSG_FREE: all chunks have been handed out. Without it: nothing was there to read.
    user.on_batch_end();
  } else {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(buffer->base);
    user.on_datagram({bytes, static_cast<std::size_t>(size)}, from_socket_address(from),
                     (flags & UV_UDP_PARTIAL) != 0);
  }
}

void UvUdpSocket::send(const Outbox& outbox, std::vector<Refusal>& refused) {
  const auto& datagrams = outbox.list();
  std::size_t next = 0;
  // What came first leaves first: nothing overtakes the queue.
  if (queue_.empty()) {
    next = send_batches(handle_.get(), family_, outbox, 0, refused);
  }
  for (; next < datagrams.size(); ++next) {
    const OutgoingDatagram& datagram = datagrams[next];
    const int status = queue_.add(handle_.get(), outbox.bytes_of(datagram),
                                  to_socket_address(datagram.peer, family_), datagram.id);
    if (status < 0) {
      refused.push_back({datagram.id, status, datagram.length});
    }
  }
}

void UvUdpSocket::close(const Outbox& outbox, std::vector<Refusal>& refused) {
  // libuv goes on handing out the chunks of a recvmmsg to a handle that is merely closing.
  uv_udp_recv_stop(handle_.get());
  queue_.send_all_now(handle_.get());
  const auto send_from = [&](std::size_t next) {
    return send_batches(handle_.get(), family_, outbox, next, refused);
  };
  const auto wait = [&](int milliseconds) { wait_until_writable(handle_.get(), milliseconds); };
  send_last(outbox, send_from, wait, refused);
  handle_.close();
}

Address UvUdpSocket::local_address() const {
  SocketAddress address{};
  int size = sizeof address;
  const int status = uv_udp_getsockname(handle_.get(), &address.any, &size);
  if (status < 0) {
    throw SystemError(status, "getsockname");
  }
  return from_socket_address(&address.any);
}

Address UvUdpSocket::local_address_towards(const Address& peer) const {
  return route_towards(context_, local_address(), peer, family_);
}

BufferSizes UvUdpSocket::buffer_sizes() const {
  BufferSizes sizes;
  auto* handle = reinterpret_cast<uv_handle_t*>(handle_.get());
  // A size of 0 asks; it stays 0 where the system does not tell.
  uv_recv_buffer_size(handle, &sizes.receive);
  uv_send_buffer_size(handle, &sizes.send);
  return sizes;
}

void UvUdpSocket::set_buffer_sizes(int receive, int send) {
  auto* handle = reinterpret_cast<uv_handle_t*>(handle_.get());
  if (receive > 0) {
    uv_recv_buffer_size(handle, &receive);
  }
  if (send > 0) {
    uv_send_buffer_size(handle, &send);
  }
}

}  // namespace dtls
