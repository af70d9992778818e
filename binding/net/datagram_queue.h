// Datagrams that the kernel did not take at once, in the order in which they leave. Bounded: queue_bounds.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "core/address.h"
#include "core/bytes.h"
#include "core/connection_id.h"
#include "core/outbox.h"
#include "net/queue_bounds.h"

namespace dtls {

class DatagramQueue {
 public:
  bool empty() const { return waiting_.empty(); }
  bool full() const { return queue_bounds::is_full(bytes_, waiting_.size()); }

  // Copies the datagram; false where not even spare room is left.
  bool add(const Address& peer, ConnectionId id, ByteView datagram) {
    if (!queue_bounds::has_room(bytes_, waiting_.size(), datagram.size())) {
      return false;
    }
    waiting_.push_back({peer, id, datagram.copy()});
    bytes_ += datagram.size();
    return true;
  }

  // Offers what waits, batch by batch: `send(const Outbox&)` says how many it is done with, from the first
  // on. Ends where that is not the whole batch.
  template <typename Send>
  void offer(Send send) {
    constexpr std::size_t batch_size = 64;
    while (!waiting_.empty()) {
      Outbox batch;
      for (std::size_t i = 0; i < waiting_.size() && i < batch_size; ++i) {
        batch.add(waiting_[i].peer, waiting_[i].id, waiting_[i].bytes);
      }
      const std::size_t done = send(std::as_const(batch));
      for (std::size_t i = 0; i < done; ++i) {
        bytes_ -= waiting_.front().bytes.size();
        waiting_.pop_front();
      }
      if (done < batch.list().size()) {
        return;
      }
    }
  }

 private:
  struct Waiting {
    Address peer;
    ConnectionId id;
    std::vector<std::uint8_t> bytes;
  };
  std::deque<Waiting> waiting_;
  std::size_t bytes_ = 0;
};

}  // namespace dtls
