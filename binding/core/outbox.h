// Datagrams on their way out, until the rim hands them to the kernel in one call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/address.h"
#include "core/bytes.h"
#include "core/connection_id.h"
#include "core/growing_buffer.h"

namespace dtls {

struct OutgoingDatagram {
  Address peer;
  ConnectionId id = 0;  // 0: not of a connection (HelloVerifyRequest, a refusal)
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
};

class Outbox {
 public:
  void add(const Address& peer, ConnectionId id, ByteView datagram);
  // Room to write a datagram into, and the datagram of what was written.
  std::uint8_t* reserve(std::size_t size) { return bytes_.reserve(size); }
  void add_reserved(const Address& peer, ConnectionId id, std::size_t size);

  bool empty() const { return list_.empty(); }
  const std::vector<OutgoingDatagram>& list() const { return list_; }
  std::size_t byte_count() const { return bytes_.size(); }
  ByteView bytes_of(const OutgoingDatagram& datagram) const {
    return {bytes_.data() + datagram.offset, datagram.length};
  }
  void clear();

  // Visits what has been added since the last visit.
  template <typename Visit>
  void each_unreported(Visit visit) {
    for (; reported_ < list_.size(); ++reported_) {
      visit(list_[reported_]);
    }
  }

 private:
  std::vector<OutgoingDatagram> list_;
  std::size_t reported_ = 0;
  GrowingBuffer bytes_;
};

}  // namespace dtls
