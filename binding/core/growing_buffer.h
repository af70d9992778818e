// Bytes that are collected, handed out together, and collected anew.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/bytes.h"

namespace dtls {

// A byte buffer that grows without clearing what it grows by, for reading straight into it.
class GrowingBuffer {
 public:
  // Room for `size` more bytes behind what is used; valid until the next call.
  std::uint8_t* reserve(std::size_t size);
  void use(std::size_t size) { used_ += size; }
  void append(ByteView bytes);
  void clear() { used_ = 0; }

  const std::uint8_t* data() const { return bytes_.get(); }
  std::uint8_t* data() { return bytes_.get(); }
  std::size_t size() const { return used_; }

 private:
  std::unique_ptr<std::uint8_t[]> bytes_;
  std::size_t used_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace dtls
