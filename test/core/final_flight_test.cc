// The server's last flight of a full handshake, which only the client can ask for again.
#include "fresh_numbers.h"
#include "simulation/insider.h"
#include "simulation/wire.h"

namespace {

// Drops the server's first `count` datagrams that bear a ChangeCipherSpec.
simulation::Fault lose_final_flights(std::size_t count) {
  auto lost = std::make_shared<std::size_t>(0);
  return [=](const Packet& packet) -> std::vector<Delivery> {
    bool ends = false;
    for (const Bytes& record : simulation::split_records(packet.bytes)) {
      ends = ends || record[0] == 20;
    }
    if (!packet.to_server && ends && *lost < count) {
      ++*lost;
      return {};
    }
    return {{packet.bytes, {}}};
  };
}

// Drops the one record of this content type and epoch that the server sends first.
simulation::Fault lose_first(std::uint8_t type, std::uint8_t epoch) {
  auto done = std::make_shared<bool>(false);
  return [=](const Packet& packet) -> std::vector<Delivery> {
    if (packet.to_server || *done) {
      return {{packet.bytes, {}}};
    }
    const std::vector<Bytes> records = simulation::split_records(packet.bytes);
    const bool is_final =
        std::any_of(records.begin(), records.end(), [](const Bytes& r) { return r[0] == 20; });
    Bytes left;
    for (const Bytes& record : records) {
      if (is_final && !*done && record[0] == type && record[4] == epoch) {
        *done = true;
      } else {
        dtls::append(left, record);
      }
    }
    return left.empty() ? std::vector<Delivery>{} : std::vector<Delivery>{{left, {}}};
  };
}

}  // namespace

TEST_CASE("a lost final flight is resent under fresh numbers, under every suite") {
  for (const Family& family : families()) {
    for (const std::size_t losses : std::initializer_list<std::size_t>{1, 3}) {
      CAPTURE(family.suite);
      CAPTURE(losses);
      Network network({}, every_suite(true));
      network.fault = lose_final_flights(losses);
      Client& client = network.connect(peer, client_of(family));
      REQUIRE(network.run_until([&] { return client.connected(); }, second * 20));
      network.fault = simulation::no_fault();
      CHECK(network.echo_works(client));
      CHECK(network.reported(EventKind::connected).size() == 1);
      if (family.detaches) {
        CHECK(network.counted(Counter::final_flights_resent) == losses);
      }
      check_numbers_are_fresh(network, family);
    }
  }
}

TEST_CASE(
    "each record of the final flight may be lost by itself, tickets with client certificates included") {
  for (const bool certificate : {false, true}) {
    for (const auto& [type, epoch] : {std::pair<std::uint8_t, std::uint8_t>{22, 0}, {20, 0}, {22, 1}}) {
      CAPTURE(certificate);
      CAPTURE(int{type});
      CAPTURE(int{epoch});
      simulation::ContextOptions context;
      context.resumption = true;
      context.request_client_certificate = certificate;
      Network network({}, simulation::server_context(simulation::plain_identity(), context));
      network.fault = lose_first(type, epoch);
      ClientOptions options;
      options.identity = certificate ? &simulation::plain_identity() : nullptr;
      Client& client = network.connect(peer, options);
      CHECK(network.run_until([&] { return client.connected(); }, second * 10));
      network.fault = simulation::no_fault();
      CHECK(network.echo_works(client));
      check_numbers_are_fresh(network, aes_gcm);
    }
  }
}

TEST_CASE("a final flight is kept no longer than until the first data, and for 240 s") {
  Network network;
  network.echoes = false;
  Client& client = network.connect(peer);
  REQUIRE(network.run_until_connected(peer));
  std::uint64_t number = 10;
  const auto draws_flight = [&] {
    const std::size_t before = network.packets(false).size();
    network.inject(peer,
                   simulation::seal_as_client(client, ContentType::handshake, number++,
                                              simulation::message(HandshakeType::finished, 3, Bytes(12))));
    network.flush();
    return network.packets(false).size() > before;
  };
  network.run_for(second);
  CHECK(draws_flight());
  CHECK_FALSE(draws_flight());  // not twice within 200 ms
  network.run_for(second);
  CHECK(draws_flight());
  SUBCASE("data") {
    client.send(Bytes{1});
    network.run_for(second);
    CHECK_FALSE(draws_flight());
  }
  SUBCASE("time") {
    network.run_for(second * 230);
    CHECK(draws_flight());
    network.run_for(second * 10);
    CHECK_FALSE(draws_flight());
  }
}
