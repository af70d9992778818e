#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>
#include <ctime>

#include "core/openssl_library.h"
#include "simulation/virtual_clock.h"

int main(int argc, char** argv) {
  // OpenSSL asks it too.
  if (std::time(nullptr) != simulation::VirtualClock::wall().seconds()) {
    std::fputs("time() is the system's, not the simulation's\n", stderr);
    return 1;
  }
  dtls::initialize_openssl();
  doctest::Context context(argc, argv);
  return context.run();
}
