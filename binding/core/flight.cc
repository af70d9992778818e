#include "core/flight.h"

#include <algorithm>

#include "core/record.h"

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

std::vector<std::uint8_t> flight_with(ByteView records, ByteView sealed_finished) {
  std::vector<std::uint8_t> flight;
  flight.reserve(records.size() + sealed_finished.size());
  RecordReader reader(records);
  while (const auto record = reader.next()) {
    if (record->epoch == 0) {
      append(flight, record->whole);
    }
  }
  append(flight, sealed_finished);
  return flight;
}

FinalFlight::FinalFlight(ByteView records, ByteView finished, Instant now)
    : finished_size_(static_cast<std::uint32_t>(finished.size())),
      last_sent_(now),
      expires_at_(now + lifetime) {
  const std::vector<std::uint8_t> kept = flight_with(records, finished);
  clear_size_ = static_cast<std::uint32_t>(kept.size() - finished.size());
  bytes_.reset(new std::uint8_t[kept.size()]);
  std::copy(kept.begin(), kept.end(), bytes_.get());
}

}  // namespace dtls
