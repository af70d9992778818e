// time(), apart from the rest of the virtual clock: the fuzzers have one of their own, which stands still.
#include <time.h>

#include "simulation/virtual_clock.h"

extern "C" time_t time(time_t* to) noexcept {
  const auto seconds = static_cast<time_t>(simulation::VirtualClock::wall().seconds());
  if (to != nullptr) {
    *to = seconds;
  }
  return seconds;
}
