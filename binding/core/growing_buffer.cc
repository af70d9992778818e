#include "core/growing_buffer.h"

#include <algorithm>
#include <utility>

namespace dtls {

namespace {
constexpr std::size_t least_capacity = 4096;
}

std::uint8_t* GrowingBuffer::reserve(std::size_t size) {
  if (!bytes_ || capacity_ - used_ < size) {
    const std::size_t capacity = std::max({least_capacity, 2 * capacity_, used_ + size});
    // Default-initialised: make_unique would clear it.
    std::unique_ptr<std::uint8_t[]> bytes(new std::uint8_t[capacity]);
    std::copy_n(bytes_.get(), used_, bytes.get());
    bytes_ = std::move(bytes);
    capacity_ = capacity;
  }
  return bytes_.get() + used_;
}

void GrowingBuffer::append(ByteView bytes) {
  std::copy(bytes.begin(), bytes.end(), reserve(bytes.size()));
  used_ += bytes.size();
}

}  // namespace dtls
