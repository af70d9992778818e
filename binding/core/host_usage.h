// How many handshakes and connections each remote IP has, for the limits per host.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "core/address.h"

namespace dtls {

// An entry exists only while its host has an association, thus after a valid cookie.
class HostUsage {
 public:
  struct Use {
    std::uint32_t handshakes = 0;
    std::uint32_t connections = 0;
  };

  explicit HostUsage(std::uint64_t hash_seed) : hosts_(16, AddressHash(hash_seed, false)) {}

  Use of(const Address& host) const {
    const auto found = hosts_.find(host);
    return found == hosts_.end() ? Use{} : found->second;
  }

  void add(const Address& host, std::int32_t handshakes, std::int32_t connections) {
    Use& use = hosts_[host];
    use.handshakes = static_cast<std::uint32_t>(static_cast<std::int32_t>(use.handshakes) + handshakes);
    use.connections = static_cast<std::uint32_t>(static_cast<std::int32_t>(use.connections) + connections);
    if (use.handshakes == 0 && use.connections == 0) hosts_.erase(host);
  }

 private:
  std::unordered_map<Address, Use, AddressHash, SameHost> hosts_;
};

}  // namespace dtls
