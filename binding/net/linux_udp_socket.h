// Linux's path: recvmmsg and sendmmsg on a descriptor of ours, watched by libuv's poll handle. Bound to a
// wildcard, it tells at which of our addresses a peer has reached us and answers from there; and it may give
// each connection a socket of its own (connected_sockets.h).
#pragma once

#ifdef __linux__

#include <uv.h>

#include <memory>
#include <vector>

#include "net/connected_sockets.h"
#include "net/datagram_queue.h"
#include "net/linux_descriptor.h"
#include "net/linux_error_queue.h"
#include "net/loop_context.h"
#include "net/udp_socket.h"

namespace dtls {

class LinuxUdpSocket final : public UdpSocket, private WatchedDescriptor::Watcher {
 public:
  LinuxUdpSocket(LoopContext& context, const BindOptions& options, User& user);
  ~LinuxUdpSocket() override;

  void send(const Outbox& outbox, std::vector<Refusal>& refused) override;
  bool blocked() const override { return queue_.full(); }
  void close(const Outbox& outbox, std::vector<Refusal>& refused) override;
  Address local_address() const override { return local_; }
  Address local_address_towards(const Address& peer) const override;
  BufferSizes buffer_sizes() const override;
  void set_buffer_sizes(int receive, int send) override;
  void connect_peer(const Address& peer, ConnectionId id) override;
  void disconnect_peer(ConnectionId id) override { peers_.remove(id); }

 private:
  void on_readable(WatchedDescriptor& from) override;
  void on_writable() override;
  void on_errors(WatchedDescriptor& from) override;
  void read_error_queue(int descriptor);
  void tell_errors();
  std::size_t send_now(const Outbox& outbox, std::size_t first, std::vector<Refusal>& refused);

  LoopContext& context_;
  BindOptions options_;  // for the sockets to come
  const int family_;
  UdpSocket::User& user_;
  bool tells_destinations_ = false;
  Address local_;
  std::unique_ptr<WatchedDescriptor> listener_;
  ConnectedSockets peers_;
  DatagramQueue queue_;
  std::vector<NetworkError> errors_;                                  // still to be told
  const std::shared_ptr<bool> gone_ = std::make_shared<bool>(false);  // a user who is called may destroy us
};

}  // namespace dtls

#endif
