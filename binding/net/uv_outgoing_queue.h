// Datagrams that the kernel did not take at once, in libuv's hands until the socket is writable again.
// Bounded: queue_bounds.h.
#pragma once

#include <uv.h>

#include <cstddef>
#include <functional>
#include <list>
#include <memory>

#include "core/bytes.h"
#include "net/socket_address.h"
#include "net/udp_socket.h"

namespace dtls {

class UvOutgoingQueue {
 public:
  // `refused` is called for datagrams that fail later, never inside a call.
  explicit UvOutgoingQueue(std::function<void(const Refusal&)> refused);
  // The socket is closing by then: libuv cancels what is queued, and frees it in a later turn.
  ~UvOutgoingQueue();
  UvOutgoingQueue(const UvOutgoingQueue&) = delete;
  UvOutgoingQueue& operator=(const UvOutgoingQueue&) = delete;

  bool empty() const;
  bool full() const;

  // Copies the datagram. Negative: it was refused; UV_ENOBUFS when not even spare room is left.
  int add(uv_udp_t* socket, ByteView datagram, const SocketAddress& to, ConnectionId id);

  // For a socket that is about to be closed: offers the kernel all that is queued once more, without waiting.
  // What it does not take is lost. The queue is of no further use.
  void send_all_now(uv_udp_t* socket);

 private:
  struct Entry;
  struct State;

  std::shared_ptr<State> state_;  // shared with the entries, which outlive the queue until libuv returns them
};

}  // namespace dtls
