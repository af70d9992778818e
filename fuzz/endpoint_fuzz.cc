// An endpoint, eight addresses around it, and a script of anything that peers, the network, time and the
// owner can do. The script is the input; what is promised throughout stands in support/ledger.h and
// support/world.h.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "simulation/identity.h"
#include "support/determinism.h"
#include "support/promise.h"
#include "support/script.h"
#include "support/wire.h"
#include "support/world.h"

using dtls::Duration;
using fuzz::Bytes;
using fuzz::Peer;
using fuzz::Script;
using fuzz::World;

namespace {

// More would only make executions slow: the bounds are beyond what a finding needs.
constexpr std::size_t most_operations = 200;
constexpr std::size_t most_clients = 6;

// clang-format off
// Stands in corpora as a number: append only.
#define FUZZ_OPERATIONS(X)                                                                          \
  X(run_network) X(start_client) X(deliver_to_server) X(deliver_to_client) X(client_sends)          \
  X(client_closes) X(server_sends) X(disconnect) X(pause_or_resume) X(answer_request)               \
  X(answer_certificate) X(let_time_pass) X(go_to_next_deadline) X(raw_datagram) X(first_hello)      \
  X(second_hello) X(raw_record) X(handshake_record) X(replay) X(configure) X(set_accepting)         \
  X(change_security_context) X(close_all) X(report_send_failure)
// clang-format on

#define FUZZ_NAME(name) name,
enum class Operation : std::uint8_t { FUZZ_OPERATIONS(FUZZ_NAME) };
#undef FUZZ_NAME
#define FUZZ_TEXT(name) #name,
constexpr std::array operation_names = {FUZZ_OPERATIONS(FUZZ_TEXT)};
#undef FUZZ_TEXT

Duration choose_duration(Script& script) {
  static constexpr std::array<Duration, 12> durations = {
      Duration::milliseconds(10),  Duration{1},
      Duration::milliseconds(199), Duration::milliseconds(200),
      Duration::seconds(1),        Duration::seconds(5),
      Duration::seconds(60),       Duration::seconds(120),
      Duration::seconds(240),      Duration::seconds(30),
      Duration::seconds(86400),    Duration::seconds(315360000)};
  const std::size_t index = script.index(durations.size() + 1);
  return index < durations.size() ? durations[index] : Duration{static_cast<std::int64_t>(script.number(4))};
}

std::size_t choose_size(Script& script) {
  static constexpr std::array<std::size_t, 9> sizes = {8, 0, 1, 64, 512, 513, 1500, 16384, 16385};
  return script.choice(sizes);
}

dtls::EndpointSettings choose_settings(Script& script) {
  static constexpr std::array<std::size_t, 5> limits = {1000, 0, 1, 2, 3};
  static constexpr std::array<std::size_t, 4> per_host = {32, 0, 1, 2};
  static constexpr std::array<std::size_t, 3> host_connections = {0, 1, 2};
  static constexpr std::array<std::size_t, 4> packet_sizes = {65535, 0, 100, 1500};
  static constexpr std::array<std::size_t, 4> mtus = {1200, 256, 9000, 300};
  static constexpr std::array<Duration, 4> timeouts = {Duration::seconds(60), Duration::seconds(0),
                                                       Duration::milliseconds(1), Duration::seconds(3600)};
  static constexpr std::array<Duration, 4> idle_timeouts = {Duration::seconds(0), Duration::milliseconds(1),
                                                            Duration::seconds(1), Duration::seconds(3600)};
  static constexpr std::array<std::size_t, 4> pause_bounds = {65536, 0, 100, 1000};
  dtls::EndpointSettings settings;
  settings.max_connections = script.choice(limits);
  settings.max_handshakes = script.choice(limits);
  settings.max_handshakes_per_host = script.choice(per_host);
  settings.max_connections_per_host = script.choice(host_connections);
  settings.max_packet_size = script.choice(packet_sizes);
  settings.handshake_mtu = script.choice(mtus);
  settings.handshake_timeout = script.choice(timeouts);
  settings.idle_timeout = script.choice(idle_timeouts);
  settings.pause_bound = script.choice(pause_bounds);
  const std::uint8_t reports = script.byte();
  settings.report_progress = (reports & 1) != 0;
  settings.report_losses = (reports & 2) != 0;
  settings.report_drops = (reports & 2) != 0;
  return settings;
}

// What the network does to a datagram on its way. Some of it leaves several, or none.
std::vector<Bytes> on_the_way(Script& script, Bytes datagram) {
  enum Fate { intact, dropped, doubled, flipped, shortened, lengthened, split, reversed, one_record, count };
  const auto records_of = [](const Bytes& bytes) {
    std::vector<Bytes> records;
    dtls::RecordReader reader(bytes);
    while (const auto record = reader.next()) {
      records.push_back(record->whole.copy());
    }
    return records;
  };
  switch (script.index(count)) {
    case dropped:
      return {};
    case doubled:
      return {datagram, datagram};
    case flipped:
      if (!datagram.empty()) {
        datagram[script.number(2) % datagram.size()] ^= static_cast<std::uint8_t>(1U << script.index(8));
      }
      return {datagram};
    case shortened:
      datagram.resize(script.number(2) % (datagram.size() + 1));
      return {datagram};
    case lengthened:
      dtls::append(datagram, script.bytes(script.byte()));
      return {datagram};
    case split:
      return records_of(datagram);
    case reversed: {
      Bytes backwards;
      for (const Bytes& record : records_of(datagram)) {
        backwards.insert(backwards.begin(), record.begin(), record.end());
      }
      return {backwards};
    }
    case one_record: {
      const std::vector<Bytes> records = records_of(datagram);
      return records.empty() ? std::vector<Bytes>()
                             : std::vector<Bytes>{records[script.index(records.size())]};
    }
    default:
      return {datagram};
  }
}

class Play {
 public:
  Play(const fuzz::SecurityContexts& contexts, Script& script)
      : contexts_(contexts),
        script_(script),
        habits_(script.byte()),
        world_(contexts, choose_settings(script), start()) {
    world_.habits.accepts_requests = (habits_ & 1) == 0;
    world_.habits.accepts_certificates = (habits_ & 2) == 0;
    world_.habits.echoes = (habits_ & 4) != 0;
    if ((habits_ & 8) == 0) {
      world_.ask_for_certificates((habits_ & 16) != 0);
    }
  }

  void run() {
    for (std::size_t i = 0; i < most_operations && !script_.at_end(); ++i) {
      const std::size_t operation = script_.index(operation_names.size());
      fuzz::trace("%s, at %lld us", operation_names[operation], static_cast<long long>(world_.now().us));
      step(static_cast<Operation>(operation));
    }
    world_.end();
  }

 private:
  static dtls::Instant start() { return {1'000'000'000}; }

  std::size_t choose_peer() { return script_.index(World::peer_count); }
  dtls::ConnectionId choose_id() { return world_.id(script_.byte()); }

  void step(Operation operation) {
    switch (operation) {
      case Operation::run_network:
        return run_network();
      case Operation::start_client:
        return start_client();
      case Operation::deliver_to_server:
        return deliver_to_server();
      case Operation::deliver_to_client:
        return deliver_to_client();
      case Operation::client_sends:
        return client_sends();
      case Operation::client_closes:
        return client_closes();
      case Operation::server_sends: {
        const dtls::ConnectionId id = choose_id();
        return world_.send(id, choose_size(script_));
      }
      case Operation::disconnect:
        return world_.disconnect(choose_id());
      case Operation::pause_or_resume: {
        const dtls::ConnectionId id = choose_id();
        return world_.pause(id, script_.flag());
      }
      case Operation::answer_request: {
        const dtls::ConnectionId id = choose_id();
        return world_.answer_request(id, !script_.flag());
      }
      case Operation::answer_certificate: {
        const dtls::ConnectionId id = choose_id();
        const bool accept = !script_.flag();
        return world_.answer_certificate(id, accept, script_.byte());
      }
      case Operation::let_time_pass:
        world_.advance_to(world_.now() + choose_duration(script_));
        return wake_clients();
      case Operation::go_to_next_deadline:
        if (world_.next_deadline() != dtls::Instant::never()) {
          world_.advance_to(world_.next_deadline());
        }
        return wake_clients();
      case Operation::raw_datagram: {
        const std::size_t peer = choose_peer();
        return world_.receive(peer, script_.bytes(script_.number(2) % 2048).copy());
      }
      case Operation::first_hello:
        return first_hello();
      case Operation::second_hello:
        return second_hello();
      case Operation::raw_record:
        return raw_record();
      case Operation::handshake_record:
        return handshake_record();
      case Operation::replay:
        return replay();
      case Operation::configure:
        return world_.configure(choose_settings(script_));
      case Operation::set_accepting:
        return world_.set_accepting(!script_.flag());
      case Operation::change_security_context:
        return world_.ask_for_certificates(script_.flag());
      case Operation::close_all:
        return world_.close_all();
      case Operation::report_send_failure:
        return world_.report_send_failure(choose_id());
    }
  }

  // Everything under way arrives, until nothing is under way.
  void run_network() {
    constexpr int most_rounds = 12;
    for (int round = 0; round < most_rounds; ++round) {
      bool quiet = true;
      for (std::size_t index = 0; index < World::peer_count; ++index) {
        Peer& peer = world_.peer(index);
        for (std::size_t waiting = peer.to_server.size(); waiting > 0 && !peer.to_server.empty(); --waiting) {
          const Bytes datagram = take(peer.to_server, 0);
          world_.receive(index, datagram);
          quiet = false;
        }
        for (std::size_t waiting = peer.to_client.size(); waiting > 0 && !peer.to_client.empty(); --waiting) {
          give_to_client(peer, take(peer.to_client, 0));
          quiet = false;
        }
      }
      if (quiet) {
        return;
      }
    }
  }

  // One that is there already is cut off: the address restarts.
  void start_client() {
    static constexpr std::array<const char*, 4> suites = {"", "ECDHE+CHACHA20", "ECDHE-ECDSA-AES128-SHA",
                                                          "ECDHE-ECDSA-AES256-SHA384"};
    Peer& peer = world_.peer(choose_peer());
    const std::uint8_t options_byte = script_.byte();
    simulation::ClientOptions options;
    options.cipher_list = script_.choice(suites);
    options.identity = (options_byte & 1) == 0 ? contexts_.client_identity : nullptr;
    options.hello_padding = (options_byte & 2) != 0 ? 600 : 0;
    options.mtu = (options_byte & 4) != 0 ? 300 : 1200;
    options.max_fragment_length = (options_byte & 8) != 0 ? 1 : 0;
    options.trusts_server = (options_byte & 16) == 0;
    if (clients_ == most_clients) {
      return;
    }
    ++clients_;
    peer.may_have_short_records = peer.may_have_short_records || options.max_fragment_length != 0;
    peer.client = std::make_unique<simulation::Client>(options);
    peer.messages_read = 0;
    peer.client->start();
    world_.collect_from_client(peer);
  }

  static Bytes take(std::deque<Bytes>& queue, std::size_t number) {
    const auto at = queue.begin() + static_cast<std::ptrdiff_t>(number % queue.size());
    Bytes datagram = std::move(*at);
    queue.erase(at);
    return datagram;
  }

  void give_to_client(Peer& peer, const Bytes& datagram) {
    if (peer.client) {
      peer.client->receive(datagram);
      world_.collect_from_client(peer);
    }
  }

  void deliver_to_server() {
    const std::size_t index = choose_peer();
    std::deque<Bytes>& queue = world_.peer(index).to_server;
    if (queue.empty()) {
      return;
    }
    for (const Bytes& datagram : on_the_way(script_, take(queue, script_.byte()))) {
      world_.receive(index, datagram);
    }
  }

  void deliver_to_client() {
    Peer& peer = world_.peer(choose_peer());
    if (peer.to_client.empty()) {
      return;
    }
    for (const Bytes& datagram : on_the_way(script_, take(peer.to_client, script_.byte()))) {
      give_to_client(peer, datagram);
    }
  }

  void client_sends() {
    Peer& peer = world_.peer(choose_peer());
    const Bytes data = world_.message(std::max<std::size_t>(1, choose_size(script_)));
    if (peer.client && peer.client->connected() && peer.client->send(data)) {
      peer.data_to_server.insert(data);
      world_.collect_from_client(peer);
    }
  }

  void client_closes() {
    Peer& peer = world_.peer(choose_peer());
    if (peer.client) {
      peer.client->close();
      world_.collect_from_client(peer);
    }
  }

  void wake_clients() {
    for (std::size_t index = 0; index < World::peer_count; ++index) {
      Peer& peer = world_.peer(index);
      if (peer.client && peer.client->next_timeout() <= simulation::VirtualClock::now()) {
        peer.client->handle_timeout();
        world_.collect_from_client(peer);
      }
    }
  }

  void first_hello() {
    const std::size_t index = choose_peer();
    Peer& peer = world_.peer(index);
    peer.hello = fuzz::HelloShape::choose(script_);
    const std::size_t cut = script_.number(2);
    send_hello(index, {}, 0, cut);
  }

  void second_hello() {
    const std::size_t index = choose_peer();
    Peer& peer = world_.peer(index);
    Bytes cookie = peer.cookie;
    const std::uint8_t changes = script_.byte();
    if ((changes & 1) != 0 && !cookie.empty()) {
      cookie[script_.index(cookie.size())] ^= 0x10;
    }
    if ((changes & 2) != 0) {
      peer.hello.random = script_.byte();
    }
    if ((changes & 4) != 0) {
      peer.hello.record_sequence = script_.byte();
    }
    const auto message_seq = static_cast<std::uint16_t>((changes & 8) != 0 ? script_.byte() : 1);
    send_hello(index, cookie, message_seq, (changes & 16) != 0 ? script_.number(2) : 0);
  }

  void send_hello(std::size_t index, const Bytes& cookie, std::uint16_t message_seq, std::size_t cut) {
    for (const Bytes& datagram : world_.peer(index).hello.datagrams(cookie, message_seq, cut)) {
      world_.receive(index, datagram);
    }
  }

  // A draft becomes a datagram with the record that does not ask to be followed.
  void send_record(std::size_t index, const Bytes& record, bool is_last) {
    dtls::append(draft_, record);
    if (is_last || draft_.size() > 8192) {
      const Bytes datagram = std::move(draft_);
      draft_.clear();
      world_.receive(index, datagram);
    }
  }

  void raw_record() {
    const std::size_t index = choose_peer();
    const auto type = static_cast<dtls::ContentType>(20 + script_.index(5));
    const std::uint8_t shape = script_.byte();
    const auto epoch = static_cast<std::uint16_t>((shape & 1) != 0   ? 1
                                                  : (shape & 2) != 0 ? script_.byte()
                                                                     : 0);
    const std::uint16_t version = (shape & 4) != 0 ? dtls::dtls_1_0 : dtls::dtls_1_2;
    const std::uint64_t sequence = (shape & 8) != 0 ? script_.number(6) : script_.byte();
    Bytes body = script_.bytes(script_.byte()).copy();
    if ((shape & 32) != 0) {
      body.resize(script_.number(2) % (dtls::max_ciphertext + 2), 0x20);
    }
    send_record(index, simulation::record(type, epoch, sequence, body, version), (shape & 16) == 0);
  }

  void handshake_record() {
    const std::size_t index = choose_peer();
    const auto type = static_cast<dtls::HandshakeType>(script_.index(24));
    const auto message_seq = static_cast<std::uint16_t>(script_.index(6));
    const std::uint8_t shape = script_.byte();
    const dtls::ByteView body = script_.bytes(script_.byte());
    const std::size_t offset = (shape & 1) != 0 ? script_.number(2) : 0;
    const std::size_t length = (shape & 2) != 0 ? script_.number(3) : body.size();
    const auto epoch = static_cast<std::uint16_t>((shape & 4) != 0 ? 1 : 0);
    send_record(index,
                simulation::record(dtls::ContentType::handshake, epoch, script_.byte(),
                                   simulation::fragment(type, length, message_seq, offset, body)),
                (shape & 16) == 0);
  }

  // What some address has sent before comes again, from its own address or from another.
  void replay() {
    const std::size_t index = choose_peer();
    const std::deque<Bytes>& sent = world_.peer(choose_peer()).sent_before;
    if (sent.empty()) {
      return;
    }
    const Bytes datagram = sent[script_.index(sent.size())];
    for (const Bytes& arriving : on_the_way(script_, datagram)) {
      world_.receive(index, arriving);
    }
  }

  const fuzz::SecurityContexts& contexts_;
  Script& script_;
  std::uint8_t habits_;
  World world_;
  Bytes draft_;
  std::size_t clients_ = 0;
};

std::shared_ptr<const dtls::SecurityContext> make_context(bool asks_for_certificates) {
  static const simulation::Identity& identity = simulation::plain_identity();
  const Bytes key = identity.key_der();
  dtls::SecuritySettings settings;
  settings.certificates.push_back(identity.certificate_der());
  settings.private_key = key;
  settings.request_client_certificate = asks_for_certificates;
  settings.groups = "X25519:P-256";  // a third of P-256's time
  return std::make_shared<dtls::SecurityContext>(settings);
}

}  // namespace

// Most time goes into malloc, and much of it into stacks that only a finding needs: eight frames do.
extern "C" const char* __asan_default_options() { return "malloc_context_size=8:quarantine_size_mb=16"; }

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  fuzz::make_openssl_deterministic();
  fuzz::count_live_blocks();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::SecurityContexts contexts = {make_context(false), make_context(true),
                                                  &simulation::plain_identity()};
  // The first client makes what all share, with random numbers and blocks that no execution may count as its.
  static const simulation::Client first_client;
  fuzz::restart_randomness();
  Script script(data, size);
  Play(contexts, script).run();
  return 0;
}
