#include "core/deadlines.h"

#include <algorithm>

namespace dtls {

// A deadline stands in the level of the highest six bits in which its tick differs from the current one. So
// all of a level lies before all of the next, the first occupied slot of the lowest level is the earliest,
// and when time reaches a slot its entries move down, at most once per level.

namespace {

constexpr unsigned bits_per_level = 6;

constexpr std::int64_t last_millisecond = Instant::never().us / 1000;

std::int64_t floor_ms(std::int64_t us) { return us / 1000 - (us % 1000 < 0 ? 1 : 0); }
std::int64_t ceil_ms(std::int64_t us) { return us / 1000 + (us % 1000 > 0 ? 1 : 0); }

unsigned lowest_bit(std::uint64_t bits) {
  unsigned position = 0;
  for (unsigned half = 32; half > 0; half /= 2) {
    if ((bits & ((std::uint64_t{1} << half) - 1)) == 0) {
      bits >>= half;
      position += half;
    }
  }
  return position;
}

std::uint64_t without_low_bits(std::uint64_t value, unsigned bits) { return value >> bits << bits; }

}  // namespace

Deadline::~Deadline() {
  if (wheel_ != nullptr) {
    wheel_->cancel(*this);
  }
}

Deadlines::Deadlines(Instant start) : start_(floor_ms(start.us)) {}

Deadlines::~Deadlines() {
  const auto release = [](Deadline* list) {
    while (list != nullptr) {
      Deadline* const next = list->next_;
      list->wheel_ = nullptr;
      list->previous_ = list->next_ = nullptr;
      list = next;
    }
  };
  release(due_);
  for (const auto& level : wheel_) {
    std::for_each(level.begin(), level.end(), release);
  }
}

void Deadlines::set(Deadline& deadline, Instant at) {
  if (deadline.wheel_ != nullptr) {
    deadline.wheel_->cancel(deadline);
  }
  if (at == Instant::never()) {
    return;
  }
  deadline.wheel_ = this;
  deadline.at_ = at;
  ++size_;
  place(deadline);
}

void Deadlines::cancel(Deadline& deadline) {
  if (deadline.wheel_ != this) {
    return;
  }
  unlink(deadline);
  deadline.wheel_ = nullptr;
  deadline.at_ = Instant::never();
  --size_;
}

Instant Deadlines::next() const {
  if (due_ != nullptr) {
    return instant_of(tick_);
  }
  for (unsigned level = 0; level < levels; ++level) {
    if (occupied_[level] == 0) {
      continue;
    }
    const std::uint64_t block = without_low_bits(tick_, bits_per_level * (level + 1));
    return instant_of(block + (std::uint64_t{lowest_bit(occupied_[level])} << (bits_per_level * level)));
  }
  return Instant::never();
}

void Deadlines::begin_expiry(Instant now) {
  const std::int64_t now_ms = floor_ms(now.us);
  if (now_ms < start_) {
    return;
  }
  const std::uint64_t target = static_cast<std::uint64_t>(now_ms) - static_cast<std::uint64_t>(start_);
  if (target < tick_) {
    return;
  }
  for (unsigned level = 0; level < levels;) {
    if (occupied_[level] == 0) {
      ++level;
      continue;
    }
    const unsigned slot = lowest_bit(occupied_[level]);
    const std::uint64_t reached = without_low_bits(tick_, bits_per_level * (level + 1)) +
                                  (std::uint64_t{slot} << (bits_per_level * level));
    if (reached > target) {
      break;
    }
    tick_ = reached;
    Deadline* list = wheel_[level][slot];
    wheel_[level][slot] = nullptr;
    occupied_[level] &= ~(std::uint64_t{1} << slot);
    if (level == 0) {
      for (Deadline* entry = list; entry != nullptr; entry = entry->next_) {
        entry->level_ = due_level;
      }
      if (due_ == nullptr) {
        due_ = list;
      } else {
        Deadline* const last = list->previous_;
        due_->previous_->next_ = list;
        list->previous_ = due_->previous_;
        due_->previous_ = last;
      }
    } else {
      while (list != nullptr) {
        Deadline* const next = list->next_;
        place(*list);
        list = next;
      }
      level = 0;
    }
  }
  tick_ = target;
}

Deadline* Deadlines::take_due() {
  Deadline* const first = due_;
  if (first != nullptr) {
    cancel(*first);
  }
  return first;
}

std::uint64_t Deadlines::tick_of(Instant at) const {
  const std::int64_t ms = std::min(ceil_ms(at.us), last_millisecond);
  if (ms <= start_) {
    return tick_;
  }
  return std::max(tick_, static_cast<std::uint64_t>(ms) - static_cast<std::uint64_t>(start_));
}

Instant Deadlines::instant_of(std::uint64_t tick) const {
  return {static_cast<std::int64_t>(static_cast<std::uint64_t>(start_) + tick) * 1000};
}

void Deadlines::place(Deadline& deadline) {
  const std::uint64_t tick = tick_of(deadline.at_);
  unsigned level = 0;
  for (std::uint64_t differs = (tick ^ tick_) >> bits_per_level; differs != 0; differs >>= bits_per_level) {
    ++level;
  }
  const unsigned slot = static_cast<unsigned>(tick >> (bits_per_level * level)) % slots;
  deadline.level_ = static_cast<std::uint8_t>(level);
  deadline.slot_ = static_cast<std::uint8_t>(slot);
  deadline.next_ = nullptr;
  Deadline*& head = wheel_[level][slot];
  if (head == nullptr) {
    head = deadline.previous_ = &deadline;
    occupied_[level] |= std::uint64_t{1} << slot;
  } else {
    deadline.previous_ = head->previous_;
    head->previous_->next_ = &deadline;
    head->previous_ = &deadline;
  }
}

void Deadlines::unlink(Deadline& deadline) {
  Deadline*& head = deadline.level_ == due_level ? due_ : wheel_[deadline.level_][deadline.slot_];
  if (head == &deadline) {
    head = deadline.next_;
    if (head != nullptr) {
      head->previous_ = deadline.previous_;
    } else if (deadline.level_ != due_level) {
      occupied_[deadline.level_] &= ~(std::uint64_t{1} << deadline.slot_);
    }
  } else {
    deadline.previous_->next_ = deadline.next_;
    (deadline.next_ != nullptr ? deadline.next_ : head)->previous_ = deadline.previous_;
  }
  deadline.previous_ = deadline.next_ = nullptr;
}

}  // namespace dtls
