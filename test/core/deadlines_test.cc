#include "core/deadlines.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <random>
#include <vector>

using dtls::Deadline;
using dtls::Deadlines;
using dtls::Duration;
using dtls::Instant;

namespace {

constexpr std::int64_t ms = 1000;
constexpr std::int64_t year = std::int64_t{365} * 24 * 3600 * 1000 * ms;

struct Timer {
  int number;
  Deadline deadline{this};
  explicit Timer(int its_number) : number(its_number) {}
};

std::vector<int> expired(Deadlines& wheel, Instant now) {
  std::vector<int> numbers;
  wheel.expire_until(now, [&](void* owner) { numbers.push_back(static_cast<Timer*>(owner)->number); });
  return numbers;
}

std::int64_t rounded_up(std::int64_t us) { return us >= 0 ? (us + ms - 1) / ms * ms : -(-us / ms * ms); }

}  // namespace

TEST_CASE("a deadline fires once, at its time and not before") {
  Deadlines wheel(Instant{0});
  Timer timer(1);
  CHECK(wheel.next() == Instant::never());
  wheel.set(timer.deadline, Instant{5 * ms});
  CHECK(timer.deadline.is_set());
  CHECK(timer.deadline.at() == Instant{5 * ms});
  CHECK(wheel.next() == Instant{5 * ms});
  CHECK(expired(wheel, Instant{5 * ms - 1}).empty());
  CHECK(expired(wheel, Instant{5 * ms}) == std::vector<int>{1});
  CHECK_FALSE(timer.deadline.is_set());
  CHECK(expired(wheel, Instant{50 * ms}).empty());
  CHECK(wheel.size() == 0);
  CHECK(wheel.next() == Instant::never());
}

TEST_CASE("fractions of a millisecond round upwards") {
  Deadlines wheel(Instant{1234});
  Timer timer(1);
  wheel.set(timer.deadline, Instant{5 * ms + 1});
  CHECK(wheel.next() == Instant{6 * ms});
  CHECK(expired(wheel, Instant{6 * ms - 1}).empty());
  CHECK(expired(wheel, Instant{6 * ms}) == std::vector<int>{1});
}

TEST_CASE("deadlines fire in the order of their milliseconds") {
  Deadlines wheel(Instant{0});
  std::vector<std::unique_ptr<Timer>> timers;
  const std::vector<std::int64_t> times = {70000, 3, 64, 4096, 63, 65, 1, 262144, 4095, 100};
  for (std::size_t i = 0; i < times.size(); ++i) {
    timers.push_back(std::make_unique<Timer>(static_cast<int>(times[i])));
    wheel.set(timers.back()->deadline, Instant{times[i] * ms});
  }
  CHECK(expired(wheel, Instant{1000000 * ms}) ==
        std::vector<int>{1, 3, 63, 64, 65, 100, 4095, 4096, 70000, 262144});
}

TEST_CASE("moving forgets the earlier time, never() cancels") {
  Deadlines wheel(Instant{0});
  Timer timer(1);
  wheel.set(timer.deadline, Instant{5 * ms});
  wheel.set(timer.deadline, Instant{500 * ms});
  CHECK(wheel.size() == 1);
  CHECK(expired(wheel, Instant{499 * ms}).empty());
  CHECK(expired(wheel, Instant{500 * ms}).size() == 1);
  wheel.set(timer.deadline, Instant{600 * ms});
  wheel.set(timer.deadline, Instant::never());
  CHECK_FALSE(timer.deadline.is_set());
  CHECK(wheel.next() == Instant::never());
  wheel.cancel(timer.deadline);
  CHECK(expired(wheel, Instant{1000 * ms}).empty());
}

TEST_CASE("a deadline in the past fires at the next call") {
  Deadlines wheel(Instant{1000 * ms});
  Timer early(1);
  Timer before_start(2);
  CHECK(expired(wheel, Instant{2000 * ms}).empty());
  wheel.set(early.deadline, Instant{1500 * ms});
  wheel.set(before_start.deadline, Instant{-5 * ms});
  CHECK(wheel.next() <= Instant{2000 * ms});
  CHECK(expired(wheel, Instant{2000 * ms}).size() == 2);
}

TEST_CASE("a deadline that its own callback sets in the past waits for the next call") {
  Deadlines wheel(Instant{0});
  Timer timer(1);
  wheel.set(timer.deadline, Instant{ms});
  int calls = 0;
  const auto again = [&](void*) {
    ++calls;
    wheel.set(timer.deadline, Instant{0});
  };
  wheel.expire_until(Instant{10 * ms}, again);
  CHECK(calls == 1);
  CHECK(wheel.next() <= Instant{10 * ms});
  wheel.expire_until(Instant{10 * ms}, again);
  CHECK(calls == 2);
}

TEST_CASE("a callback may cancel, move and destroy what is due with it") {
  Deadlines wheel(Instant{0});
  Timer first(1);
  Timer cancelled(2);
  Timer moved(3);
  auto destroyed = std::make_unique<Timer>(4);
  Timer last(5);
  for (Timer* timer : {&first, &cancelled, &moved, destroyed.get(), &last}) {
    wheel.set(timer->deadline, Instant{ms});
  }
  std::vector<int> order;
  wheel.expire_until(Instant{ms}, [&](void* owner) {
    order.push_back(static_cast<Timer*>(owner)->number);
    if (order.size() > 1) {
      return;
    }
    wheel.cancel(cancelled.deadline);
    wheel.set(moved.deadline, Instant{7 * ms});
    destroyed.reset();
  });
  CHECK(order == std::vector<int>{1, 5});
  CHECK(wheel.size() == 1);
  CHECK(expired(wheel, Instant{7 * ms}) == std::vector<int>{3});
}

TEST_CASE("an owner may go while set, and so may the wheel") {
  Timer outlives(1);
  {
    Deadlines wheel(Instant{0});
    {
      Timer gone(2);
      wheel.set(gone.deadline, Instant{ms});
    }
    CHECK(wheel.size() == 0);
    CHECK(expired(wheel, Instant{ms}).empty());
    wheel.set(outlives.deadline, Instant{year});
  }
  CHECK_FALSE(outlives.deadline.is_set());
  Deadlines another(Instant{0});
  another.set(outlives.deadline, Instant{ms});
  CHECK(expired(another, Instant{ms}).size() == 1);
}

TEST_CASE("a deadline moves from one wheel to another") {
  Deadlines one(Instant{0});
  Deadlines another(Instant{0});
  Timer timer(1);
  one.set(timer.deadline, Instant{ms});
  another.set(timer.deadline, Instant{ms});
  CHECK(one.size() == 0);
  CHECK(expired(one, Instant{ms}).empty());
  CHECK(expired(another, Instant{ms}).size() == 1);
}

TEST_CASE("deadlines years ahead need few wake-ups") {
  Deadlines wheel(Instant{0});
  Timer timer(1);
  for (const std::int64_t at : {year / 100, year, 3 * year, 1000 * year, 290000 * year}) {
    CAPTURE(at);
    wheel.set(timer.deadline, Instant{at});
    int wake_ups = 0;
    std::vector<int> fired;
    while (wheel.next() != Instant::never()) {
      const Instant next = wheel.next();
      CHECK(next <= Instant{rounded_up(at)});
      fired = expired(wheel, next);
      ++wake_ups;
      REQUIRE(wake_ups <= 11);
      if (!fired.empty()) {
        CHECK(next == Instant{rounded_up(at)});
      }
    }
    CHECK(fired.size() == 1);
  }
}

TEST_CASE("the ends of the number range do no harm") {
  Deadlines wheel(Instant{std::numeric_limits<std::int64_t>::min()});
  Timer last(1);
  Timer first(2);
  wheel.set(last.deadline, Instant{Instant::never().us - 1});
  wheel.set(first.deadline, Instant{std::numeric_limits<std::int64_t>::min()});
  CHECK(expired(wheel, Instant{0}) == std::vector<int>{2});
  CHECK(wheel.next() > Instant{0});
  CHECK(expired(wheel, Instant::never()) == std::vector<int>{1});
}

TEST_CASE("time that runs backwards stands still") {
  Deadlines wheel(Instant{0});
  Timer timer(1);
  CHECK(expired(wheel, Instant{1000 * ms}).empty());
  wheel.set(timer.deadline, Instant{1100 * ms});
  CHECK(expired(wheel, Instant{10 * ms}).empty());
  CHECK(expired(wheel, Instant{1099 * ms}).empty());
  CHECK(expired(wheel, Instant{1100 * ms}).size() == 1);
}

TEST_CASE("the wheel agrees with a sorted list under random use") {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    const auto below = [&](std::int64_t bound) {
      return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(bound));
    };
    std::int64_t now = below(1000 * year) - 500 * year;
    Deadlines wheel(Instant{now});
    std::vector<std::unique_ptr<Timer>> timers;
    for (int i = 0; i < 50; ++i) {
      timers.push_back(std::make_unique<Timer>(i));
    }
    std::map<int, std::int64_t> model;  // number -> the time from which it fires

    const auto far = [&]() -> std::int64_t {
      switch (below(6)) {
        case 0:
          return below(3 * ms);
        case 1:
          return below(200 * ms);
        case 2:
          return below(10000 * ms);
        case 3:
          return below(4 * year);
        case 4:
          return -below(100 * ms);
        default:
          return (std::int64_t{1} << (6 * below(6))) * ms + below(3 * ms) - ms;
      }
    };
    for (int step = 0; step < 2000; ++step) {
      const auto number = static_cast<int>(below(50));
      Timer& timer = *timers[static_cast<std::size_t>(number)];
      switch (below(4)) {
        case 0:
        case 1: {
          const std::int64_t at = now + far();
          wheel.set(timer.deadline, Instant{at});
          model[number] = rounded_up(at);
          break;
        }
        case 2:
          wheel.cancel(timer.deadline);
          model.erase(number);
          break;
        default: {
          const Instant next = wheel.next();
          if (model.empty()) {
            REQUIRE(next == Instant::never());
          } else {
            std::int64_t earliest = Instant::never().us;
            for (const auto& entry : model) {
              earliest = std::min(earliest, entry.second);
            }
            REQUIRE(next.us <= std::max(earliest, now));
          }
          if (below(3) == 0 && next != Instant::never()) {
            now = std::max(now, next.us);
          } else {
            now += std::max<std::int64_t>(0, far());
          }
          wheel.expire_until(Instant{now}, [&](void* owner) {
            const auto found = model.find(static_cast<Timer*>(owner)->number);
            REQUIRE(found != model.end());
            REQUIRE(found->second <= now);
            model.erase(found);
          });
          for (const auto& entry : model) {
            REQUIRE(entry.second > now);
          }
          break;
        }
      }
      REQUIRE(wheel.size() == model.size());
    }
  }
}

TEST_CASE("a million deadlines, set, moved and expired") {
  Deadlines wheel(Instant{0});
  struct Many {
    Deadline deadline{nullptr};
  };
  std::vector<Many> timers(1000000);
  std::mt19937 random(5);
  const auto within_an_hour = [&] { return Instant{static_cast<std::int64_t>(random() % 3600000) * ms}; };
  for (Many& timer : timers) {
    wheel.set(timer.deadline, within_an_hour());
    wheel.set(timer.deadline, within_an_hour());
  }
  CHECK(wheel.size() == timers.size());
  std::size_t fired = 0;
  for (std::int64_t now = 0; now <= 3600; ++now) {
    wheel.expire_until(Instant{now * 1000 * ms}, [&](void*) { ++fired; });
  }
  CHECK(fired == timers.size());
}
