// The server's last flight of a full handshake: ChangeCipherSpec and Finished, and before them a
// NewSessionTicket where sessions may be resumed. Only the client can ask for it again.
#include "mishaps.h"
#include "simulation/insider.h"
#include "simulation/wire.h"
#include "suite_families.h"

namespace {

struct Shape {
  std::string name;
  bool tickets;
  std::size_t client_certificate;  // bytes of ballast in it; 0: none. A ticket carries it
  std::size_t mtu;
  // Of the flight, at least.
  std::size_t records;
  std::size_t datagrams;
};

const std::vector<Shape> shapes = {
    {"no ticket", false, 0, 1200, 2, 1},
    {"ticket", true, 0, 1200, 3, 1},
    {"ticket with a client certificate", true, 10, 1200, 3, 1},
    {"ticket with a client certificate, longer than the MTU", true, 2000, 1200, 4, 2},
    {"ticket with a client certificate, small MTU", true, 10, 256, 5, 3},
};

const simulation::Identity& identity_with(std::size_t ballast) {
  static std::map<std::size_t, simulation::Identity> made;
  simulation::Identity& identity = made[ballast];
  if (!identity.key) {
    identity.key = simulation::ec_key();
    identity.certificate =
        simulation::make_certificate(identity.key.get(), "client.example", nullptr, false, ballast);
  }
  return identity;
}

// A full handshake that is under way.
class Scene {
 public:
  Scene(const Shape& shape, const Family& family,
        simulation::Interference interference = simulation::no_interference())
      : shape_(shape), family_(family), network(settings_of(shape), context_of(shape)) {
    network.interference = std::move(interference);
    client = &network.connect(peer, options());
  }

  bool connects(Duration limit = second * 6) {
    return network.run_until([&] { return client->connected() && network.saw(EventKind::connected); }, limit);
  }

  // Once all that was late has come: one connection, which works, and whose session can be taken up.
  void check_all_is_well() {
    network.run_for(second * 5);
    network.interference = simulation::no_interference();
    CHECK(network.echo_works(*client));
    CHECK(network.reported(EventKind::connected).size() == 1);
    CHECK(network.endpoint().association_count() == 1);
    CHECK(network.counted(Counter::handshakes_failed) == 0);
    check_flights();
    if (shape_.tickets) {
      CHECK(resumes());
    }
  }

  void check_flights() {
    for (const Packet& packet : network.packets(false)) {
      CHECK(packet.bytes.size() <= shape_.mtu);
    }
  }

  void repeat_finished(std::uint64_t number) {
    network.inject(peer,
                   simulation::seal_as_client(*client, ContentType::handshake, number,
                                              simulation::message(HandshakeType::finished, 3, Bytes(12))));
  }

 private:
  static dtls::EndpointSettings settings_of(const Shape& shape) {
    dtls::EndpointSettings settings;
    settings.handshake_mtu = shape.mtu;
    return settings;
  }

  static std::shared_ptr<const dtls::SecurityContext> context_of(const Shape& shape) {
    return every_suite(shape.tickets, shape.client_certificate > 0);
  }

  ClientOptions options() const {
    ClientOptions options = client_of(family_);
    options.mtu = static_cast<int>(shape_.mtu);
    if (shape_.client_certificate > 0) {
      options.identity = &identity_with(shape_.client_certificate);
    }
    return options;
  }

  bool resumes() {
    const dtls::SslSessionPtr session(SSL_get1_session(client->ssl()));
    client->close();
    network.run_for(second);
    ClientOptions again = options();
    again.session = session.get();
    Client& other = network.connect(Network::address(2), again);
    return network.run_until_connected(Network::address(2)) && SSL_session_reused(other.ssl()) == 1 &&
           SSL_SESSION_has_ticket(session.get()) == 1;
  }

  Shape shape_;
  Family family_;

 public:
  Network network;
  Client* client = nullptr;
};

bool is_record_of_final_flight(const Bytes& record) {
  const auto type = static_cast<ContentType>(record[0]);
  const bool is_ticket =
      record[dtls::record_header_size] == static_cast<std::uint8_t>(HandshakeType::new_session_ticket);
  const bool is_protected = record[4] > 0;
  return type == ContentType::change_cipher_spec ||
         (type == ContentType::handshake && (is_protected || is_ticket));
}

bool is_of_final_flight(const Packet& packet) {
  const std::vector<Bytes> records = simulation::split_records(packet.bytes);
  return !packet.to_server && std::any_of(records.begin(), records.end(), is_record_of_final_flight);
}

// The first `count` flights are lost whole.
simulation::Interference lose(std::size_t count) {
  std::size_t flight = 0;
  Instant sent_at = Instant::never();
  return [=](const Packet& packet) mutable -> std::vector<Delivery> {
    if (!is_of_final_flight(packet)) {
      return {{packet.bytes, {}}};
    }
    flight += packet.sent_at != sent_at ? 1U : 0U;
    sent_at = packet.sent_at;
    return flight > count ? std::vector<Delivery>{{packet.bytes, {}}} : std::vector<Delivery>{};
  };
}

// Over every kind of suite and in every shape, to one piece after the other.
void survives_each(bool records, const Mishap& mishap) {
  for (const Family& family : kinds) {
    for (const Shape& shape : shapes) {
      CAPTURE(family.name());
      CAPTURE(shape.name);
      std::size_t number = 0;
      for (bool met = true; met; ++number) {
        CAPTURE(number);
        met = false;
        Scene scene(shape, family, befall(mishap, is_of_final_flight, records, number, &met));
        REQUIRE(scene.connects());
        scene.check_all_is_well();
      }
      CHECK(number > (records ? shape.records : shape.datagrams));
    }
  }
}

}  // namespace

TEST_CASE("each record of the final flight may be lost, doubled, overtaken and late by itself") {
  for (const Mishap& mishap : mishaps) {
    CAPTURE(mishap.name);
    survives_each(true, mishap);
  }
}

TEST_CASE("each datagram of the final flight may be lost, doubled, overtaken and late by itself") {
  for (const Mishap& mishap : mishaps) {
    CAPTURE(mishap.name);
    survives_each(false, mishap);
  }
}

TEST_CASE("a lost final flight is resent under fresh numbers, under every suite") {
  for (const Family& family : families()) {
    for (const Shape& shape : shapes) {
      for (const std::size_t losses : std::initializer_list<std::size_t>{1, 3}) {
        CAPTURE(family.name());
        CAPTURE(shape.name);
        CAPTURE(losses);
        Scene scene(shape, family, lose(losses));
        REQUIRE(scene.connects(second * 20));
        CHECK(scene.network.counted(Counter::final_flights_resent) == losses);
        scene.check_all_is_well();
      }
    }
  }
}

TEST_CASE("a final flight that waited for a decision is resent as any other") {
  for (const Family& family : kinds) {
    CAPTURE(family.name());
    Scene scene(shapes[3], family);
    scene.network.accepts_certificates = false;
    scene.network.run_for(second * 10);
    REQUIRE(scene.network.saw(EventKind::client_certificate));
    scene.network.interference = lose(1);
    REQUIRE(scene.network.endpoint().answer_certificate(1, true, 0, scene.network.now()));
    scene.network.accepts_certificates = true;
    scene.network.flush();
    REQUIRE(scene.connects(second * 20));
    scene.check_all_is_well();
  }
}

TEST_CASE("however often a Finished is repeated, the flight is resent five times a second at most") {
  for (const Family& family : kinds) {
    for (const Shape& shape : {shapes[0], shapes[3]}) {
      CAPTURE(family.name());
      CAPTURE(shape.name);
      Scene scene(shape, family);
      REQUIRE(scene.connects());
      Network& network = scene.network;
      // The client, who has all of it, would repeat its own flight in answer.
      network.interference = simulation::drop_all();
      const std::size_t before = network.packets(false).size();
      for (std::uint64_t i = 0; i < 300; ++i) {
        scene.repeat_finished(10 + i);
        network.run_for(Duration::milliseconds(10));
      }
      std::size_t flights = 0;
      Instant last = Instant::never();
      const auto packets = network.packets(false);
      for (std::size_t i = before; i < packets.size(); ++i) {
        REQUIRE(is_of_final_flight(packets[i]));
        flights += packets[i].sent_at != last ? 1U : 0U;
        last = packets[i].sent_at;
      }
      // OpenSSL, which answers at once, takes the 13th for the end of the connection.
      CHECK(flights == (family.detaches ? 15 : 11));
      scene.check_flights();
      network.inject(
          peer, simulation::seal_as_client(*scene.client, ContentType::application_data, 1000, Bytes{'x'}));
      CHECK(network.reported(EventKind::data).size() == 1);
    }
  }
}

TEST_CASE("a final flight is kept no longer than until the first data, and for 240 s") {
  for (const Family& family : kinds) {
    if (!family.detaches) {
      continue;
    }
    CAPTURE(family.name());
    const auto scene_with_draws = [&](const auto& act) {
      Scene scene(shapes[1], family);
      REQUIRE(scene.connects());
      scene.network.echoes = false;
      std::uint64_t number = 10;
      act(scene, [&] {
        const std::uint64_t before = scene.network.counted(Counter::final_flights_resent);
        scene.repeat_finished(number++);
        return scene.network.counted(Counter::final_flights_resent) > before;
      });
    };
    scene_with_draws([](Scene& scene, const auto& draws_flight) {
      scene.network.run_for(second);
      CHECK(draws_flight());
      CHECK_FALSE(draws_flight());  // not twice within 200 ms
      scene.network.run_for(second);
      CHECK(draws_flight());
      scene.client->send(Bytes{1});
      scene.network.run_for(second);
      CHECK_FALSE(draws_flight());
    });
    scene_with_draws([](Scene& scene, const auto& draws_flight) {
      scene.network.run_for(second * 230);
      CHECK(draws_flight());
      scene.network.run_for(second * 10);
      CHECK_FALSE(draws_flight());
    });
    // What we send tells nothing of what the client has got.
    scene_with_draws([](Scene& scene, const auto& draws_flight) {
      scene.network.endpoint().send(1, Bytes{1}, scene.network.now());
      scene.network.run_for(second);
      CHECK(draws_flight());
    });
  }
}

TEST_CASE("data that overtook the client's Finished does not cost it the final flight") {
  for (const Family& family : kinds) {
    CAPTURE(family.name());
    Scene scene(shapes[1], family);
    Network& network = scene.network;
    network.echoes = false;
    network.interference = [lose_first = lose(1)](const Packet& packet) -> std::vector<Delivery> {
      // The client's ClientKeyExchange, ChangeCipherSpec and Finished.
      const bool is_last = packet.to_server && packet.number == 2;
      return is_last ? std::vector<Delivery>{{packet.bytes, Duration::milliseconds(300)}}
                     : lose_first(packet);
    };
    network.run_for(Duration::milliseconds(200));
    network.inject(peer,
                   simulation::seal_as_client(*scene.client, ContentType::application_data, 5, Bytes{'e'}));
    REQUIRE(scene.connects());
    CHECK(network.reported(EventKind::data).size() == 1);
    network.echoes = true;
    scene.check_all_is_well();
  }
}
