// Handshakes over a network that loses, repeats, delays and reorders.
#include <algorithm>
#include <random>

#include "network_test.h"

namespace {

// What a handshake may look like: one datagram a flight, or many; with and without a client certificate.
struct Shape {
  const char* name;
  std::size_t server_mtu;
  int client_mtu;
  bool client_certificate;
  std::size_t hello_padding;
};

const std::vector<Shape> shapes = {
    {"plain", 1200, 1200, false, 0},
    {"small MTU", 256, 256, false, 0},
    {"client certificate", 1200, 1200, true, 0},
    {"client certificate, small MTU, long hello", 300, 256, true, 600},
};

class Scene {
 public:
  explicit Scene(const Shape& shape, simulation::Interference interference = simulation::no_interference())
      : network_(settings_of(shape),
                 shape.client_certificate ? simulation::asking_context() : simulation::plain_context()) {
    network_.interference = std::move(interference);
    ClientOptions options;
    options.mtu = shape.client_mtu;
    options.hello_padding = shape.hello_padding;
    options.identity = shape.client_certificate ? &simulation::plain_identity() : nullptr;
    client_ = &network_.connect(peer, options);
  }

  Network& network() { return network_; }
  Client& client() { return *client_; }

  bool connects(Duration limit) {
    return network_.run_until([&] { return client_->connected() && network_.saw(EventKind::connected); },
                              limit);
  }

  // Data flows both ways, once whatever was delayed has arrived.
  bool works() {
    network_.interference = simulation::no_interference();
    network_.run_for(second * 5);
    const std::size_t before = client_->received().size();
    if (!client_->send(Bytes{'p', 'i', 'n', 'g'})) {
      return false;
    }
    network_.flush();
    network_.run_for(second);
    return client_->received().size() == before + 1 &&
           client_->received().back() == Bytes{'p', 'i', 'n', 'g'};
  }

  bool is_single_connection() {
    return network_.endpoint().association_count() == 1 &&
           network_.counted(Counter::handshakes_started) == 1 &&
           network_.counted(Counter::handshakes_failed) == 0;
  }

 private:
  static dtls::EndpointSettings settings_of(const Shape& shape) {
    dtls::EndpointSettings settings;
    settings.handshake_mtu = shape.server_mtu;
    return settings;
  }

  Network network_;
  Client* client_;
};

struct Extent {
  std::size_t datagrams[2];
  std::size_t records[2];
};

// Of an undisturbed handshake: [0] to the client, [1] to the server.
Extent extent_of(const Shape& shape) {
  Scene scene(shape);
  REQUIRE(scene.connects(second));
  return {{scene.network().packets(false).size(), scene.network().packets(true).size()},
          {scene.network().record_count(false), scene.network().record_count(true)}};
}

// In every shape, does to one datagram or record of the handshake after the other what `interference_of`
// says; each time the handshake must complete within `limit`, once, and the connection work.
void survives_each(
    std::size_t (Extent::*count)[2],
    const std::function<simulation::Interference(bool to_server, std::size_t number)>& interference_of,
    Duration limit) {
  for (const Shape& shape : shapes) {
    CAPTURE(shape.name);
    const Extent extent = extent_of(shape);
    for (const bool to_server : {false, true}) {
      for (std::size_t number = 0; number < (extent.*count)[to_server ? 1 : 0]; ++number) {
        CAPTURE(to_server);
        CAPTURE(number);
        Scene scene(shape, interference_of(to_server, number));
        CHECK(scene.connects(limit));
        CHECK(scene.works());
        CHECK(scene.is_single_connection());
      }
    }
  }
}

}  // namespace

TEST_CASE("each datagram of a handshake may be lost once") {
  survives_each(&Extent::datagrams, simulation::drop_datagram, second * 4);
}

TEST_CASE("each datagram of a handshake may be lost twice over") {
  // Also the first datagram that is sent more than 900 ms after: mostly its repetition.
  const auto lose_twice = [](bool to_server, std::size_t number) -> simulation::Interference {
    bool again = false;
    Instant lost_at = Instant::never();
    return [=](const Packet& packet) mutable -> std::vector<Delivery> {
      const bool late = lost_at != Instant::never() && packet.sent_at - lost_at > Duration::milliseconds(900);
      if (packet.to_server == to_server && packet.number == number) {
        lost_at = packet.sent_at;
        return {};
      }
      if (packet.to_server == to_server && late && !again) {
        again = true;
        return {};
      }
      return {{packet.bytes, {}}};
    };
  };
  survives_each(&Extent::datagrams, lose_twice, second * 10);
}

TEST_CASE("each record of a handshake may be lost by itself") {
  survives_each(&Extent::records, simulation::drop_record, second * 4);
}

TEST_CASE("a lost final flight is resent when the client repeats its own") {
  const Extent extent = extent_of(shapes[0]);
  const std::size_t final_flight = extent.datagrams[0] - 1;
  Scene scene(shapes[0], simulation::drop_datagram(false, final_flight));
  REQUIRE(scene.network().run_until([&] { return scene.network().saw(EventKind::connected); }, second));
  CHECK_FALSE(scene.client().connected());
  CHECK(scene.connects(second * 2));
  CHECK(scene.works());
}

TEST_CASE("each datagram of a handshake may come twice") {
  survives_each(&Extent::datagrams, simulation::duplicate_datagram, second * 4);
}

TEST_CASE("each datagram of a handshake may come after the one behind it") {
  const auto behind_the_next = [](bool to_server, std::size_t number) {
    return simulation::delay_datagram(to_server, number, Duration::milliseconds(1));
  };
  survives_each(&Extent::datagrams, behind_the_next, second * 4);
}

TEST_CASE("each datagram of a handshake may come after the next flight, and after the handshake") {
  for (const std::int64_t delay : {35, 400, 1005, 1500, 2500, 4000}) {
    CAPTURE(delay);
    const auto late = [delay](bool to_server, std::size_t number) {
      return simulation::delay_datagram(to_server, number, Duration::milliseconds(delay));
    };
    survives_each(&Extent::datagrams, late, second * 8);
  }
}

TEST_CASE("all datagrams of all flights may be turned round") {
  for (const Shape& shape : shapes) {
    CAPTURE(shape.name);
    // The later a datagram of a burst is sent, the earlier it arrives.
    Scene scene(shape, [](const Packet& packet) -> std::vector<Delivery> {
      return {{packet.bytes, Duration{static_cast<std::int64_t>(20000 - 100 * (packet.number % 100))}}};
    });
    CHECK(scene.connects(second * 8));
    CHECK(scene.works());
    CHECK(scene.is_single_connection());
  }
}

TEST_CASE("storms: whatever is lost, repeated and reordered, the handshake completes or ends in time") {
  unsigned completed = 0;
  unsigned total = 0;
  for (unsigned seed = 1; seed <= 400; ++seed) {
    const Shape& shape = shapes[seed % shapes.size()];
    CAPTURE(seed);
    auto random = std::make_shared<std::mt19937>(seed);
    Scene scene(shape, [random](const Packet& packet) -> std::vector<Delivery> {
      std::vector<Delivery> deliveries;
      const auto percent = [&] { return static_cast<std::int64_t>((*random)() % 100); };
      if (percent() >= 20) {
        deliveries.push_back({packet.bytes, Duration::milliseconds(percent())});
      }
      if (percent() < 10) {
        deliveries.push_back({packet.bytes, Duration::milliseconds(percent() * 30)});
      }
      if (percent() < 5 && !packet.bytes.empty()) {
        Bytes damaged = packet.bytes;
        damaged[(*random)() % damaged.size()] ^= static_cast<std::uint8_t>(1U << ((*random)() % 8));
        deliveries.push_back({damaged, Duration::milliseconds(percent())});
      }
      return deliveries;
    });
    Network& network = scene.network();
    const auto decided = [&] {
      return network.saw(EventKind::handshake_failed) || scene.client().failed() ||
             (scene.client().connected() && network.saw(EventKind::connected));
    };
    REQUIRE(network.run_until(decided, second * 600));
    ++total;
    if (scene.client().connected() && network.endpoint().connection_count() == 1) {
      ++completed;
      CHECK(scene.works());
    }
    network.interference = simulation::no_interference();
    network.run_for(second * 61);
    network.endpoint().close_all(network.now());
    network.flush();
    CHECK(network.endpoint().association_count() == 0);
    CHECK(network.counted(Counter::handshakes_started) ==
          network.counted(Counter::handshakes_completed) + network.counted(Counter::handshakes_failed));
    CHECK(network.endpoint().next_deadline() == Instant::never());
  }
  // A bit that flips in a client's clear text may rightly end its handshake.
  CHECK(completed > total * 8 / 10);
}
