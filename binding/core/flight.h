// The flight last sent to a peer (RFC 6347 4.2.4), kept until the peer has answered: its timer and back-off.
#pragma once

#include <memory>
#include <vector>

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
  bool empty() const { return bytes_.size() == 0; }

  void keep(ByteView records);

  void sent(Instant now);             // arms the timer with the initial time-out
  void resent_by_timer(Instant now);  // doubles it
  bool may_resend_on_request(Instant now) const { return now - last_sent_ >= shortest_resend_gap; }
  void resent_on_request(Instant now) { last_sent_ = now; }
  void answered() { retransmit_at_ = Instant::never(); }
  Instant retransmit_at() const { return retransmit_at_; }

 private:
  GrowingBuffer bytes_;
  Instant last_sent_;
  Instant retransmit_at_ = Instant::never();
  Duration timeout_ = initial_timeout;
};

// The flight as it goes out again: its clear records, and the Finished under a fresh number. A client that
// has got the old Finished would drop a copy as a replay, and answer nothing (RFC 6347 4.2.2).
std::vector<std::uint8_t> flight_with(ByteView records, ByteView sealed_finished);

// The server's last flight of a full handshake, which only the client's repeated Finished can ask for again.
class FinalFlight {
 public:
  // Twice the maximum segment lifetime of TCP (RFC 6347 4.2.4).
  static constexpr Duration lifetime = Duration::seconds(240);

  // `finished` is the message in clear text.
  FinalFlight(ByteView records, ByteView finished, Instant now);

  ByteView clear_records() const { return {bytes_.get(), clear_size_}; }
  ByteView finished() const { return {bytes_.get() + clear_size_, finished_size_}; }

  bool may_resend(Instant now) const { return now - last_sent_ >= Flight::shortest_resend_gap; }
  void resent(Instant now) { last_sent_ = now; }
  Instant expires_at() const { return expires_at_; }

 private:
  std::unique_ptr<std::uint8_t[]> bytes_;  // as many as needed: thousands of these wait
  std::uint32_t clear_size_ = 0;
  std::uint32_t finished_size_ = 0;
  Instant last_sent_;
  Instant expires_at_;
};

}  // namespace dtls
