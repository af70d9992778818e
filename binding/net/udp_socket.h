// A bound UDP socket on libuv: whole batches in (recvmmsg), whole batches out (sendmmsg under Linux).
//
// What the kernel does not take at once waits in a bounded queue (outgoing_queue.h) until the socket is
// writable.
#pragma once

#include <uv.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "core/address.h"
#include "core/bytes.h"
#include "core/outbox.h"
#include "net/outgoing_queue.h"
#include "net/receive_buffer.h"
#include "net/socket_address.h"
#include "net/uv_handle.h"

namespace dtls {

struct BindOptions {
  std::string host;  // an IP literal or a name, resolved synchronously; "" binds all interfaces of the family
  std::uint16_t port = 0;
  bool ipv6 = false;       // dual stack: IPv4 peers come too, unless the host is an IPv6 address
  int receive_buffer = 0;  // SO_RCVBUF, SO_SNDBUF; 0 leaves the system's
  int send_buffer = 0;
};

struct BufferSizes {
  int receive = 0;
  int send = 0;
};

class UdpSocket {
 public:
  class User {
   public:
    // The user may destroy the socket in any of these.
    virtual void on_datagram(ByteView datagram, const Address& peer, bool truncated) = 0;
    // No datagram is waiting, or libuv has handed out what one system call brought. Where there is no
    // recvmmsg, a busy socket may not call this before the loop turns.
    virtual void on_batch_end() = 0;
    virtual void on_receive_error(int status) = 0;
    // A datagram that was queued earlier has failed.
    virtual void on_send_refused(const Refusal& refusal) = 0;

   protected:
    ~User() = default;
  };

  // Binds and starts to receive, or throws SystemError and leaves nothing behind.
  UdpSocket(uv_loop_t* loop, std::shared_ptr<OpenHandles> open_handles, ReceiveBuffer& receive_buffer,
            const BindOptions& options, User& user);
  ~UdpSocket();
  UdpSocket(const UdpSocket&) = delete;
  UdpSocket& operator=(const UdpSocket&) = delete;

  // Hands all datagrams to the kernel or the queue; those that neither takes are added to `refused`.
  void send(const Outbox& outbox, std::vector<Refusal>& refused);
  // The queue is full: no more should be asked for until it has drained.
  bool blocked() const { return queue_.full(); }

  // Tries once more what waits in the queue, then `outbox`, and releases the address before it returns. What
  // of `outbox` the kernel has not taken within 200 ms is added to `refused`: it is lost.
  void close(const Outbox& outbox, std::vector<Refusal>& refused);

  Address local_address() const;
  // The local address that datagrams to `peer` leave from: with a wildcard bind the system's routes tell.
  Address local_address_towards(const Address& peer) const;
  BufferSizes buffer_sizes() const;
  // 0 leaves a size alone. What the system refuses is no error, it keeps its own.
  void set_buffer_sizes(int receive, int send);

 private:
  static void on_allocate(uv_handle_t* handle, std::size_t suggested, uv_buf_t* buffer);
  static void on_receive(uv_udp_t* handle, ssize_t size, const uv_buf_t* buffer, const sockaddr* from,
                         unsigned int flags);

  uv_loop_t* const loop_;
  const std::shared_ptr<OpenHandles> open_handles_;
  const int family_;
  ReceiveBuffer& receive_buffer_;
  User& user_;
  UvHandle<uv_udp_t> handle_;
  OutgoingQueue queue_;
};

}  // namespace dtls
