// The check that runs in every test over the simulated network: that it sees what it is there to see.
#include "simulation/used_numbers.h"

#include "suite_families.h"

namespace {

// The server's protected records of a handshake and an echo, each by itself, behind its clear-text ones.
struct Recorded {
  explicit Recorded(const Family& family) : network({}, every_suite()) {
    Client& client = network.connect(peer, client_of(family));
    REQUIRE(network.run_until_connected(peer));
    REQUIRE(network.echo_works(client));
    for (const Packet& packet : network.packets(false)) {
      for (Bytes& record : simulation::split_records(packet.bytes)) {
        if (record[4] == 0) {
          REQUIRE(numbers.enter(1, record) == nullptr);
        } else {
          protected_records.push_back(std::move(record));
        }
      }
    }
    REQUIRE(protected_records.size() == 2);
  }

  Network network;
  simulation::UsedNumbers numbers;
  std::vector<Bytes> protected_records;
};

}  // namespace

TEST_CASE("a record number or explicit nonce of the server's that serves twice is seen, under every suite") {
  for (const Family& family : families()) {
    CAPTURE(family.suite);
    Recorded recorded(family);
    const Bytes& first = recorded.protected_records[0];
    CHECK(recorded.numbers.enter(1, first) == nullptr);
    CHECK(recorded.numbers.enter(1, recorded.protected_records[1]) == nullptr);

    Bytes same_number = first;
    same_number.back() ^= 1;
    CHECK(recorded.numbers.enter(1, same_number) != nullptr);

    Bytes same_nonce = first;
    dtls::put_number(same_nonce.data() + 5, 99, 6);
    const bool has_nonce = std::string(family.suite).find("CHACHA20") == std::string::npos;
    CHECK((recorded.numbers.enter(1, same_nonce) != nullptr) == has_nonce);

    CHECK(recorded.numbers.enter(2, first) == nullptr);  // other keys
  }
}
