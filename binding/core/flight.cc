#include "core/flight.h"

namespace dtls {

void Flight::keep(ByteView records) {
  bytes_.clear();
  bytes_.append(records);
  timeout_ = initial_timeout;
  retransmit_at_ = Instant::never();
}

void Flight::sent(Instant now) {
  last_sent_ = now;
  timeout_ = initial_timeout;
  retransmit_at_ = now + timeout_;
}

void Flight::resent_by_timer(Instant now) {
  last_sent_ = now;
  const Duration doubled = timeout_ * 2;
  timeout_ = doubled < longest_timeout ? doubled : longest_timeout;
  retransmit_at_ = now + timeout_;
}

}  // namespace dtls
