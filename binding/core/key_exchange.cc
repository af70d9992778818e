#include "core/key_exchange.h"

namespace dtls {

namespace {

struct Group {
  std::uint16_t number;
  const char* name;
  std::uint16_t bits;
};

// RFC 8422 5.1.1.
constexpr Group groups[] = {
    {23, "secp256r1", 256}, {24, "secp384r1", 384}, {25, "secp521r1", 521},
    {29, "x25519", 253},    {30, "x448", 448},
};

}  // namespace

KeyExchange read_server_key_exchange(ByteView body) {
  constexpr std::uint8_t named_curve = 3;  // ECCurveType, RFC 8422 5.4
  ByteReader reader(body);
  if (reader.u8() == named_curve) {
    const std::uint16_t number = reader.u16();
    for (const Group& group : groups) {
      if (group.number == number) {
        return {group.name, group.bits};
      }
    }
    return {"group " + std::to_string(number), 0};
  }
  ByteReader dh(body);
  return {"", static_cast<std::uint16_t>(dh.u16() * 8)};
}

}  // namespace dtls
