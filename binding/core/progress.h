// The steps of a handshake and of a connection, told where somebody has asked for them.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/connection_id.h"
#include "core/endpoint_settings.h"
#include "core/events.h"

namespace dtls {

// Those of one peer, while a call is handled.
class Progress {
 public:
  Progress(const EndpointSettings& settings, Events& events, ConnectionId id)
      : settings_(settings), events_(events), id_(id) {}

  // For what costs something to find out.
  bool is_told() const { return settings_.report_progress; }

  void add(ProgressStep step, std::string_view detail = {}, std::int32_t number = 0) const {
    if (is_told()) {
      events_.add(EventKind::progress, id_, detail, static_cast<std::int32_t>(step), number);
    }
  }

 private:
  const EndpointSettings& settings_;
  Events& events_;
  const ConnectionId id_;
};

}  // namespace dtls
