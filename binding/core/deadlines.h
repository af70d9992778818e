// All deadlines of all associations in one hierarchical timing wheel: ten levels of 64 slots, ticks of one
// millisecond, so that every Instant has its slot. Insert, move, cancel and expire take amortised constant
// time, with a million entries too.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/clock.h"

namespace dtls {

// The link that an owner embeds. It leaves its wheel when it is destroyed.
class Deadline {
 public:
  explicit Deadline(void* owner) : owner_(owner) {}
  ~Deadline();
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  bool is_set() const { return wheel_ != nullptr; }
  Instant at() const { return at_; }

 private:
  friend class Deadlines;
  void* owner_;
  class Deadlines* wheel_ = nullptr;
  Deadline* previous_ = nullptr;
  Deadline* next_ = nullptr;
  Instant at_ = Instant::never();
  std::uint8_t level_ = 0;
  std::uint8_t slot_ = 0;
};

class Deadlines {
 public:
  explicit Deadlines(Instant start);
  ~Deadlines();  // entries that are still set are unlinked, not expired
  Deadlines(const Deadlines&) = delete;
  Deadlines& operator=(const Deadlines&) = delete;

  // Inserts or moves. A deadline in the past expires at the next expire_until; Instant::never() cancels.
  void set(Deadline& deadline, Instant at);
  void cancel(Deadline& deadline);

  // When to call expire_until next: never later than the earliest deadline's millisecond, and for far ones
  // possibly earlier, to let them cascade (a bounded number of times each). Instant::never() when there is
  // none.
  Instant next() const;

  // Unlinks each deadline that is due and hands its owner to `on_expired(void* owner)`, which may set, cancel
  // and destroy any deadline, its own included. What it sets in the past waits for the next call. A deadline
  // never fires before its time; the wheel rounds upwards, by less than a millisecond. Time that runs
  // backwards is taken as standing still.
  template <typename OnExpired>
  void expire_until(Instant now, OnExpired on_expired) {
    begin_expiry(now);
    while (Deadline* due = take_due()) {
      on_expired(due->owner_);
    }
  }

  std::size_t size() const { return size_; }

 private:
  static constexpr std::size_t levels = 10;
  static constexpr std::size_t slots = 64;
  static constexpr std::uint8_t due_level = levels;  // of those in due_

  void begin_expiry(Instant now);
  Deadline* take_due();
  std::uint64_t tick_of(Instant at) const;
  Instant instant_of(std::uint64_t tick) const;
  void place(Deadline& deadline);
  void unlink(Deadline& deadline);

  // Lists whose first element's `previous_` is their last.
  std::array<std::array<Deadline*, slots>, levels> wheel_{};
  std::array<std::uint64_t, levels> occupied_{};  // a bit per slot that isn't empty
  Deadline* due_ = nullptr;                       // expired, not yet handed out
  std::int64_t start_;                            // tick 0, in milliseconds of the clock
  std::uint64_t tick_ = 0;                        // all that was set for it or before has been taken out
  std::size_t size_ = 0;
};

}  // namespace dtls
