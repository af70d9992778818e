// Borrowed bytes and a bounds-checked big-endian reader: the only way the core looks into a datagram.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace dtls {

// A read-only view that owns nothing; valid as long as what it was made from.
class ByteView {
 public:
  constexpr ByteView() = default;
  constexpr ByteView(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  ByteView(const std::vector<std::uint8_t>& bytes)  // NOLINT(google-explicit-constructor)
      : data_(bytes.data()), size_(bytes.size()) {}

  const std::uint8_t* data() const { return data_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::uint8_t operator[](std::size_t index) const { return data_[index]; }
  const std::uint8_t* begin() const { return data_; }
  const std::uint8_t* end() const { return data_ + size_; }

  // The caller has checked that offset + count <= size().
  ByteView sub(std::size_t offset, std::size_t count) const { return {data_ + offset, count}; }
  ByteView from(std::size_t offset) const { return {data_ + offset, size_ - offset}; }

  std::vector<std::uint8_t> copy() const { return std::vector<std::uint8_t>(begin(), end()); }
  std::string text() const { return std::string(begin(), end()); }

  bool operator==(const ByteView& other) const {
    return size_ == other.size_ && (size_ == 0 || std::memcmp(data_, other.data_, size_) == 0);
  }
  bool operator!=(const ByteView& other) const { return !(*this == other); }

 private:
  const std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

// Reads network-order numbers. A read past the end yields zero and makes ok() false for good, so that a
// parser may read a whole header and check once.
class ByteReader {
 public:
  explicit ByteReader(ByteView bytes) : bytes_(bytes) {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u24() { return static_cast<std::uint32_t>(number(3)); }
  std::uint64_t u48() { return number(6); }
  std::uint64_t u64() { return number(8); }

  ByteView take(std::size_t count) {
    if (!ok_ || bytes_.size() - position_ < count) {
      ok_ = false;
      return {};
    }
    const ByteView taken = bytes_.sub(position_, count);
    position_ += count;
    return taken;
  }

  bool ok() const { return ok_; }
  std::size_t position() const { return position_; }
  std::size_t remaining() const { return ok_ ? bytes_.size() - position_ : 0; }

 private:
  std::uint64_t number(std::size_t count) {
    const ByteView taken = take(count);
    std::uint64_t value = 0;
    for (const std::uint8_t byte : taken) {
      value = (value << 8) | byte;
    }
    return value;
  }

  ByteView bytes_;
  std::size_t position_ = 0;
  bool ok_ = true;
};

inline void put_number(std::uint8_t* to, std::uint64_t value, std::size_t count) {
  for (std::size_t i = count; i > 0; --i) {
    to[i - 1] = static_cast<std::uint8_t>(value & 0xff);
    value >>= 8;
  }
}

inline std::uint64_t number_at(const std::uint8_t* from, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    value = value << 8 | from[i];
  }
  return value;
}

inline void append_number(std::vector<std::uint8_t>& to, std::uint64_t value, std::size_t count) {
  const std::size_t at = to.size();
  to.resize(at + count);
  put_number(to.data() + at, value, count);
}

inline void append(std::vector<std::uint8_t>& to, ByteView bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}

}  // namespace dtls
