// How many handshakes and connections each remote host has, an IPv4 address or an IPv6 /64, for the limits.
#pragma once

#include <algorithm>
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

  // Who has an IPv6 address has its whole /64 (RFC 4291 2.5.1, RFC 6177). On a link each is a host.
  static Address host_of(Address address) {
    if (!address.is_ipv4() && !address.is_link_local()) {
      std::fill(address.ip.begin() + 8, address.ip.end(), std::uint8_t{0});
    }
    return address;
  }

  explicit HostUsage(std::uint64_t hash_seed) : hosts_(16, AddressHash(hash_seed, false)) {}

  Use of(const Address& address) const {
    const auto found = hosts_.find(host_of(address));
    return found == hosts_.end() ? Use{} : found->second;
  }

  void add(const Address& address, std::int32_t handshakes, std::int32_t connections) {
    const Address host = host_of(address);
    Use& use = hosts_[host];
    use.handshakes = static_cast<std::uint32_t>(static_cast<std::int32_t>(use.handshakes) + handshakes);
    use.connections = static_cast<std::uint32_t>(static_cast<std::int32_t>(use.connections) + connections);
    if (use.handshakes == 0 && use.connections == 0) {
      hosts_.erase(host);
    }
  }

 private:
  std::unordered_map<Address, Use, AddressHash, SameHost> hosts_;
};

}  // namespace dtls
