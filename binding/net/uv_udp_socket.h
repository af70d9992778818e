// The portable path: libuv's UDP handle. It reads by recvmmsg where the system has that, and does not tell at
// which of our addresses a peer has reached us.
#pragma once

#include <uv.h>

#include <memory>
#include <vector>

#include "net/loop_context.h"
#include "net/udp_socket.h"
#include "net/uv_handle.h"
#include "net/uv_outgoing_queue.h"

namespace dtls {

class UvUdpSocket final : public UdpSocket {
 public:
  UvUdpSocket(LoopContext& context, const BindOptions& options, User& user);
  ~UvUdpSocket() override;

  void send(const Outbox& outbox, std::vector<Refusal>& refused) override;
  bool blocked() const override { return queue_.full(); }
  void close(const Outbox& outbox, std::vector<Refusal>& refused) override;
  Address local_address() const override;
  Address local_address_towards(const Address& peer) const override;
  BufferSizes buffer_sizes() const override;
  void set_buffer_sizes(int receive, int send) override;

 private:
  static void on_allocate(uv_handle_t* handle, std::size_t suggested, uv_buf_t* buffer);
  static void on_receive(uv_udp_t* handle, ssize_t size, const uv_buf_t* buffer, const sockaddr* from,
                         unsigned int flags);

  LoopContext& context_;
  const int family_;
  User& user_;
  UvHandle<uv_udp_t> handle_;
  UvOutgoingQueue queue_;
};

}  // namespace dtls
