// What is dropped: counted always, told where somebody has asked.
#pragma once

#include <cstdint>

#include "core/address.h"
#include "core/clock.h"
#include "core/connection_id.h"
#include "core/counters.h"
#include "core/endpoint_settings.h"
#include "core/notices.h"

namespace dtls {

class Drops {
 public:
  Drops(const EndpointSettings& settings, Counters& counters, Notices& notices)
      : settings_(settings), counters_(counters), notices_(notices) {}

  // `id`: the connection, or the handshake, that it was for; 0: none.
  void add(Counter reason, ConnectionId id, const Address& peer, Instant now, std::uint64_t times = 1) {
    counters_.add(reason, times);
    if (times > 0 && is_told(reason)) {
      notices_.dropped({reason, id, peer}, times, now);
    }
  }

 private:
  bool is_told(Counter reason) const {
    return is_loss(reason) ? settings_.report_losses : settings_.report_drops;
  }

  const EndpointSettings& settings_;
  Counters& counters_;
  Notices& notices_;
};

// Those of one peer's records, while one datagram is handled.
class PeerDrops {
 public:
  PeerDrops(Drops& drops, ConnectionId id, const Address& peer, Instant now)
      : drops_(drops), id_(id), peer_(peer), now_(now) {}

  void add(Counter reason, std::uint64_t times = 1) const { drops_.add(reason, id_, peer_, now_, times); }

 private:
  Drops& drops_;
  const ConnectionId id_;
  const Address& peer_;
  const Instant now_;
};

}  // namespace dtls
