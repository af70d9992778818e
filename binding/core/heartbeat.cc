#include "core/heartbeat.h"

#include <openssl/rand.h>

namespace dtls {

std::optional<HeartbeatMessage> read_heartbeat(ByteView record_body) {
  ByteReader reader(record_body);
  const std::uint8_t type = reader.u8();
  HeartbeatMessage message;
  message.type = static_cast<HeartbeatType>(type);
  message.payload = reader.take(reader.u16());
  const bool is_known = message.type == HeartbeatType::request || message.type == HeartbeatType::response;
  if (!reader.ok() || !is_known || reader.remaining() < heartbeat_least_padding) {
    return std::nullopt;
  }
  return message;
}

std::vector<std::uint8_t> write_heartbeat(HeartbeatType type, ByteView payload) {
  std::vector<std::uint8_t> message;
  message.reserve(heartbeat_header_size + payload.size() + heartbeat_least_padding);
  message.push_back(static_cast<std::uint8_t>(type));
  append_number(message, payload.size(), 2);
  append(message, payload);
  std::array<std::uint8_t, heartbeat_least_padding> padding{};
  if (RAND_bytes(padding.data(), static_cast<int>(padding.size())) != 1) {
    return {};
  }
  append(message, {padding.data(), padding.size()});
  return message;
}

std::vector<std::uint8_t> Heartbeat::request(Instant now) {
  const bool is_new = !under_way_;
  under_way_ = true;
  ++times_sent_;
  last_sent_ = now;
  if (is_new && RAND_bytes(payload_.data(), static_cast<int>(payload_.size())) != 1) {
    return {};
  }
  return write_heartbeat(HeartbeatType::request, {payload_.data(), payload_.size()});
}

bool Heartbeat::is_answered_by(const HeartbeatMessage& response) {
  if (!under_way_ || response.payload != ByteView(payload_.data(), payload_.size())) {
    return false;
  }
  under_way_ = false;
  times_sent_ = 0;
  return true;
}

}  // namespace dtls
