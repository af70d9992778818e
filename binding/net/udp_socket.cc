#include "net/udp_socket.h"

#include <algorithm>

#include "net/batch_send.h"
#include "net/system_error.h"

namespace dtls {

namespace {

// Whether an IPv6 socket is dual stack is the system's default (net.ipv6.bindv6only), which libuv leaves.
void allow_ipv4(uv_udp_t* socket) {
  uv_os_fd_t descriptor{};
  if (uv_fileno(reinterpret_cast<const uv_handle_t*>(socket), &descriptor) < 0) {
    return;
  }
  const int off = 0;
#ifdef _WIN32
  setsockopt(reinterpret_cast<SOCKET>(descriptor), IPPROTO_IPV6, IPV6_V6ONLY,
             reinterpret_cast<const char*>(&off), sizeof off);
#else
  setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
#endif
}

}  // namespace

UdpSocket::UdpSocket(uv_loop_t* loop, std::shared_ptr<OpenHandles> open_handles,
                     ReceiveBuffer& receive_buffer, const BindOptions& options, User& user)
    : loop_(loop),
      open_handles_(std::move(open_handles)),
      family_(options.ipv6 ? AF_INET6 : AF_INET),
      receive_buffer_(receive_buffer),
      user_(user),
      queue_([&user](const Refusal& refusal) { user.on_send_refused(refusal); }) {
  const SocketAddress address = resolve(loop, options.host, options.port, family_);
  const auto flags = static_cast<unsigned int>(family_) | UV_UDP_RECVMMSG;
  handle_ = UvHandle<uv_udp_t>(open_handles_, "socket", this,
                               [&](uv_udp_t* handle) { return uv_udp_init_ex(loop, handle, flags); });
  if (options.ipv6) {
    allow_ipv4(handle_.get());
  }
  if (const int status = uv_udp_bind(handle_.get(), &address.any, 0); status < 0) {
    const std::string host = options.host.empty() ? (options.ipv6 ? "::" : "0.0.0.0") : options.host;
    throw SystemError(status, "bind", host + ":" + std::to_string(options.port));
  }
  set_buffer_sizes(options.receive_buffer, options.send_buffer);
  if (const int status = uv_udp_recv_start(handle_.get(), on_allocate, on_receive); status < 0) {
    throw SystemError(status, "recv");
  }
}

UdpSocket::~UdpSocket() {
  if (handle_) {
    uv_udp_recv_stop(handle_.get());
  }
}

void UdpSocket::on_allocate(uv_handle_t* handle, std::size_t /*suggested*/, uv_buf_t* buffer) {
  auto* socket = static_cast<UdpSocket*>(handle->data);
  *buffer = uv_buf_init(socket->receive_buffer_.data(), static_cast<unsigned int>(ReceiveBuffer::size));
}

void UdpSocket::on_receive(uv_udp_t* handle, ssize_t size, const uv_buf_t* buffer, const sockaddr* from,
                           unsigned int flags) {
  User& user = static_cast<UdpSocket*>(handle->data)->user_;
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

void UdpSocket::send(const Outbox& outbox, std::vector<Refusal>& refused) {
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

void UdpSocket::close(const Outbox& outbox, std::vector<Refusal>& refused) {
  // libuv goes on handing out the chunks of a recvmmsg to a handle that is merely closing.
  uv_udp_recv_stop(handle_.get());
  queue_.send_all_now(handle_.get());
  const auto& datagrams = outbox.list();
  std::size_t next = send_batches(handle_.get(), family_, outbox, 0, refused);
  // A close_notify to each of thousands overruns the send buffer; a network drains it within milliseconds.
  constexpr int most_waits = 20;
  constexpr int wait_ms = 10;
  for (int waits = 0; next < datagrams.size() && waits < most_waits; ++waits) {
    wait_until_writable(handle_.get(), wait_ms);
    next = send_batches(handle_.get(), family_, outbox, next, refused);
  }
  for (; next < datagrams.size(); ++next) {
    refused.push_back({datagrams[next].id, UV_EAGAIN, datagrams[next].length});
  }
  handle_.close();
}

Address UdpSocket::local_address() const {
  SocketAddress address{};
  int size = sizeof address;
  const int status = uv_udp_getsockname(handle_.get(), &address.any, &size);
  if (status < 0) {
    throw SystemError(status, "getsockname");
  }
  return from_socket_address(&address.any);
}

Address UdpSocket::local_address_towards(const Address& peer) const {
  Address local = local_address();
  // ::ffff:0.0.0.0 and :: are the wildcards.
  const std::size_t first = local.is_ipv4() ? 12 : 0;
  const bool wildcard =
      std::all_of(local.ip.begin() + first, local.ip.end(), [](std::uint8_t byte) { return byte == 0; });
  if (!wildcard) {
    return local;
  }
  // Connecting a UDP socket sends nothing; it makes the system choose the route.
  const UvHandle<uv_udp_t> probe(open_handles_, "socket", nullptr, [this](uv_udp_t* handle) {
    return uv_udp_init_ex(loop_, handle, static_cast<unsigned int>(family_));
  });
  const SocketAddress to = to_socket_address(peer, family_);
  SocketAddress chosen{};
  int size = sizeof chosen;
  if (uv_udp_connect(probe.get(), &to.any) < 0 || uv_udp_getsockname(probe.get(), &chosen.any, &size) < 0) {
    return local;  // no route to the peer any more
  }
  const std::uint16_t port = local.port;
  local = from_socket_address(&chosen.any);
  local.port = port;
  return local;
}

BufferSizes UdpSocket::buffer_sizes() const {
  BufferSizes sizes;
  auto* handle = reinterpret_cast<uv_handle_t*>(handle_.get());
  // A size of 0 asks; it stays 0 where the system does not tell.
  uv_recv_buffer_size(handle, &sizes.receive);
  uv_send_buffer_size(handle, &sizes.send);
  return sizes;
}

void UdpSocket::set_buffer_sizes(int receive, int send) {
  auto* handle = reinterpret_cast<uv_handle_t*>(handle_.get());
  if (receive > 0) {
    uv_recv_buffer_size(handle, &receive);
  }
  if (send > 0) {
    uv_send_buffer_size(handle, &send);
  }
}

}  // namespace dtls
