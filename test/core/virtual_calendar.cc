// time(), of the core tests alone: the fuzzers have one of their own, which stands still. In no library: the
// linker would take AddressSanitizer's before it looked there.
#include <time.h>

#include "simulation/virtual_clock.h"

extern "C" time_t time(time_t* to) noexcept {
  const auto seconds = static_cast<time_t>(simulation::VirtualClock::wall().seconds());
  if (to != nullptr) {
    *to = seconds;
  }
  return seconds;
}
