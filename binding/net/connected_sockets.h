// A socket for each connection, connected to its peer: the kernel finds it by both addresses, and takes
// nothing else for it. They share address and port with the socket that listens (SO_REUSEPORT), and the
// kernel prefers the connected one. What has come in between bind and connect is the listener's, and is read
// all the same.
#pragma once

#ifdef __linux__

#include <memory>
#include <unordered_map>

#include "core/address.h"
#include "core/connection_id.h"
#include "net/linux_descriptor.h"
#include "net/udp_socket.h"

namespace dtls {

class ConnectedSockets {
 public:
  explicit ConnectedSockets(std::uint64_t hash_seed) : sockets_(16, AddressHash(hash_seed)) {}

  bool empty() const { return sockets_.empty(); }
  void add(const Address& peer, std::unique_ptr<WatchedDescriptor> socket) {
    sockets_.insert_or_assign(peer, std::move(socket));
  }
  void remove(const Address& peer) { sockets_.erase(peer); }
  void clear() { sockets_.clear(); }
  // -1: it has none of its own.
  int descriptor_of(const Address& peer) const {
    const auto found = sockets_.find(peer);
    return found == sockets_.end() ? -1 : found->second->number();
  }
  template <typename Visit>
  void each(Visit visit) const {
    for (const auto& [peer, socket] : sockets_) {
      visit(socket->number());
    }
  }

 private:
  std::unordered_map<Address, std::unique_ptr<WatchedDescriptor>, AddressHash> sockets_;
};

}  // namespace dtls

#endif
