#include "core/flight.h"

#include <algorithm>
#include <array>
#include <vector>

#include "core/record.h"

namespace dtls {

std::size_t EpochZeroWriter::send(ByteView records, Outbox& outbox) {
  std::vector<std::uint8_t> datagram;
  std::size_t datagrams = 0;
  const auto flush = [&] {
    if (datagram.empty()) return;
    outbox.add(peer_, id_, datagram);
    datagram.clear();
    ++datagrams;
  };
  RecordReader reader(records);
  while (const auto record = reader.next()) {
    if (datagram.size() + record->whole.size() > mtu_) flush();
    const std::size_t at = datagram.size();
    append(datagram, record->whole);
    if (record->epoch == 0) put_number(datagram.data() + at + 5, next_sequence_++, 6);
  }
  flush();
  return datagrams;
}

void EpochZeroWriter::send_alert(std::uint8_t level, std::uint8_t description, Outbox& outbox) {
  std::array<std::uint8_t, record_header_size + 2> record{};
  put_record_header(record.data(), ContentType::alert, dtls_1_2, 0, next_sequence_++, 2);
  record[record_header_size] = level;
  record[record_header_size + 1] = description;
  outbox.add(peer_, id_, {record.data(), record.size()});
}

void Flight::keep(ByteView records) {
  bytes_.clear();
  bytes_.append(records);
  timeout_ = initial_timeout;
  retransmit_at_ = Instant::never();
}

void Flight::clear() {
  bytes_ = GrowingBuffer();
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
