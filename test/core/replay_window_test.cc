// Which record numbers are taken (RFC 6347 4.1.2.6).
#include "core/replay_window.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <set>

#include "core/record.h"

using dtls::ReplayWindow;

TEST_CASE("the window takes what it has not seen, of the 64 numbers up to the newest and beyond") {
  ReplayWindow window;
  for (std::uint64_t number = 0; number < 70; ++number) {
    CHECK(window.may_accept(number));
  }
  window.accept(100);
  for (std::uint64_t number = 0; number < 200; ++number) {
    CAPTURE(number);
    CHECK(window.may_accept(number) == (number >= 37 && number != 100));
  }
}

TEST_CASE("asking does not change the window") {
  ReplayWindow window;
  window.accept(5);
  CHECK(window.may_accept(dtls::max_sequence));
  CHECK(window.may_accept(4));
  CHECK(window.may_accept(4));
  CHECK_FALSE(window.may_accept(5));
}

TEST_CASE("the window agrees with a set of all numbers, whatever order they come in") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    ReplayWindow window;
    std::set<std::uint64_t> seen;
    // Also across the last numbers that there are.
    std::uint64_t around = seed % 2 == 0 ? dtls::max_sequence - 3000 : 0;
    for (int step = 0; step < 5000; ++step) {
      const std::uint64_t jump = random() % 50 == 0 ? random() % 200 : random() % 3;
      around = std::min(around + jump, dtls::max_sequence);
      const std::uint64_t back = random() % 100;
      const std::uint64_t number = around - std::min(around, back);
      const std::uint64_t newest = seen.empty() ? 0 : *seen.rbegin();
      const bool is_new = seen.count(number) == 0 && (seen.empty() || number + 64 > newest);
      REQUIRE(window.may_accept(number) == is_new);
      if (is_new) {
        window.accept(number);
        seen.insert(number);
      }
    }
  }
}
