// The time of a simulation. OpenSSL's DTLS client reads gettimeofday for its retransmissions, and time() for
// the age of sessions (virtual_calendar.cc); those in this binary take their place and give the virtual time.
#pragma once

#include "core/clock.h"

namespace simulation {

class VirtualClock {
 public:
  // Where the wall clock begins, 2025-01-01: so that nothing of OpenSSL's meets a time before the epoch.
  static constexpr std::int64_t first_wall_second = 1735689600;

  static dtls::Instant now();
  static dtls::WallTime wall();
  // Never backwards.
  static void advance_to(dtls::Instant instant);
  // What an administrator or NTP does to the machine's clock: gettimeofday jumps, now() doesn't.
  static void step_wall_clock(dtls::Duration by);
  // How often gettimeofday has been asked, to prove that OpenSSL asks ours.
  static unsigned long reads();
};

}  // namespace simulation
