// Reports that anybody's datagrams can cause, kept to a rate: a flood must not become a flood of events.
#pragma once

#include <cstdint>

#include "core/address.h"
#include "core/clock.h"
#include "core/counters.h"
#include "core/events.h"

namespace dtls {

// At most `limit` passes a second; what did not pass is counted for the next one that does.
class RateLimit {
 public:
  explicit RateLimit(int limit) : limit_(limit) {}

  bool pass(Instant now) {
    if (!started_ || now - window_start_ >= Duration::seconds(1)) {
      started_ = true;
      window_start_ = now;
      passed_ = 0;
    }
    if (passed_ >= limit_) {
      ++left_out_;
      return false;
    }
    ++passed_;
    return true;
  }

  std::int32_t take_left_out() {
    const std::int32_t taken = left_out_;
    left_out_ = 0;
    return taken;
  }

 private:
  int limit_;
  bool started_ = false;
  int passed_ = 0;
  std::int32_t left_out_ = 0;
  Instant window_start_;
};

class Notices {
 public:
  explicit Notices(Events& events) : events_(events) {}

  void limit_reached(Counter which, const Address& peer, Instant now) {
    report(limits_, EventKind::limit_reached, which, peer, now);
  }
  void dropped(Counter reason, const Address& peer, Instant now) {
    report(drops_, EventKind::dropped, reason, peer, now);
  }
  void hello_verify_request(const Address& peer, Instant now) {
    report(verifications_, EventKind::hello_verify_request, Counter::hello_verify_requests, peer, now);
  }
  // Errors of live connections that a spoofed datagram can cause: 10 a second in all.
  bool may_report_error(Instant now) { return errors_.pass(now); }

 private:
  void report(RateLimit& limit, EventKind kind, Counter which, const Address& peer, Instant now) {
    if (!limit.pass(now)) {
      return;
    }
    events_.add(kind, 0, peer.text(), static_cast<std::int32_t>(which), limit.take_left_out());
  }

  Events& events_;
  RateLimit limits_{1};
  RateLimit drops_{10};
  RateLimit verifications_{10};
  RateLimit errors_{10};
};

}  // namespace dtls
