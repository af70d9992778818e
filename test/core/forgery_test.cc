// Records that nobody with the keys has made, on live connections of every suite family.
#include <algorithm>
#include <random>

#include "simulation/insider.h"
#include "simulation/wire.h"
#include "suite_families.h"

namespace {

// Random, truncated, bit-flipped and replayed records, `count` in all, from those that the client has sent.
void inject_forgeries(Network& network, const std::vector<Bytes>& authentic, std::size_t count) {
  std::mt19937 random(1);
  const auto below = [&](std::size_t limit) { return random() % limit; };
  for (std::size_t i = 0; i < count; ++i) {
    Bytes record = authentic[below(authentic.size())];
    switch (i % 4) {
      case 0: {
        Bytes body(below(200));
        std::generate(body.begin(), body.end(), [&] { return static_cast<std::uint8_t>(random()); });
        record = simulation::record(simulation::content_types[below(simulation::content_types.size())], 1,
                                    below(1 << 20), body);
        break;
      }
      case 1: {
        const std::size_t body = below(record.size() - dtls::record_header_size);
        record.resize(dtls::record_header_size + body);
        dtls::put_number(record.data() + 11, body, 2);
        break;
      }
      case 2:
        record[below(record.size())] ^= static_cast<std::uint8_t>(1 << below(8));
        break;
      default:
        break;
    }
    network.inject(peer, record);
  }
}

std::vector<Bytes> protected_records(const Network& network) {
  std::vector<Bytes> records;
  for (const Packet& packet : network.packets(true)) {
    for (const Bytes& record : simulation::split_records(packet.bytes)) {
      if (record[4] == 1) {
        records.push_back(record);
      }
    }
  }
  return records;
}

}  // namespace

TEST_CASE("10,000 forged, truncated, replayed and bit-flipped records end no connection") {
  for (const Family& family : families()) {
    CAPTURE(family.name());
    Network network({}, every_suite());
    Client& client = network.connect(peer, client_of(family));
    REQUIRE(network.run_until_connected(peer));
    REQUIRE(network.echo_works(client));
    const std::size_t delivered = network.reported(EventKind::data).size();
    const std::size_t sent = network.packets(false).size();

    inject_forgeries(network, protected_records(network), 10'000);
    CHECK(network.reported(EventKind::data).size() == delivered);
    CHECK_FALSE(network.saw(EventKind::disconnected));
    // A replayed Finished draws nothing either: its number has been seen. OpenSSL does as it likes.
    if (family.detaches) {
      CHECK(network.packets(false).size() == sent);
    }
    CHECK(network.echo_works(client));
    CHECK(network.saw(EventKind::forged_records) == !family.has_forgery_limit);
  }
}

TEST_CASE("forged records are told of at 128 and each doubling, where nothing limits them") {
  for (const Family& family : families()) {
    CAPTURE(family.name());
    Network network({}, every_suite());
    Client& client = network.connect(peer, client_of(family));
    REQUIRE(network.run_until_connected(peer));
    // Longer than an empty record of any family.
    for (std::uint64_t number = 0; number < 600; ++number) {
      network.inject(peer, simulation::record(ContentType::application_data, 1, 1000 + number, Bytes(112)));
    }
    const auto told = network.reported(EventKind::forged_records);
    if (family.has_forgery_limit) {
      CHECK(told.empty());
    } else {
      REQUIRE(told.size() == 3);
      CHECK(told[0].b == 128);
      CHECK(told[1].b == 256);
      CHECK(told[2].b == 512);
    }
    CHECK(network.counted(Counter::drop_unauthenticated) == 600);
    CHECK(network.echo_works(client));
  }
}

TEST_CASE("replays are no forgeries: they are counted, and told of nowhere") {
  for (const Family& family : families()) {
    CAPTURE(family.name());
    Network network({}, every_suite());
    Client& client = network.connect(peer, client_of(family));
    REQUIRE(network.run_until_connected(peer));
    const Bytes genuine = simulation::seal_as_client(client, ContentType::application_data, 20, Bytes{'x'});
    for (int times = 0; times <= 600; ++times) {
      network.inject(peer, genuine);
    }
    CHECK(network.reported(EventKind::data).size() == 1);
    CHECK(network.counted(Counter::drop_unauthenticated) == 600);
    CHECK_FALSE(network.saw(EventKind::forged_records));
    CHECK_FALSE(network.saw(EventKind::disconnected));
  }
}

TEST_CASE("a replayed Finished is no forgery") {
  for (const Family& family : families()) {
    CAPTURE(family.name());
    Network network({}, every_suite());
    Client& client = network.connect(peer, client_of(family));
    REQUIRE(network.run_until_connected(peer));
    const Bytes finished = protected_records(network).front();
    for (int times = 0; times < 200; ++times) {
      network.inject(peer, finished);
    }
    CHECK(network.counted(Counter::drop_unauthenticated) == 200);
    CHECK_FALSE(network.saw(EventKind::forged_records));
    CHECK(network.echo_works(client));
  }
}

TEST_CASE("a forged protected handshake record does not end a handshake, whenever it comes") {
  for (const Family& family : families()) {
    for (std::size_t before = 1; before < 4; ++before) {
      CAPTURE(family.name());
      CAPTURE(before);
      Network network({}, every_suite());
      network.interference = [&](const Packet& packet) -> std::vector<Delivery> {
        if (!packet.to_server || packet.number < 2) {
          return {{packet.bytes, {}}};
        }
        std::vector<Delivery> deliveries;
        for (const Bytes& record : simulation::split_records(packet.bytes)) {
          if (deliveries.size() / 2 + 1 == before) {
            deliveries.push_back({simulation::record(ContentType::handshake, 1, 7, Bytes(96, 1)),
                                  Duration::milliseconds(static_cast<std::int64_t>(deliveries.size()))});
          }
          deliveries.push_back(
              {record, Duration::milliseconds(static_cast<std::int64_t>(deliveries.size()))});
        }
        return deliveries;
      };
      Client& client = network.connect(peer, client_of(family));
      CHECK(network.run_until_connected(peer, second * 4));
      network.interference = simulation::no_interference();
      CHECK(network.echo_works(client));
    }
  }
}

TEST_CASE("a forged number far ahead does not move the replay window") {
  for (const Family& family : families()) {
    CAPTURE(family.name());
    Network network({}, every_suite());
    Client& client = network.connect(peer, client_of(family));
    REQUIRE(network.run_until_connected(peer));
    for (const std::uint64_t number : {std::uint64_t{1'000'000}, dtls::max_sequence}) {
      network.inject(peer, simulation::record(ContentType::application_data, 1, number, Bytes(64)));
      CHECK(network.echo_works(client));
    }
  }
}

TEST_CASE("the replay window takes each of the last 64 numbers once, and none that is older") {
  for (const Family& family : families()) {
    CAPTURE(family.name());
    Network network({}, every_suite());
    network.echoes = false;
    Client& client = network.connect(peer, client_of(family));
    REQUIRE(network.run_until_connected(peer));
    const auto arrives = [&](std::uint64_t number) {
      const std::size_t before = network.reported(EventKind::data).size();
      network.inject(peer,
                     simulation::seal_as_client(client, ContentType::application_data, number, Bytes{1}));
      return network.reported(EventKind::data).size() > before;
    };
    CHECK(arrives(1000));
    CHECK_FALSE(arrives(1000));
    CHECK(arrives(937));
    CHECK_FALSE(arrives(937));
    CHECK_FALSE(arrives(936));
    CHECK(arrives(1001));
    CHECK_FALSE(arrives(937));
  }
}

TEST_CASE("what overtook the client's Finished counts once, and its replays do not") {
  struct Early {
    std::string name;
    ContentType type;
    Bytes plaintext;
  };
  const std::vector<Early> records = {{"data", ContentType::application_data, {'e'}},
                                      {"empty data", ContentType::application_data, {}},
                                      {"a warning", ContentType::alert, {1, 90}},
                                      {"close_notify", ContentType::alert, {1, 0}}};
  for (const Family& family : families()) {
    for (const Early& record : records) {
      CAPTURE(family.name());
      CAPTURE(record.name);
      Network network({}, every_suite());
      network.echoes = false;
      // The client's ClientKeyExchange, ChangeCipherSpec and Finished.
      network.interference = simulation::delay_datagram(true, 2, Duration::milliseconds(300));
      Client& client = network.connect(peer, client_of(family));
      network.run_for(Duration::milliseconds(200));
      // The client has all keys now, although it can't have finished.
      const Bytes early = simulation::seal_as_client(client, record.type, 5, record.plaintext);
      Bytes twice = early;
      dtls::append(twice, early);
      network.inject(peer, early);
      network.inject(peer, twice);
      CHECK(network.reported(EventKind::data).empty());
      REQUIRE(network.run_until([&] { return network.saw(EventKind::connected); }, second * 3));
      const bool is_read = !record.plaintext.empty() || family.delivers_empty_records();
      const std::size_t data = record.type == ContentType::application_data && is_read ? 1 : 0;
      const std::size_t ends = record.name == "close_notify" ? 1 : 0;
      CHECK(network.reported(EventKind::data).size() == data);
      CHECK(network.reported(EventKind::disconnected).size() == ends);
      for (int times = 0; times < 3; ++times) {
        network.inject(peer, early);
      }
      CHECK(network.reported(EventKind::data).size() == data);
      CHECK(network.reported(EventKind::connected).size() == 1);
      CHECK(network.reported(EventKind::disconnected).size() == ends);
      if (ends == 0) {
        CHECK(network.counted(Counter::drop_unauthenticated) == (is_read ? 5 : 6));
        network.run_for(second * 3);
        network.echoes = true;
        CHECK(network.echo_works(client));
      }
    }
  }
}
