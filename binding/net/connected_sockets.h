// A socket for each connection, connected to its peer: the kernel finds it by both addresses, and takes
// nothing else for it. They share address and port with the socket that listens (SO_REUSEPORT), and the
// kernel prefers the connected one. What has come in between bind and connect is anybody's, and is read all
// the same.
#pragma once

#ifdef __linux__

#include <memory>
#include <unordered_map>
#include <utility>

#include "core/connection_id.h"
#include "net/linux_descriptor.h"

namespace dtls {

class ConnectedSockets {
 public:
  bool empty() const { return sockets_.empty(); }
  void add(ConnectionId id, std::unique_ptr<WatchedDescriptor> socket) {
    sockets_.insert_or_assign(id, std::move(socket));
  }
  void remove(ConnectionId id) { sockets_.erase(id); }
  void clear() { sockets_.clear(); }
  // -1: it has none of its own.
  int descriptor_of(ConnectionId id) const {
    const auto found = sockets_.find(id);
    return found == sockets_.end() ? -1 : found->second->number();
  }
  template <typename Visit>
  void each(Visit visit) const {
    for (const auto& [id, socket] : sockets_) {
      visit(socket->number());
    }
  }

 private:
  std::unordered_map<ConnectionId, std::unique_ptr<WatchedDescriptor>> sockets_;
};

}  // namespace dtls

#endif
