#include "core/outbox.h"

namespace dtls {

void Outbox::add(const Address& peer, ConnectionId id, ByteView datagram) {
  const auto offset = static_cast<std::uint32_t>(bytes_.size());
  bytes_.append(datagram);
  list_.push_back({peer, id, offset, static_cast<std::uint32_t>(datagram.size())});
}

void Outbox::add_reserved(const Address& peer, ConnectionId id, std::size_t size) {
  const auto offset = static_cast<std::uint32_t>(bytes_.size());
  bytes_.use(size);
  list_.push_back({peer, id, offset, static_cast<std::uint32_t>(size)});
}

void Outbox::clear() {
  list_.clear();
  reported_ = 0;
  bytes_.clear();
}

}  // namespace dtls
