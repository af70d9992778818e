// The anti-replay window of one epoch (RFC 6347 4.1.2.6): the newest sequence number and the 64 up to it.
#pragma once

#include <cstdint>

namespace dtls {

class ReplayWindow {
 public:
  static constexpr std::uint64_t size = 64;

  // Whether a record of this number may be new. Says nothing of its authenticity.
  bool may_accept(std::uint64_t sequence) const {
    if (sequence >= next_) {
      return true;
    }
    const std::uint64_t age = next_ - 1 - sequence;
    return age < size && (seen_ >> age & 1) == 0;
  }

  // Only for a record that has authenticated: a forged number must not move the window.
  void accept(std::uint64_t sequence) {
    if (sequence < next_) {
      seen_ |= std::uint64_t{1} << (next_ - 1 - sequence);
      return;
    }
    const std::uint64_t ahead = sequence - next_ + 1;
    seen_ = (ahead < size ? seen_ << ahead : 0) | 1;
    next_ = sequence + 1;
  }

 private:
  std::uint64_t next_ = 0;  // one past the newest
  std::uint64_t seen_ = 0;  // bit n: number next_ - 1 - n has come
};

}  // namespace dtls
