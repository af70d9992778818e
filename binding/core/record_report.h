// Records as they pass, told where somebody has asked for them: the header and the first bytes.
#pragma once

#include "core/bytes.h"
#include "core/connection_id.h"
#include "core/endpoint_settings.h"
#include "core/events.h"
#include "core/outbox.h"
#include "core/record.h"

namespace dtls {

class RecordReport {
 public:
  RecordReport(const EndpointSettings& settings, Events& events, Outbox& outbox)
      : settings_(settings), events_(events), outbox_(outbox) {}

  // What has been put into the outbox since the last call.
  void add_sent();
  // All of a datagram.
  void add_received(ConnectionId id, ByteView datagram);
  // One of them, and before it what has been sent by now.
  void add_received(ConnectionId id, const Record& record);

 private:
  void add(ConnectionId id, bool sent, ByteView datagram);
  void add(ConnectionId id, bool sent, const Record& record);

  const EndpointSettings& settings_;
  Events& events_;
  Outbox& outbox_;
};

}  // namespace dtls
