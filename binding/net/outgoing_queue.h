// Datagrams that the kernel did not take at once, in libuv's hands until the socket is writable again.
// Bounded: a peer must not make us keep more by asking faster than the network takes the answers.
#pragma once

#include <uv.h>

#include <cstddef>
#include <functional>
#include <list>
#include <memory>

#include "core/bytes.h"
#include "core/events.h"
#include "net/socket_address.h"

namespace dtls {

// The system did not take a datagram of connection `id` (0: of none).
struct Refusal {
  ConnectionId id = 0;
  int status = 0;  // libuv's: negative
  std::size_t size = 0;
};

class OutgoingQueue {
 public:
  // Past these the queue is full: no application data is accepted for it.
  static constexpr std::size_t max_bytes = std::size_t{256} * 1024;
  static constexpr std::size_t max_datagrams = 1024;
  // What was accepted before and is sealed already, a batch at most, still finds room.
  static constexpr std::size_t spare_bytes = std::size_t{96} * 1024;
  static constexpr std::size_t spare_datagrams = 64;

  // `refused` is called for datagrams that fail later, never inside a call.
  explicit OutgoingQueue(std::function<void(const Refusal&)> refused);
  // The socket is closing by then: libuv cancels what is queued, and frees it in a later turn.
  ~OutgoingQueue();
  OutgoingQueue(const OutgoingQueue&) = delete;
  OutgoingQueue& operator=(const OutgoingQueue&) = delete;

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
