// Time as the core knows it: a value that comes in with each call. Nothing here can read a clock.
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

constexpr Instant earlier(Instant a, Instant b) { return a < b ? a : b; }

}  // namespace dtls
