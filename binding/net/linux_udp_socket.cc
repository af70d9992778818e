#ifdef __linux__

#include "net/linux_udp_socket.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "net/last_send.h"
#include "net/linux_messages.h"
#include "net/local_route.h"
#include "net/socket_address.h"
#include "net/socket_options.h"
#include "net/system_error.h"

namespace dtls {

namespace {

// Batches of one turn of the loop; other handles have theirs then.
constexpr int most_batches = 4;

Address address_of(int descriptor) {
  SocketAddress address{};
  socklen_t size = sizeof address;
  if (getsockname(descriptor, &address.any, &size) != 0) {
    throw SystemError(uv_translate_sys_error(errno), "getsockname");
  }
  return from_socket_address(&address.any);
}

int option_of(int descriptor, int option) {
  int value = 0;
  socklen_t size = sizeof value;
  getsockopt(descriptor, SOL_SOCKET, option, &value, &size);
  return value;
}

}  // namespace

LinuxUdpSocket::LinuxUdpSocket(LoopContext& context, const BindOptions& options, User& user)
    : context_(context), options_(options), family_(options.ipv6 ? AF_INET6 : AF_INET), user_(user) {
  if (options.connect_peers && options.share_port) {
    throw SystemError(UV_ENOTSUP, "bind", "connect_peers");
  }
  const SocketAddress wanted = resolve(context.loop(), options.host, options.port, family_);
  tells_destinations_ = options.capture_destination || from_socket_address(&wanted.any).is_wildcard();
  auto descriptor = bind_descriptor(wanted, family_, options, tells_destinations_);
  if (options.connect_peers) {
    // Only now: that somebody else has the address was an error as ever.
    share_port(descriptor->number());
    options_.share_port = true;
  }
  local_ = address_of(descriptor->number());
  listener_ =
      std::make_unique<WatchedDescriptor>(context.loop(), context.open_handles(), std::move(descriptor), 0,
                                          static_cast<WatchedDescriptor::Watcher&>(*this));
}

LinuxUdpSocket::~LinuxUdpSocket() { *gone_ = true; }

// --- in

void LinuxUdpSocket::on_readable(WatchedDescriptor& from) {
  const ConnectionId id = from.id();
  MessageReceiver& receiver = context_.message_receiver();
  const std::shared_ptr<const bool> gone = gone_;
  for (int batches = 0; batches < most_batches; ++batches) {
    const int count = receiver.receive(from.number());
    if (count < 0 && may_be_of_network(-count)) {
      on_errors(from);
      continue;
    }
    if (count < 0) {
      if (count != UV_EAGAIN) {
        user_.on_receive_error(count);
      }
      break;
    }
    // The last one knows best. Before any is handed out: a connection's own socket may go with it.
    if (const auto drops = count > 0 ? receiver.drops_before(count - 1) : std::nullopt) {
      user_.on_kernel_drops(from.drops_since(*drops));
    }
    for (int i = 0; i < count && !*gone; ++i) {
      const MessageReceiver::Datagram datagram = receiver.at(i);
      user_.on_datagram(datagram.bytes, datagram.peer, datagram.truncated);
    }
    if (!*gone) {
      user_.on_batch_end();
    }
    // The connection's own socket may have gone with it.
    if (*gone || count < MessageReceiver::batch_size || id != 0) {
      break;
    }
  }
}

// The queue takes its room from the receive buffer: what is in it must not stay.
void LinuxUdpSocket::read_error_queue(int descriptor) {
  for (int batches = 0; batches < most_batches; ++batches) {
    if (read_errors(descriptor, errors_) < error_batch_size) {
      break;
    }
  }
}

void LinuxUdpSocket::on_errors(WatchedDescriptor& from) {
  read_error_queue(from.number());
  tell_errors();
}

void LinuxUdpSocket::tell_errors() {
  for (const NetworkError& error : errors_) {
    user_.on_network_error(error.peer, error.status);
  }
  errors_.clear();
}

// --- out

std::size_t LinuxUdpSocket::send_now(const Outbox& outbox, std::size_t first, std::vector<Refusal>& refused) {
  const MessageOutlet common{listener_->number(), family_, false, true};
  const auto& datagrams = outbox.list();
  if (peers_.empty()) {
    return send_messages(common, outbox, first, datagrams.size(), refused);
  }
  std::size_t next = first;
  while (next < datagrams.size()) {
    const int own = peers_.descriptor_of(datagrams[next].id);
    std::size_t end = next + 1;
    while (end < datagrams.size() && peers_.descriptor_of(datagrams[end].id) == own) {
      ++end;
    }
    if (own >= 0) {
      next = send_messages({own, family_, true, true}, outbox, next, end, refused);
    }
    // What finds a connection's own socket full leaves from the common one, which has the same address and is
    // watched when it is full too.
    next = send_messages(common, outbox, next, end, refused);
    if (next < end) {
      break;
    }
  }
  return next;
}

void LinuxUdpSocket::send(const Outbox& outbox, std::vector<Refusal>& refused) {
  const auto& datagrams = outbox.list();
  // What came first leaves first: nothing overtakes the queue.
  std::size_t next = queue_.empty() ? send_now(outbox, 0, refused) : 0;
  for (; next < datagrams.size(); ++next) {
    const OutgoingDatagram& datagram = datagrams[next];
    if (!queue_.add(datagram.peer, datagram.id, outbox.bytes_of(datagram))) {
      refused.push_back({datagram.id, UV_ENOBUFS, datagram.length});
    }
  }
  listener_->watch_writable(!queue_.empty());
}

void LinuxUdpSocket::on_writable() {
  std::vector<Refusal> refused;
  queue_.offer([&](const Outbox& batch) { return send_now(batch, 0, refused); });
  listener_->watch_writable(!queue_.empty());
  for (const Refusal& refusal : refused) {
    user_.on_send_refused(refusal);
  }
}

void LinuxUdpSocket::close(const Outbox& outbox, std::vector<Refusal>& refused) {
  std::vector<Refusal> of_queue;  // of what had been taken already: lost, as on any network
  queue_.offer([&](const Outbox& batch) { return send_now(batch, 0, of_queue); });
  const auto wait = [&](int milliseconds) {
    read_error_queue(listener_->number());  // or there is no waiting
    pollfd waiting{listener_->number(), POLLOUT, 0};
    poll(&waiting, 1, milliseconds);
  };
  send_last(outbox, [&](std::size_t next) { return send_now(outbox, next, refused); }, wait, refused);
  peers_.clear();
  listener_.reset();
}

// --- addresses, peers and buffers

Address LinuxUdpSocket::local_address_towards(const Address& peer) const {
  if (!peer.has_local()) {
    return route_towards(context_, local_, peer, family_);
  }
  Address local = peer.local();
  local.port = local_.port;
  return local;
}

void LinuxUdpSocket::connect_peer(const Address& peer, ConnectionId id) {
  if (!options_.connect_peers) {
    return;
  }
  const Address local = local_address_towards(peer);
  auto descriptor =
      bind_descriptor(to_socket_address(local, family_), family_, options_, tells_destinations_);
  const SocketAddress to = to_socket_address(peer, family_);
  if (connect(descriptor->number(), &to.any, socket_address_size(family_)) != 0) {
    throw SystemError(uv_translate_sys_error(errno), "connect", peer.text());
  }
  peers_.add(
      id, std::make_unique<WatchedDescriptor>(context_.loop(), context_.open_handles(), std::move(descriptor),
                                              id, static_cast<WatchedDescriptor::Watcher&>(*this)));
}

BufferSizes LinuxUdpSocket::buffer_sizes() const {
  return {option_of(listener_->number(), SO_RCVBUF), option_of(listener_->number(), SO_SNDBUF)};
}

void LinuxUdpSocket::set_buffer_sizes(int receive, int send) {
  options_.receive_buffer = receive > 0 ? receive : options_.receive_buffer;
  options_.send_buffer = send > 0 ? send : options_.send_buffer;
  set_descriptor_buffers(listener_->number(), receive, send);
  peers_.each([&](int descriptor) { set_descriptor_buffers(descriptor, receive, send); });
}

}  // namespace dtls

#endif
