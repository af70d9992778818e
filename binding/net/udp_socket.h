// A bound UDP socket: whole batches in, whole batches out. Two paths serve it: libuv's own UDP handle
// (uv_udp_socket.h), which works everywhere, and recvmmsg and sendmmsg on a descriptor of ours
// (linux_udp_socket.h), which also tells at which of our addresses a peer has reached us.
//
// What the kernel does not take at once waits in a bounded queue until the socket is writable.
#pragma once

#include <uv.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/address.h"
#include "core/bytes.h"
#include "core/connection_id.h"
#include "core/outbox.h"

namespace dtls {

class LoopContext;

enum class SocketPath { automatic, uv, linux_messages };

struct BindOptions {
  std::string host;  // an IP literal or a name, resolved synchronously; "" binds all interfaces of the family
  std::uint16_t port = 0;
  bool ipv6 = false;       // dual stack: IPv4 peers come too, unless the host is an IPv6 address
  int receive_buffer = 0;  // SO_RCVBUF, SO_SNDBUF; 0 leaves the system's
  int send_buffer = 0;
  bool share_port = false;     // SO_REUSEPORT: others may bind the same address and port
  bool dont_fragment = false;  // DF on what leaves; what is too long for the path is refused
  int traffic_class = 0;       // the DS field (RFC 2474), DSCP << 2; 0 leaves the system's
  // A socket of its own for each connection, connected to its peer. Not with share_port: these sockets would
  // count when the kernel chooses among those that share the port, and each new one would send clients to
  // another.
  bool connect_peers = false;
  // Tell at which of our addresses each peer has reached us, though answers would find their way without.
  bool capture_destination = false;
  SocketPath path = SocketPath::automatic;
};

struct BufferSizes {
  int receive = 0;
  int send = 0;
};

// The system did not take a datagram of connection `id` (0: of none).
struct Refusal {
  ConnectionId id = 0;
  int status = 0;  // libuv's: negative
  std::size_t size = 0;
};

class UdpSocket {
 public:
  class User {
   public:
    // The user may destroy the socket in these three.
    virtual void on_datagram(ByteView datagram, const Address& peer, bool truncated) = 0;
    // No datagram is waiting, or what one system call brought has been handed out. Where there is no
    // recvmmsg, a busy socket may not call this before the loop turns.
    virtual void on_batch_end() = 0;
    virtual void on_receive_error(int status) = 0;
    // So many have found the receive buffer full, as far as the system tells.
    virtual void on_kernel_drops(std::uint32_t count) = 0;
    // A datagram that was queued earlier has failed.
    virtual void on_send_refused(const Refusal& refusal) = 0;
    // The network says (ICMP) that one to this peer has not arrived, which anybody can forge. May come in the
    // midst of send().
    virtual void on_network_error(const Address& peer, int status) = 0;

   protected:
    ~User() = default;
  };

  // Binds and starts to receive, or throws SystemError and leaves nothing behind. ENOTSUP: this system or
  // this path has not what an option asks for; the option's name is the detail.
  static std::unique_ptr<UdpSocket> open(LoopContext& context, const BindOptions& options, User& user);
  UdpSocket() = default;
  virtual ~UdpSocket() = default;
  UdpSocket(const UdpSocket&) = delete;
  UdpSocket& operator=(const UdpSocket&) = delete;

  // Hands all datagrams to the kernel or the queue; those that neither takes are added to `refused`.
  virtual void send(const Outbox& outbox, std::vector<Refusal>& refused) = 0;
  // The queue is full: no more should be asked for until it has drained.
  virtual bool blocked() const = 0;

  // Tries once more what waits in the queue, then `outbox`, and releases the address before it returns. What
  // of `outbox` the kernel has not taken within 200 ms is added to `refused`: it is lost.
  virtual void close(const Outbox& outbox, std::vector<Refusal>& refused) = 0;

  virtual Address local_address() const = 0;
  // The local address that datagrams to `peer` leave from.
  virtual Address local_address_towards(const Address& peer) const = 0;
  virtual BufferSizes buffer_sizes() const = 0;
  // 0 leaves a size alone. What the system refuses is no error, it keeps its own.
  virtual void set_buffer_sizes(int receive, int send) = 0;

  // A connection has come or gone; only with BindOptions::connect_peers. Throws SystemError where the system
  // has no socket for it: the connection goes on over the common one then.
  virtual void connect_peer(const Address& /*peer*/, ConnectionId /*id*/) {}
  virtual void disconnect_peer(ConnectionId /*id*/) {}
};

}  // namespace dtls
