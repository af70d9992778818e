// A fuzz input read as a script of choices, front to back. Past its end every choice is zero, so any bytes
// are a script and each prefix of one, too.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "core/bytes.h"

namespace fuzz {

class Script {
 public:
  Script(const std::uint8_t* data, std::size_t size) : rest_(data, size) {}

  bool at_end() const { return rest_.empty(); }
  dtls::ByteView rest() const { return rest_; }

  std::uint8_t byte() { return static_cast<std::uint8_t>(number(1)); }
  bool flag() { return (byte() & 1) != 0; }

  std::uint64_t number(std::size_t bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) {
      std::uint8_t next = 0;
      if (!rest_.empty()) {
        next = rest_[0];
        rest_ = rest_.from(1);
      }
      value = (value << 8) | next;
    }
    return value;
  }

  // 0 to count - 1. One byte, so `count` is at most 256.
  std::size_t index(std::size_t count) { return byte() % count; }

  template <typename T, std::size_t N>
  T choice(const std::array<T, N>& choices) {
    return choices[index(N)];
  }

  // At most `count` bytes of the script itself.
  dtls::ByteView bytes(std::size_t count) {
    const std::size_t taken = std::min(count, rest_.size());
    const dtls::ByteView view = rest_.sub(0, taken);
    rest_ = rest_.from(taken);
    return view;
  }

 private:
  dtls::ByteView rest_;
};

}  // namespace fuzz
