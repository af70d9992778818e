// What every protected record of the server must keep to.
#pragma once

#include <set>

#include "suite_families.h"

// No number, and no explicit nonce, may protect two records under the same keys.
inline void check_numbers_are_fresh(const Network& network, const Family& family,
                                    const Address& client = peer) {
  std::set<std::uint64_t> numbers;
  std::set<Bytes> nonces;
  for (const Packet& packet : network.packets(false)) {
    if (!(packet.client == client)) {
      continue;
    }
    for (const Bytes& bytes : simulation::split_records(packet.bytes)) {
      dtls::RecordReader reader(bytes);
      const auto record = reader.next();
      if (record->epoch == 0) {
        continue;
      }
      CHECK(numbers.insert(record->sequence).second);
      CHECK((!family.has_explicit_nonce() || nonces.insert(record->body.sub(0, 8).copy()).second));
    }
  }
}
