#include "core/address.h"

#include <doctest/doctest.h>

#include <set>

using dtls::Address;
using dtls::AddressHash;

namespace {

Address ipv6(std::array<unsigned, 8> groups, std::uint16_t port = 0, std::uint32_t scope = 0) {
  Address address;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    address.ip[2 * i] = static_cast<std::uint8_t>(groups[i] >> 8);
    address.ip[2 * i + 1] = static_cast<std::uint8_t>(groups[i] & 0xff);
  }
  address.port = port;
  address.scope_id = scope;
  return address;
}

}  // namespace

TEST_CASE("an IPv4 peer has the same text on an IPv4 and on a dual-stack socket") {
  const Address address = Address::ipv4(192, 0, 2, 1, 4433);
  CHECK(address.is_ipv4());
  CHECK(address.host() == "192.0.2.1");
  CHECK(address.text() == "192.0.2.1:4433");
  CHECK(address == ipv6({0, 0, 0, 0, 0, 0xffff, 0xc000, 0x0201}, 4433));
  CHECK(Address::ipv4(0, 0, 0, 0, 0).text() == "0.0.0.0:0");
  CHECK(Address::ipv4(255, 255, 255, 255, 65535).text() == "255.255.255.255:65535");
}

TEST_CASE("IPv6 texts are those of RFC 5952") {
  CHECK(ipv6({0x2001, 0xdb8, 0, 0, 0, 0, 0, 1}).host() == "2001:db8::1");
  CHECK(ipv6({0, 0, 0, 0, 0, 0, 0, 0}).host() == "::");
  CHECK(ipv6({0, 0, 0, 0, 0, 0, 0, 1}).host() == "::1");
  CHECK(ipv6({1, 0, 0, 0, 0, 0, 0, 0}).host() == "1::");
  CHECK(ipv6({0x2001, 0xdb8, 0, 1, 1, 1, 1, 1}).host() == "2001:db8:0:1:1:1:1:1");
  CHECK(ipv6({0x2001, 0, 0, 1, 0, 0, 0, 1}).host() == "2001:0:0:1::1");
  CHECK(ipv6({0x2001, 0xdb8, 0, 0, 1, 0, 0, 1}).host() == "2001:db8::1:0:0:1");
  CHECK(ipv6({1, 2, 3, 4, 5, 6, 0, 0}).host() == "1:2:3:4:5:6::");
  CHECK(ipv6({0, 0, 3, 4, 5, 6, 7, 8}).host() == "::3:4:5:6:7:8");
  CHECK(ipv6({0xabcd, 0x0ef0, 0x10, 4, 5, 6, 7, 0}).host() == "abcd:ef0:10:4:5:6:7:0");
  CHECK(ipv6({0xfe80, 0, 0, 0, 0, 0, 0, 1}, 5, 2).host() == "fe80::1%2");
  CHECK(ipv6({0xfe80, 0, 0, 0, 0, 0, 0, 1}, 5, 2).text() == "[fe80::1%2]:5");
  CHECK_FALSE(ipv6({0, 0, 0, 0, 0, 0, 0xc000, 0x0201}).is_ipv4());
}

TEST_CASE("addresses differ in IP, scope and port, hosts in IP and scope") {
  const Address a = ipv6({0xfe80, 0, 0, 0, 0, 0, 0, 1}, 1, 2);
  Address b = a;
  b.port = 9;
  CHECK(a != b);
  CHECK(a.same_host(b));
  b = a;
  b.scope_id = 3;
  CHECK(a != b);
  CHECK_FALSE(a.same_host(b));
}

TEST_CASE("addresses differ in which of ours they reach, hosts do not") {
  const Address a = Address::ipv4(10, 0, 0, 1, 1000);
  CHECK_FALSE(a.has_local());
  Address b = a;
  b.set_local(Address::ipv4(10, 0, 0, 9));
  CHECK(b.has_local());
  CHECK(b.local().text() == "10.0.0.9:0");
  CHECK(b.text() == a.text());
  CHECK(a != b);
  CHECK(a.same_host(b));
  b.set_local(ipv6({0xfe80, 0, 0, 0, 0, 0, 0, 9}, 0, 3));
  CHECK(b.local().host() == "fe80::9%3");
  Address other_link = b;
  other_link.set_local(ipv6({0xfe80, 0, 0, 0, 0, 0, 0, 9}, 0, 4));
  CHECK(b != other_link);
}

TEST_CASE("the wildcards of both families, and link-local addresses, are told from others") {
  CHECK(Address::ipv4(0, 0, 0, 0).is_wildcard());
  CHECK(ipv6({0, 0, 0, 0, 0, 0, 0, 0}).is_wildcard());
  CHECK_FALSE(ipv6({0, 0, 0, 0, 0, 0, 0, 1}).is_wildcard());
  CHECK_FALSE(Address::ipv4(0, 0, 0, 1).is_wildcard());
  CHECK(ipv6({0xfebf, 0, 0, 0, 0, 0, 0, 1}).is_link_local());
  CHECK_FALSE(ipv6({0xfec0, 0, 0, 0, 0, 0, 0, 1}).is_link_local());
  CHECK_FALSE(Address::ipv4(254, 128, 0, 1).is_link_local());
}

TEST_CASE("the hash depends on its seed and on all that tells addresses apart") {
  const Address a = Address::ipv4(10, 0, 0, 1, 1000);
  const AddressHash hash(1);
  const AddressHash host_hash(1, false);
  Address other_port = a;
  other_port.port = 1001;
  Address other_scope = a;
  other_scope.scope_id = 1;
  CHECK(hash(a) == AddressHash(1)(a));
  CHECK(hash(a) != AddressHash(2)(a));
  CHECK(hash(a) != hash(other_port));
  CHECK(hash(a) != hash(other_scope));
  Address other_local = a;
  other_local.set_local(ipv6({0xfe80, 0, 0, 0, 0, 0, 0, 9}, 0, 3));
  Address other_link = a;
  other_link.set_local(ipv6({0xfe80, 0, 0, 0, 0, 0, 0, 9}, 0, 4));
  CHECK(hash(a) != hash(other_local));
  CHECK(hash(other_local) != hash(other_link));
  CHECK(host_hash(a) == host_hash(other_local));
  CHECK(host_hash(a) == host_hash(other_port));
  CHECK(host_hash(a) != host_hash(other_scope));

  // One host with all its ports: the low bits, by which tables choose their buckets, must spread.
  std::set<std::size_t> buckets;
  Address peer = a;
  for (unsigned port = 0; port < 4096; ++port) {
    peer.port = static_cast<std::uint16_t>(port);
    buckets.insert(hash(peer) & 4095);
  }
  CHECK(buckets.size() > 2400);  // 4096 * (1 - 1/e) = 2589 is to be expected of a random function
}
