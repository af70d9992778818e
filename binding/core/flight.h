// Records on their way to one peer during its handshake: numbered by us, packed into datagrams, and kept
// until the peer has answered.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/address.h"
#include "core/bytes.h"
#include "core/clock.h"
#include "core/events.h"
#include "core/outbox.h"

namespace dtls {

// Epoch-0 records are not authenticated, so their numbers are ours to give: each time a record leaves it
// gets a fresh one, retransmissions included (RFC 6347 4.1, 4.2.4). The first ServerHello record takes the
// number of the second hello's record.
class EpochZeroWriter {
 public:
  EpochZeroWriter(const Address& peer, ConnectionId id, std::uint64_t first_sequence, std::size_t mtu)
      : peer_(peer), id_(id), next_sequence_(first_sequence), mtu_(mtu) {}

  // Sends whole records, packed into datagrams of at most the MTU; records of later epochs keep their
  // numbers. Returns the number of datagrams.
  std::size_t send(ByteView records, Outbox& outbox);
  void send_alert(std::uint8_t level, std::uint8_t description, Outbox& outbox);
  std::size_t mtu() const { return mtu_; }

 private:
  Address peer_;
  ConnectionId id_;
  std::uint64_t next_sequence_;
  std::size_t mtu_;
};

// The flight last sent (RFC 6347 4.2.4), its timer and its back-off.
class Flight {
 public:
  static constexpr Duration initial_timeout = Duration::seconds(1);
  static constexpr Duration longest_timeout = Duration::seconds(60);
  // A peer that repeats itself gets our flight again, but not more often than this: a client's timers
  // start at a second, and an echo of duplicates must not amplify.
  static constexpr Duration shortest_resend_gap = Duration::milliseconds(200);

  bool empty() const { return bytes_.size() == 0; }
  ByteView records() const { return {bytes_.data(), bytes_.size()}; }

  void keep(ByteView records);
  void clear();

  void sent(Instant now);              // arms the timer with the initial time-out
  void resent_by_timer(Instant now);   // doubles it
  bool may_resend_on_request(Instant now) const { return now - last_sent_ >= shortest_resend_gap; }
  void resent_on_request(Instant now) { last_sent_ = now; }
  Instant retransmit_at() const { return retransmit_at_; }

 private:
  GrowingBuffer bytes_;
  Instant last_sent_;
  Instant retransmit_at_ = Instant::never();
  Duration timeout_ = initial_timeout;
};

}  // namespace dtls
