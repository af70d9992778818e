#include "core/record_sender.h"

#include <array>
#include <vector>

#include "core/alert.h"

namespace dtls {

std::size_t RecordSender::send(ByteView records, Outbox& outbox) {
  RecordReader reader(records);
  const auto first = reader.next();
  if (!first) {
    return 0;
  }
  // The common case: one protected record, sealed for good.
  if (first->epoch > 0 && first->whole.size() == records.size()) {
    outbox.add(peer_, id_, records);
    return 1;
  }
  std::vector<std::uint8_t> datagram;
  std::size_t datagrams = 0;
  const auto flush = [&] {
    outbox.add(peer_, id_, datagram);
    datagram.clear();
    ++datagrams;
  };
  for (auto record = first; record; record = reader.next()) {
    if (!datagram.empty() && datagram.size() + record->whole.size() > mtu_) {
      flush();
    }
    const std::size_t at = datagram.size();
    append(datagram, record->whole);
    if (record->epoch == 0) {
      put_number(datagram.data() + at + 5, next_sequence_++, 6);
    }
  }
  flush();
  return datagrams;
}

void RecordSender::send_alert(std::uint8_t level, std::uint8_t description, Outbox& outbox) {
  std::array<std::uint8_t, record_header_size + 2> record{};
  put_record_header(record.data(), ContentType::alert, version_, 0, next_sequence_++, 2);
  record[record_header_size] = level;
  record[record_header_size + 1] = description;
  outbox.add(peer_, id_, {record.data(), record.size()});
}

}  // namespace dtls
