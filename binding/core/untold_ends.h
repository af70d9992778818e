// Connections that have ended, and whose owner has not been told yet.
//
// The owner hears of a connection's last data and of its end later than they happen, and may ask for it and
// send to it until then: what it would have got from a connection, and no error.
#pragma once

#include <cstddef>
#include <unordered_map>

#include "core/address.h"
#include "core/connection_id.h"
#include "core/negotiated.h"

namespace dtls {

class UntoldEnds {
 public:
  struct Ended {
    Address peer;
    Negotiated negotiated;
  };

  void add(ConnectionId id, const Ended& ended) { ended_.emplace(id, ended); }
  void told(ConnectionId id) { ended_.erase(id); }

  // Null: it is none of them.
  const Ended* find(ConnectionId id) const {
    const auto found = ended_.find(id);
    return found == ended_.end() ? nullptr : &found->second;
  }
  bool has(ConnectionId id) const { return ended_.count(id) > 0; }
  std::size_t count() const { return ended_.size(); }

  template <typename Visit>
  void each_id(Visit visit) const {
    for (const auto& [id, ended] : ended_) {
      visit(id);
    }
  }

 private:
  std::unordered_map<ConnectionId, Ended> ended_;
};

}  // namespace dtls
