#include "core/address.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace dtls {

namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

std::uint64_t rotate_left(std::uint64_t value, unsigned by) { return (value << by) | (value >> (64 - by)); }

// SipHash-1-3: short input and no output of the hash reaches a peer, so that the reduced rounds do.
struct SipHash {
  std::uint64_t v0, v1, v2, v3;

  explicit SipHash(std::uint64_t key)
      : v0(key ^ 0x736f6d6570736575U),
        v1(~key ^ 0x646f72616e646f6dU),
        v2(key ^ 0x6c7967656e657261U),
        v3(~key ^ 0x7465646279746573U) {}

  void round() {
    v0 += v1;
    v1 = rotate_left(v1, 13) ^ v0;
    v0 = rotate_left(v0, 32);
    v2 += v3;
    v3 = rotate_left(v3, 16) ^ v2;
    v0 += v3;
    v3 = rotate_left(v3, 21) ^ v0;
    v2 += v1;
    v1 = rotate_left(v1, 17) ^ v2;
    v2 = rotate_left(v2, 32);
  }

  void add(std::uint64_t word) {
    v3 ^= word;
    round();
    v0 ^= word;
  }

  std::uint64_t finish() {
    v2 ^= 0xff;
    round();
    round();
    round();
    return v0 ^ v1 ^ v2 ^ v3;
  }
};

std::string ipv6_text(const std::array<std::uint8_t, 16>& ip) {
  std::array<unsigned, 8> groups{};
  for (std::size_t i = 0; i < groups.size(); ++i) {
    groups[i] = static_cast<unsigned>(ip[2 * i]) << 8 | ip[2 * i + 1];
  }
  // RFC 5952 4.2: "::" stands for the longest run of zero groups, the first of equals, never for a single
  // one.
  std::size_t run_at = groups.size();
  std::size_t run_length = 1;
  for (std::size_t i = 0; i < groups.size();) {
    std::size_t end = i;
    while (end < groups.size() && groups[end] == 0) {
      ++end;
    }
    if (end - i > run_length) {
      run_at = i;
      run_length = end - i;
    }
    i = end + 1;
  }
  std::string text;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (i == run_at) {
      text += "::";
      i += run_length - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') {
      text += ':';
    }
    bool leading = true;
    for (unsigned shift = 16; shift > 0; shift -= 4) {
      const unsigned digit = (groups[i] >> (shift - 4)) & 0xf;
      if (leading && digit == 0 && shift > 4) {
        continue;
      }
      leading = false;
      text += "0123456789abcdef"[digit];
    }
  }
  return text;
}

}  // namespace

Address Address::ipv4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d, std::uint16_t port) {
  Address address;
  address.ip = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d};
  address.port = port;
  return address;
}

bool Address::is_ipv4() const {
  return std::memcmp(ip.data(), mapped_prefix.data(), mapped_prefix.size()) == 0;
}

bool Address::is_wildcard() const {
  const std::size_t first = is_ipv4() ? mapped_prefix.size() : 0;
  return std::all_of(ip.begin() + static_cast<std::ptrdiff_t>(first), ip.end(),
                     [](std::uint8_t byte) { return byte == 0; });
}

bool Address::is_link_local() const { return ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80; }

void Address::set_local(const Address& ours) {
  local_ip = ours.ip;
  local_scope_id = ours.scope_id;
}

Address Address::local() const {
  Address ours;
  ours.ip = local_ip;
  ours.scope_id = local_scope_id;
  return ours;
}

std::string Address::host() const {
  if (is_ipv4()) {
    return std::to_string(ip[12]) + '.' + std::to_string(ip[13]) + '.' + std::to_string(ip[14]) + '.' +
           std::to_string(ip[15]);
  }
  std::string text = ipv6_text(ip);
  if (scope_id != 0) {
    text += '%' + std::to_string(scope_id);
  }
  return text;
}

std::string Address::text() const {
  const std::string suffix = ':' + std::to_string(port);
  return is_ipv4() ? host() + suffix : '[' + host() + ']' + suffix;
}

std::size_t AddressHash::operator()(const Address& address) const {
  SipHash hash(seed_);
  std::uint64_t word = 0;
  std::memcpy(&word, address.ip.data(), 8);
  hash.add(word);
  std::memcpy(&word, address.ip.data() + 8, 8);
  hash.add(word);
  hash.add(static_cast<std::uint64_t>(address.scope_id) << 16 | (with_port_ ? address.port : 0U));
  if (with_port_ && address.has_local()) {
    std::memcpy(&word, address.local_ip.data(), 8);
    hash.add(word);
    std::memcpy(&word, address.local_ip.data() + 8, 8);
    hash.add(word);
    hash.add(address.local_scope_id);
  }
  return static_cast<std::size_t>(hash.finish());
}

}  // namespace dtls
