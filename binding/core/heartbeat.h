// The Heartbeat extension (RFC 6520): its messages, and one connection's part in them. At most one request is
// under way, and it is repeated with the same payload until it is answered.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/bytes.h"
#include "core/clock.h"

namespace dtls {

// RFC 6520 2. What a side announces about itself: none is no extension at all.
enum class HeartbeatMode : std::uint8_t { none = 0, peer_allowed_to_send = 1, peer_not_allowed_to_send = 2 };

constexpr std::uint16_t heartbeat_extension = 15;

enum class HeartbeatType : std::uint8_t { request = 1, response = 2 };

constexpr std::size_t heartbeat_header_size = 3;     // type and payload_length
constexpr std::size_t heartbeat_least_padding = 16;  // RFC 6520 4

struct HeartbeatMessage {
  HeartbeatType type{};
  ByteView payload;
};

// None for an unknown type, a payload that does not fit its record (CVE-2014-0160) and padding that is too
// short: such messages are discarded silently (RFC 6520 4).
std::optional<HeartbeatMessage> read_heartbeat(ByteView record_body);

// With as much random padding as is required. Empty if OpenSSL has no randomness.
std::vector<std::uint8_t> write_heartbeat(HeartbeatType type, ByteView payload);

class Heartbeat {
 public:
  // `ours` and `theirs` as announced in the hellos. Both announced, or there is no Heartbeat.
  Heartbeat(HeartbeatMode ours, HeartbeatMode theirs) : ours_(ours), theirs_(theirs) {}

  bool may_request() const { return theirs_ == HeartbeatMode::peer_allowed_to_send; }
  bool may_answer() const { return ours_ == HeartbeatMode::peer_allowed_to_send; }

  // --- the request under way
  bool is_under_way() const { return under_way_; }
  Instant last_sent() const { return last_sent_; }
  // How often it has been sent since the peer was last heard.
  std::uint32_t times_sent() const { return times_sent_; }
  // The message to send now: a new request, or the one under way again. Empty if OpenSSL has no randomness.
  std::vector<std::uint8_t> request(Instant now);
  // Another authentic record came: the peer lives, though the request is not answered yet.
  void peer_heard() { times_sent_ = 0; }
  // True if the response answers the request under way, which is over then.
  bool is_answered_by(const HeartbeatMessage& response);

 private:
  HeartbeatMode ours_;
  HeartbeatMode theirs_;
  bool under_way_ = false;
  std::uint32_t times_sent_ = 0;
  Instant last_sent_;
  std::array<std::uint8_t, 16> payload_{};
};

}  // namespace dtls
