// Time as the core knows it: values that come in with its calls. Nothing here can read a clock.
#pragma once

#include <cstdint>
#include <limits>

namespace dtls {

struct Duration {
  std::int64_t us = 0;

  static constexpr Duration milliseconds(std::int64_t value) { return {value * 1000}; }
  static constexpr Duration seconds(std::int64_t value) { return {value * 1000000}; }

  constexpr bool operator==(Duration o) const { return us == o.us; }
  constexpr bool operator!=(Duration o) const { return us != o.us; }
  constexpr bool operator<(Duration o) const { return us < o.us; }
  constexpr bool operator<=(Duration o) const { return us <= o.us; }
  constexpr bool operator>(Duration o) const { return us > o.us; }
  constexpr bool operator>=(Duration o) const { return us >= o.us; }
  constexpr Duration operator*(std::int64_t factor) const { return {us * factor}; }
};

// A point on a monotonic clock of the caller's choice; only differences have a meaning.
struct Instant {
  std::int64_t us = 0;

  static constexpr Instant never() { return {std::numeric_limits<std::int64_t>::max()}; }

  constexpr bool operator==(Instant o) const { return us == o.us; }
  constexpr bool operator!=(Instant o) const { return us != o.us; }
  constexpr bool operator<(Instant o) const { return us < o.us; }
  constexpr bool operator<=(Instant o) const { return us <= o.us; }
  constexpr bool operator>(Instant o) const { return us > o.us; }
  constexpr bool operator>=(Instant o) const { return us >= o.us; }
  constexpr Instant operator+(Duration d) const { return {us + d.us}; }
  constexpr Duration operator-(Instant o) const { return {us - o.us}; }
};

// A point on the wall clock (UTC).
struct WallTime {
  std::int64_t us = 0;  // since 1970

  constexpr std::int64_t seconds() const { return us / 1000000; }
};

// The wall clock as the owner has told it last; from there it goes on with the monotonic one.
class WallClock {
 public:
  void set(WallTime time, Instant now) { time_ = time, told_at_ = now; }
  WallTime at(Instant now) const { return {time_.us + (now - told_at_).us}; }

 private:
  WallTime time_;
  Instant told_at_;
};

constexpr Instant earlier(Instant a, Instant b) { return a < b ? a : b; }

}  // namespace dtls
