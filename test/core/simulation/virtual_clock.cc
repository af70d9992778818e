#include "simulation/virtual_clock.h"

#include <sys/time.h>

namespace simulation {

namespace {

dtls::Instant current{1'000'000};
std::int64_t wall_offset_us = VirtualClock::first_wall_second * 1'000'000;
unsigned long read_count = 0;

}  // namespace

dtls::Instant VirtualClock::now() { return current; }

dtls::WallTime VirtualClock::wall() { return {current.us + wall_offset_us}; }

void VirtualClock::advance_to(dtls::Instant instant) {
  if (instant > current) {
    current = instant;
  }
}

void VirtualClock::step_wall_clock(dtls::Duration by) { wall_offset_us += by.us; }

unsigned long VirtualClock::reads() { return read_count; }

}  // namespace simulation

extern "C" int gettimeofday(struct timeval* __restrict to, void* __restrict /*zone*/) noexcept {
  ++simulation::read_count;
  const std::int64_t us = simulation::VirtualClock::wall().us;
  to->tv_sec = static_cast<time_t>(us / 1'000'000);
  to->tv_usec = static_cast<suseconds_t>(us % 1'000'000);
  return 0;
}
