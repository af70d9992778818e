// Many peers that come, go, restart and are disturbed at random: what the owner is told must stay in order,
// and nothing may be left.
#include <map>
#include <random>
#include <set>

#include "network_test.h"

using dtls::ConnectionId;

namespace {

// The events of one connection, told in the only orders there are: a request; then perhaps a certificate;
// then nothing (refused or forgotten), a failure, or connected, data and errors, disconnected.
class Storyline {
 public:
  // False for an event that has no place now.
  bool tell(EventKind kind) {
    switch (kind) {
      case EventKind::connection_request:
        return move({State::unknown}, State::requested);
      case EventKind::client_certificate:
        return move({State::requested}, State::certified);
      case EventKind::connected:
        return move({State::requested, State::certified}, State::connected);
      case EventKind::handshake_failed:
        return move({State::requested, State::certified}, State::ended);
      case EventKind::data:
      case EventKind::error:
        return state_ == State::connected;
      case EventKind::disconnected:
        return move({State::connected}, State::ended);
      case EventKind::progress:
        return state_ == State::requested || state_ == State::certified || state_ == State::connected;
      default:
        return false;
    }
  }
  bool is_connected() const { return state_ == State::connected; }

 private:
  enum class State { unknown, requested, certified, connected, ended };

  bool move(const std::set<State>& from, State to) {
    if (from.count(state_) == 0) {
      return false;
    }
    state_ = to;
    return true;
  }

  State state_ = State::unknown;
};

class Chaos {
 public:
  explicit Chaos(unsigned seed)
      : random_(seed),
        network_(initial_settings(),
                 seed % 2 == 1 ? simulation::asking_context() : simulation::plain_context()) {
    network_.accepts_requests = network_.accepts_certificates = false;
    network_.interference = [this](const Packet& packet) { return disturb(packet); };
  }

  void run(Duration duration) {
    const Instant end = network_.now() + duration;
    while (network_.now() < end) {
      network_.run_for(Duration::milliseconds(below(400)));
      act();
      network_.flush();
      listen();
    }
  }

  // Everything ends, and nothing is left.
  void finish() {
    network_.endpoint().close_all(network_.now());
    network_.flush();
    network_.interference = simulation::drop_all();
    listen();
    CHECK(network_.endpoint().association_count() == 0);
    CHECK(network_.endpoint().connection_count() == 0);
    CHECK(network_.endpoint().next_deadline() == Instant::never());
    for (const auto& [id, story] : stories_) {
      CHECK_FALSE(story.is_connected());
    }
    const auto counted = [&](Counter counter) { return network_.counted(counter); };
    CHECK(counted(Counter::handshakes_completed) == counted(Counter::connections_closed));
    CHECK(counted(Counter::handshakes_completed) == network_.reported(EventKind::connected).size());
    CHECK(counted(Counter::connections_closed) == network_.reported(EventKind::disconnected).size());
    CHECK(counted(Counter::connection_requests) == network_.reported(EventKind::connection_request).size());
  }

  // That the chaos was one.
  std::uint64_t completed() const { return network_.counted(Counter::handshakes_completed); }
  std::uint64_t restarted() const { return network_.counted(Counter::restarts); }

 private:
  static dtls::EndpointSettings initial_settings() {
    dtls::EndpointSettings settings;
    settings.max_connections = 12;
    settings.max_handshakes = 8;
    settings.max_handshakes_per_host = 4;
    settings.handshake_timeout = second * 20;
    settings.idle_timeout = second * 15;
    settings.report_progress = true;
    return settings;
  }

  std::int64_t below(std::int64_t bound) {
    return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(bound));
  }

  std::vector<Delivery> disturb(const Packet& packet) {
    std::vector<Delivery> deliveries;
    if (below(100) >= 10) {
      deliveries.push_back({packet.bytes, Duration::milliseconds(below(50))});
    }
    if (below(100) < 5) {
      deliveries.push_back({packet.bytes, Duration::milliseconds(below(3000))});
    }
    if (below(100) < 5) {
      Bytes damaged = packet.bytes;
      damaged[random_() % damaged.size()] ^= static_cast<std::uint8_t>(1U << below(8));
      deliveries.push_back({damaged, Duration::milliseconds(below(50))});
    }
    return deliveries;
  }

  Address some_address() {
    Address address = Network::address(static_cast<unsigned>(below(4)));
    address.port = static_cast<std::uint16_t>(5000 + below(4));
    return address;
  }

  // An id that exists, existed, or never did.
  ConnectionId some_id() {
    return static_cast<ConnectionId>(below(static_cast<std::int64_t>(network_.endpoint().next_id()) + 2));
  }

  void act() {
    dtls::Endpoint& endpoint = network_.endpoint();
    const Instant now = network_.now();
    switch (below(16)) {
      case 0:
      case 1:
      case 2:
      case 3: {
        const Address address = some_address();
        ClientOptions options;
        options.identity = below(4) != 0 ? &simulation::plain_identity() : nullptr;
        options.mtu = below(2) == 0 ? 256 : 1200;
        options.hello_padding = below(3) == 0 ? 400 : 0;
        options.trusts_server = below(10) != 0;
        clients_[address.text()] = &network_.connect(address, options);
        break;
      }
      case 4:
      case 5:
      case 6:
        if (!clients_.empty()) {
          auto chosen = clients_.begin();
          std::advance(chosen, below(static_cast<std::int64_t>(clients_.size())));
          Client& client = *chosen->second;
          if (client.connected() && !client.failed()) {
            if (below(5) == 0) {
              client.close();
            } else {
              client.send(Bytes(static_cast<std::size_t>(1 + below(3000)), 7));
            }
          }
        }
        break;
      case 7:
        endpoint.disconnect(some_id(), now);
        break;
      case 8:
        endpoint.pause(some_id());
        break;
      case 9:
        endpoint.resume(some_id());
        break;
      case 10:
        endpoint.answer_request(some_id(), below(4) != 0, now);
        break;
      case 11:
        endpoint.answer_certificate(some_id(), below(4) != 0, 42, now);
        break;
      case 12:
        endpoint.set_accepting(below(4) != 0);
        break;
      case 13: {
        dtls::EndpointSettings settings = initial_settings();
        settings.idle_timeout = second * below(30);
        settings.max_connections = static_cast<std::size_t>(4 + below(20));
        endpoint.configure(settings, now);
        break;
      }
      case 14:
        endpoint.send_failed(some_id(), 111, "refused", now);
        break;
      default:
        endpoint.send(some_id(), Bytes(10, 1), now);
        break;
    }
    // Most requests and certificates are answered, sooner or later.
    for (const ConnectionId id : open_requests_) {
      if (below(3) == 0) {
        endpoint.answer_request(id, true, now);
      }
    }
    for (const ConnectionId id : open_certificates_) {
      if (below(3) == 0) {
        endpoint.answer_certificate(id, true, 0, now);
      }
    }
  }

  void listen() {
    const auto& events = network_.reported();
    for (; heard_ < events.size(); ++heard_) {
      const simulation::Reported& event = events[heard_];
      if (event.id == 0) {
        continue;
      }
      CAPTURE(event.id);
      CAPTURE(static_cast<int>(event.kind));
      REQUIRE(stories_[event.id].tell(event.kind));
      if (event.kind == EventKind::connection_request) {
        open_requests_.insert(event.id);
      }
      if (event.kind == EventKind::client_certificate) {
        open_certificates_.insert(event.id);
      }
    }
    std::size_t connected = 0;
    for (const auto& [id, story] : stories_) {
      connected += story.is_connected() ? 1U : 0U;
    }
    CHECK(connected == network_.endpoint().connection_count());
    CHECK(connected == network_.endpoint().connection_ids().size());
    CHECK(network_.endpoint().association_count() >= connected);
  }

  std::mt19937 random_;
  Network network_;
  std::map<std::string, Client*> clients_;
  std::map<ConnectionId, Storyline> stories_;
  std::set<ConnectionId> open_requests_;
  std::set<ConnectionId> open_certificates_;
  std::size_t heard_ = 0;
};

}  // namespace

TEST_CASE("whatever happens, each connection's events come in order and nothing is left at the end") {
  std::uint64_t completed = 0;
  std::uint64_t restarted = 0;
  for (unsigned seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    Chaos chaos(seed);
    chaos.run(second * 60);
    chaos.finish();
    completed += chaos.completed();
    restarted += chaos.restarted();
  }
  CHECK(completed > 300);
  CHECK(restarted > 30);
}
