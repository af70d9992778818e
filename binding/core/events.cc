#include "core/events.h"

namespace dtls {

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
