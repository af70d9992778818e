// What a deadline costs in the endpoint's timing wheel: set, moved, and expired. CPU time of this thread.
//
//   deadlines [--rounds 5] [--entries 1000,1000000]
//
// Entries stand in objects of an association's size and are drawn at random. No cache holds a million of
// them, so some of what a deadline costs then is memory's: `touched`, which writes to one of the objects and
// nothing else, shows how slow that is. A deadline that is set or moved reaches its neighbours in a list too,
// and within an hour one that expires has been in up to four lists before. Deadlines lie within an hour; time
// goes from wake-up to wake-up, as the endpoint's does, and `wake-ups` counts them for each entry. Best of
// the rounds.

#include <time.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <numeric>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "core/deadlines.h"

namespace {

using dtls::Deadlines;
using dtls::Instant;

struct Options {
  int rounds = 5;
  std::vector<std::size_t> entries = {1'000, 1'000'000};
};

Options parse(int count, char** words) {
  Options options;
  std::map<std::string, std::string> given;
  for (int i = 1; i + 1 < count; i += 2) {
    given[words[i]] = words[i + 1];
  }
  if (given.count("--rounds") > 0) {
    options.rounds = std::max(1, std::stoi(given["--rounds"]));
  }
  if (given.count("--entries") > 0) {
    options.entries.clear();
    std::istringstream list(given["--entries"]);
    for (std::string number; std::getline(list, number, ',');) {
      options.entries.push_back(std::max(1UL, std::stoul(number)));
    }
  }
  return options;
}

double cpu_nanoseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

// With what an association has beside it.
struct Entry {
  std::uint8_t rest[384] = {};
  dtls::Deadline deadline{this};
};

// Nanoseconds for each, and wake-ups for each entry.
struct Costs {
  double touched = 0;
  double set = 0;
  double moved = 0;
  double expired = 0;
  double wake_ups = 0;
};

class Wheel {
 public:
  explicit Wheel(std::size_t size) : entries_(std::make_unique<Entry[]>(size)), order_(size), times_(size) {
    std::iota(order_.begin(), order_.end(), 0U);
  }

  Costs run() {
    Costs costs;
    costs.touched = each([](Entry& entry, Instant) { ++entry.rest[0]; });
    const auto set = [this](Entry& entry, Instant at) { wheel_.set(entry.deadline, at); };
    costs.set = each(set);
    costs.moved = each(set);

    std::size_t expired = 0;
    std::size_t wake_ups = 0;
    const double start = cpu_nanoseconds();
    for (Instant next = wheel_.next(); next != Instant::never(); next = wheel_.next()) {
      now_ = next;
      ++wake_ups;
      wheel_.expire_until(now_, [&](void* owner) {
        ++static_cast<Entry*>(owner)->rest[0];
        ++expired;
      });
    }
    const auto count = static_cast<double>(order_.size());
    costs.expired = (cpu_nanoseconds() - start) / count;
    costs.wake_ups = static_cast<double>(wake_ups) / count;
    if (expired != order_.size()) {
      std::fprintf(stderr, "deadlines: %zu of %zu expired\n", expired, order_.size());
      std::exit(1);
    }
    return costs;
  }

 private:
  template <typename Step>
  double each(Step step) {
    constexpr std::int64_t hour_us = std::int64_t{3600} * 1'000'000;
    std::shuffle(order_.begin(), order_.end(), random_);
    for (Instant& at : times_) {
      at = Instant{now_.us + static_cast<std::int64_t>(random_() % hour_us)};
    }
    const double start = cpu_nanoseconds();
    for (std::size_t i = 0; i < order_.size(); ++i) {
      step(entries_[order_[i]], times_[i]);
    }
    return (cpu_nanoseconds() - start) / static_cast<double>(order_.size());
  }

  Instant now_{};
  Deadlines wheel_{Instant{}};
  std::unique_ptr<Entry[]> entries_;
  std::vector<std::uint32_t> order_;
  std::vector<Instant> times_;
  std::mt19937_64 random_{1};
};

// A small wheel is run often, so that a round takes as long as a large one's would with 100,000 entries.
Costs best_of(int rounds, std::size_t entries) {
  Wheel wheel(entries);
  const std::size_t runs = static_cast<std::size_t>(rounds) * std::max<std::size_t>(1, 100'000 / entries);
  Costs best = wheel.run();
  for (std::size_t run = 1; run < runs; ++run) {
    const Costs costs = wheel.run();
    for (double Costs::* const figure :
         {&Costs::touched, &Costs::set, &Costs::moved, &Costs::expired, &Costs::wake_ups}) {
      best.*figure = std::min(best.*figure, costs.*figure);
    }
  }
  return best;
}

}  // namespace

int main(int count, char** words) {
  const Options options = parse(count, words);
  std::printf("ns CPU for each, best of %d rounds\n\n", options.rounds);
  std::printf("%10s %9s %9s %9s %9s %10s\n", "entries", "touched", "set", "moved", "expired", "wake-ups");
  for (const std::size_t entries : options.entries) {
    const Costs costs = best_of(options.rounds, entries);
    std::printf("%10zu %9.1f %9.1f %9.1f %9.1f %10.2f\n", entries, costs.touched, costs.set, costs.moved,
                costs.expired, costs.wake_ups);
  }
  return 0;
}
