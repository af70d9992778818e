#include "core/events.h"

#include <algorithm>

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

void Events::add(EventKind kind, ConnectionId id, ByteView bytes, std::int32_t a, std::int32_t b,
                 std::int32_t c) {
  const auto offset = static_cast<std::uint32_t>(bytes_.size());
  bytes_.append(bytes);
  list_.push_back({kind, id, a, b, c, offset, static_cast<std::uint32_t>(bytes.size())});
}

void Events::add(EventKind kind, ConnectionId id, std::string_view text, std::int32_t a, std::int32_t b,
                 std::int32_t c) {
  add(kind, id, ByteView(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()), a, b, c);
}

void Events::add_reserved(EventKind kind, ConnectionId id, std::size_t length) {
  const auto offset = static_cast<std::uint32_t>(bytes_.size());
  bytes_.use(length);
  list_.push_back({kind, id, 0, 0, 0, offset, static_cast<std::uint32_t>(length)});
}

void Events::clear() {
  list_.clear();
  bytes_.clear();
}

}  // namespace dtls
