// The flight last sent to a peer (RFC 6347 4.2.4), kept until the peer has answered: its timer and back-off.
#pragma once

#include "core/bytes.h"
#include "core/clock.h"
#include "core/growing_buffer.h"

namespace dtls {

class Flight {
 public:
  static constexpr Duration initial_timeout = Duration::seconds(1);
  static constexpr Duration longest_timeout = Duration::seconds(60);
  // A peer that repeats itself gets our flight again, but not more often than this: a client's timers
  // start at a second, and an echo of duplicates must not amplify.
  static constexpr Duration shortest_resend_gap = Duration::milliseconds(200);

  ByteView records() const { return {bytes_.data(), bytes_.size()}; }

  void keep(ByteView records);

  void sent(Instant now);             // arms the timer with the initial time-out
  void resent_by_timer(Instant now);  // doubles it
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
