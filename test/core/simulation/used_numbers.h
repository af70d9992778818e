// What a server's protected records have used up. Under one key no record number and no explicit nonce may
// serve twice, whatever was lost, sent again or restarted: with GCM and CCM a single repetition gives the
// plaintexts away, and with GCM the key that authenticates (RFC 5288 3, RFC 6655 3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <utility>

#include "core/bytes.h"
#include "core/connection_id.h"
#include "core/protection_suite.h"
#include "simulation/wire.h"

namespace simulation {

class UsedNumbers {
 public:
  // Enters a datagram that the server sends under this id, whose keys are its own. Null, or what in it has
  // served before.
  const char* enter(dtls::ConnectionId id, dtls::ByteView datagram);

  // For keys that no ServerHello tells of.
  void expect(dtls::ConnectionId id, const dtls::ProtectionSuite& suite) {
    used_[id].nonce_size = suite.explicit_size;
  }

 private:
  struct Used {
    std::size_t nonce_size = 0;  // of the suite that the ServerHello tells: explicit nonces, and CBC's IVs
    std::set<std::pair<std::uint16_t, std::uint64_t>> numbers;  // with their epochs
    std::set<Bytes> nonces;
  };

  std::map<dtls::ConnectionId, Used> used_;
};

}  // namespace simulation
