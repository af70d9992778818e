// The address of a peer, and which of ours it reaches: what the core demultiplexes by.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace dtls {

// IPv4 is kept in its IPv4-mapped form (::ffff:a.b.c.d), so that a dual-stack socket and an IPv4 socket
// give the same peer the same key and the same text.
struct Address {
  std::array<std::uint8_t, 16> ip{};
  std::uint32_t scope_id = 0;  // link-local IPv6 only
  std::uint16_t port = 0;      // host order
  // The address of ours that the peer reaches, and answers leave from, on a socket that has several of them;
  // all zero where it has one. In the form of `ip` and `scope_id`.
  std::array<std::uint8_t, 16> local_ip{};
  std::uint32_t local_scope_id = 0;

  static Address ipv4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d, std::uint16_t port = 0);
  bool is_ipv4() const;
  bool is_wildcard() const;    // 0.0.0.0 or ::
  bool is_link_local() const;  // IPv6 only
  bool has_local() const { return local_ip != std::array<std::uint8_t, 16>{}; }
  // Without its port.
  void set_local(const Address& ours);
  Address local() const;

  // The IP alone: "192.0.2.1", "2001:db8::1", "fe80::1%2" (RFC 5952).
  std::string host() const;
  // "192.0.2.1:4433", "[2001:db8::1]:4433".
  std::string text() const;

  bool operator==(const Address& other) const {
    return port == other.port && scope_id == other.scope_id && ip == other.ip && local_ip == other.local_ip &&
           local_scope_id == other.local_scope_id;
  }
  bool operator!=(const Address& other) const { return !(*this == other); }
  bool same_host(const Address& other) const { return scope_id == other.scope_id && ip == other.ip; }
};

// Peers choose their address and port, so tables keyed by them hash under a random seed.
class AddressHash {
 public:
  explicit AddressHash(std::uint64_t seed, bool with_port = true) : seed_(seed), with_port_(with_port) {}
  std::size_t operator()(const Address& address) const;

 private:
  std::uint64_t seed_;
  bool with_port_;
};

struct SameHost {
  bool operator()(const Address& a, const Address& b) const { return a.same_host(b); }
};

}  // namespace dtls
