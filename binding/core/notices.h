// Reports that anybody's datagrams can cause, kept to a rate: a flood must not become a flood of events.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "core/address.h"
#include "core/clock.h"
#include "core/connection_id.h"
#include "core/counters.h"
#include "core/events.h"

namespace dtls {

// At most `limit` passes a second.
class RateLimit {
 public:
  explicit RateLimit(int limit) : limit_(limit) {}

  bool pass(Instant now) {
    if (!started_ || now >= window_end()) {
      started_ = true;
      window_start_ = now;
      passed_ = 0;
    }
    if (passed_ >= limit_) {
      return false;
    }
    ++passed_;
    return true;
  }

  Instant window_end() const { return window_start_ + Duration::seconds(1); }

 private:
  int limit_;
  bool started_ = false;
  int passed_ = 0;
  Instant window_start_;
};

// What happened, to whom. Id 0: to no connection.
struct Notice {
  Counter which{};
  ConnectionId id = 0;
  Address peer;
};

// Notices of one kind. The next one that passes tells how many were left out before it; where none comes
// before the second is over, the last one left out is told then.
class LimitedNotices {
 public:
  LimitedNotices(Events& events, EventKind kind, int limit) : events_(events), kind_(kind), rate_(limit) {}

  // It happened `times` times, at least once.
  void add(const Notice& notice, std::uint64_t times, Instant now) {
    left_out_ += times;
    if (rate_.pass(now)) {
      tell(notice);
    } else {
      last_ = notice;
    }
  }

  Instant due() const { return left_out_ > 0 ? rate_.window_end() : Instant::never(); }

  void tell_left_out(Instant now) {
    if (left_out_ > 0) {
      rate_.pass(now);  // the first of the second that begins
      tell(last_);
    }
  }

 private:
  void tell(const Notice& notice) {
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int32_t>::max());
    events_.add(kind_, notice.id, notice.peer.text(), static_cast<std::int32_t>(notice.which),
                static_cast<std::int32_t>(std::min(left_out_ - 1, most)), is_loss(notice.which) ? 1 : 0);
    left_out_ = 0;
  }

  Events& events_;
  const EventKind kind_;
  RateLimit rate_;
  std::uint64_t left_out_ = 0;
  Notice last_;  // of those left out
};

class Notices {
 public:
  explicit Notices(Events& events)
      : notices_{LimitedNotices(events, EventKind::limit_reached, 1),
                 LimitedNotices(events, EventKind::dropped, 10),
                 LimitedNotices(events, EventKind::dropped, 10),
                 LimitedNotices(events, EventKind::dropped, 10),
                 LimitedNotices(events, EventKind::hello_verify_request, 10)} {}

  void limit_reached(Counter which, const Address& peer, Instant now) {
    notices_[limits].add({which, 0, peer}, 1, now);
  }
  void dropped(const Notice& notice, std::uint64_t times, Instant now) {
    notices_[kind_of_drop(notice.which)].add(notice, times, now);
  }
  void hello_verify_request(const Address& peer, Instant now) {
    notices_[verifications].add({Counter::hello_verify_requests, 0, peer}, 1, now);
  }
  // Errors of live connections that a spoofed datagram can cause: 10 a second in all.
  bool may_report_error(Instant now) { return errors_.pass(now); }

  // When something that was left out is to be told.
  Instant next_deadline() const {
    Instant next = Instant::never();
    for (const LimitedNotices& notices : notices_) {
      next = earlier(next, notices.due());
    }
    return next;
  }
  void advance(Instant now) {
    for (LimitedNotices& notices : notices_) {
      if (now >= notices.due()) {
        notices.tell_left_out(now);
      }
    }
  }
  // Without waiting for the end of the second.
  void tell_left_out(Instant now) {
    for (LimitedNotices& notices : notices_) {
      notices.tell_left_out(now);
    }
  }

 private:
  enum Kind : std::size_t { limits, drops, oversized, own_data, verifications, count };

  // What a user may have wanted must not be left out for what strangers send; and of that, a connection's own
  // data not for datagrams that anybody can make too long.
  static Kind kind_of_drop(Counter reason) {
    if (!is_loss(reason)) {
      return drops;
    }
    return reason == Counter::drop_oversized ? oversized : own_data;
  }

  std::array<LimitedNotices, count> notices_;
  RateLimit errors_{10};
};

}  // namespace dtls
