// The time of a simulation. OpenSSL's DTLS client reads gettimeofday for its retransmissions; the one in
// this binary takes its place and gives the virtual time.
#pragma once

#include "core/clock.h"

namespace simulation {

class VirtualClock {
 public:
  static dtls::Instant now();
  // Never backwards.
  static void advance_to(dtls::Instant instant);
  // What an administrator or NTP does to the machine's clock: gettimeofday jumps, now() doesn't.
  static void step_wall_clock(dtls::Duration by);
  // How often gettimeofday has been asked, to prove that OpenSSL asks ours.
  static unsigned long reads();
};

}  // namespace simulation
