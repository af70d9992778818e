#include "core/record_report.h"

#include <algorithm>
#include <cstddef>

namespace dtls {

namespace {

// As much of a record as is shown, after its header.
constexpr std::size_t shown_bytes = 64;

}  // namespace

void RecordReport::add_sent() {
  if (!settings_.report_records) {
    return;
  }
  outbox_.each_unreported([&](const OutgoingDatagram& datagram) {
    // What answers strangers belongs to no connection.
    if (datagram.id != 0) {
      add(datagram.id, true, outbox_.bytes_of(datagram));
    }
  });
}

void RecordReport::add_received(ConnectionId id, ByteView datagram) {
  if (settings_.report_records) {
    add(id, false, datagram);
  }
}

void RecordReport::add_received(ConnectionId id, const Record& record) {
  if (settings_.report_records) {
    add_sent();
    add(id, false, record);
  }
}

void RecordReport::add(ConnectionId id, bool sent, ByteView datagram) {
  RecordReader records(datagram);
  while (const auto record = records.next()) {
    add(id, sent, *record);
  }
}

void RecordReport::add(ConnectionId id, bool sent, const Record& record) {
  const std::size_t size = std::min(record.whole.size(), record_header_size + shown_bytes);
  events_.add(EventKind::record, id, record.whole.sub(0, size), sent ? 1 : 0);
}

}  // namespace dtls
