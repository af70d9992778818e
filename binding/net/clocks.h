// The clocks behind the core's instants and wall times.
#pragma once

#include <uv.h>

#include <chrono>

#include "core/clock.h"

namespace dtls {

// The clock that uv_now() reads too, which is what makes the conversion below exact.
inline Instant monotonic_now() { return {static_cast<std::int64_t>(uv_hrtime() / 1000)}; }

inline WallTime wall_now() {
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::microseconds>(since_1970).count()};
}

// The first time on the loop's clock, in milliseconds, that is not before `instant`.
inline std::uint64_t loop_time_of(Instant instant) {
  return instant.us <= 0 ? 0 : (static_cast<std::uint64_t>(instant.us) + 999) / 1000;
}

}  // namespace dtls
