// A connection that a real handshake has established, and a script of what a peer with its keys, others
// without them, time and the owner can do to it. The script is the input; what is promised of each step
// stands in support/established.h.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "simulation/wire.h"
#include "support/determinism.h"
#include "support/established.h"
#include "support/openssl_heap.h"
#include "support/script.h"

using dtls::ContentType;
using dtls::Duration;
using fuzz::Bytes;
using fuzz::Established;
using fuzz::Script;

namespace {

constexpr std::size_t most_operations = 200;
constexpr std::size_t longest_draft = 65507;

// clang-format off
// Stands in corpora as a number: append only.
#define FUZZ_OPERATIONS(X)                                                                          \
  X(sealed_record) X(forged_record) X(clear_record) X(old_datagram) X(raw_datagram)                 \
  X(many_forgeries) X(answer_heartbeat) X(recorded_datagram) X(server_sends) X(disconnect)          \
  X(pause_or_resume) X(let_time_pass) X(go_to_next_deadline) X(configure) X(report_send_failure) \
  X(report_network_error)
// clang-format on

#define FUZZ_NAME(name) name,
enum class Operation : std::uint8_t { FUZZ_OPERATIONS(FUZZ_NAME) };
#undef FUZZ_NAME
#define FUZZ_TEXT(name) #name,
constexpr std::array operation_names = {FUZZ_OPERATIONS(FUZZ_TEXT)};
#undef FUZZ_TEXT

fuzz::HandshakeKind choose_kind(Script& script) {
  fuzz::HandshakeKind kind;
  kind.suite = script.index(fuzz::suite_kinds.size());
  const std::uint8_t choices = script.byte();
  kind.server_heartbeat = (choices & 3) % 3;
  kind.client_heartbeat = (choices >> 2 & 3) % 3;
  kind.resumes = (choices & 48) != 48;  // mostly, for it takes half as long
  kind.short_records = (choices & 64) != 0;
  return kind;
}

dtls::EndpointSettings choose_settings(Script& script, int heartbeat_mode) {
  static constexpr std::array<std::size_t, 2> packet_sizes = {65535, 1400};
  static constexpr std::array<Duration, 4> idle_timeouts = {Duration::seconds(0), Duration::milliseconds(1),
                                                            Duration::seconds(10), Duration::seconds(3600)};
  static constexpr std::array<std::size_t, 4> pause_bounds = {65536, 0, 100, 1000};
  static constexpr std::array<Duration, 4> keep_alive_times = {Duration::seconds(60), Duration::seconds(1),
                                                               Duration::seconds(5), Duration::seconds(3600)};
  static constexpr std::array<std::size_t, 3> retries = {0, 1, 3};
  dtls::EndpointSettings settings;
  settings.heartbeat_mode = heartbeat_mode;
  settings.max_packet_size = script.choice(packet_sizes);
  settings.idle_timeout = script.choice(idle_timeouts);
  settings.pause_bound = script.choice(pause_bounds);
  settings.keep_alive_time = script.choice(keep_alive_times);
  settings.keep_alive_max_retries = script.choice(retries);
  const std::uint8_t reports = script.byte();
  settings.report_progress = (reports & 1) != 0;
  settings.report_losses = (reports & 2) != 0;
  settings.report_drops = (reports & 2) != 0;
  return settings;
}

Duration choose_duration(Script& script) {
  static constexpr std::array<Duration, 10> durations = {
      Duration::milliseconds(10),  Duration::milliseconds(1), Duration::milliseconds(199),
      Duration::milliseconds(200), Duration::seconds(1),      Duration::seconds(2),
      Duration::seconds(10),       Duration::seconds(60),     Duration::seconds(240),
      Duration::seconds(3600)};
  const std::size_t index = script.index(durations.size() + 1);
  return index < durations.size() ? durations[index]
                                  : Duration::milliseconds(static_cast<std::int64_t>(script.number(3)));
}

class Play {
 public:
  explicit Play(Script& script)
      : script_(script),
        kind_(choose_kind(script)),
        world_(kind_, choose_settings(script, kind_.server_heartbeat)) {}

  void run() {
    const std::size_t early = script_.index(4);
    for (std::size_t i = 0; i < early; ++i) {
      step();
    }
    send_draft();
    finish_handshake();
    for (std::size_t i = 0; i < most_operations && !script_.at_end(); ++i) {
      step();
    }
    send_draft();
    world_.end();
  }

 private:
  void finish_handshake() {
    fuzz::trace("the client's last flight, at %lld ms", static_cast<long long>(world_.now().us / 1000));
    world_.receive_recorded(0, 2, world_.client(0).datagrams[2]);
  }

  void step() {
    const std::size_t number = script_.index(operation_names.size());
    fuzz::trace("%s, at %lld ms", operation_names.at(number), static_cast<long long>(world_.now().us / 1000));
    step(static_cast<Operation>(number));
  }

  void step(Operation operation) {
    switch (operation) {
      case Operation::sealed_record:
        return sealed_record();
      case Operation::forged_record:
        return forged_record();
      case Operation::clear_record:
        return clear_record();
      case Operation::old_datagram:
        return old_datagram();
      case Operation::raw_datagram:
        return receive(script_.bytes(script_.number(2) % 2048).copy());
      case Operation::many_forgeries:
        return many_forgeries();
      case Operation::answer_heartbeat:
        return answer_heartbeat();
      case Operation::recorded_datagram:
        return recorded_datagram();
      case Operation::server_sends: {
        const dtls::ConnectionId id = choose_id();
        return world_.send(id, text(choose_size()));
      }
      case Operation::disconnect:
        return world_.disconnect(choose_id());
      case Operation::pause_or_resume: {
        const dtls::ConnectionId id = choose_id();
        return world_.pause(id, !script_.flag());
      }
      case Operation::let_time_pass:
        return world_.advance_to(world_.now() + choose_duration(script_));
      case Operation::go_to_next_deadline:
        if (world_.next_deadline() != dtls::Instant::never()) {
          world_.advance_to(world_.next_deadline());
        }
        return;
      case Operation::configure: {
        const bool heartbeats_off = script_.flag();
        return world_.configure(choose_settings(script_, heartbeats_off ? 0 : kind_.server_heartbeat));
      }
      case Operation::report_send_failure:
        return world_.send_failed(choose_id());
      case Operation::report_network_error:
        return world_.network_error(!script_.flag());
    }
  }

  dtls::ConnectionId choose_id() {
    const std::uint8_t number = script_.byte();
    return number == 0 ? world_.current_id() : world_.id(number - 1U);
  }
  std::size_t choose_size() {
    static constexpr std::array<std::size_t, 8> sizes = {8, 0, 1, 64, 512, 513, 16384, 16385};
    return script_.choice(sizes);
  }
  Bytes text(std::size_t size) {
    Bytes bytes(size, 0x6d);
    if (size > 0) {
      bytes[0] = ++texts_;
    }
    return bytes;
  }

  // --- what comes in
  void sealed_record() {
    static constexpr std::array types = {
        ContentType::application_data, ContentType::handshake,          ContentType::alert,
        ContentType::heartbeat,        ContentType::change_cipher_spec, static_cast<ContentType>(25)};
    const std::uint8_t shape = script_.byte();
    const std::size_t client = (shape & 1) == 0 ? world_.current_client() : 1 - world_.current_client();
    const ContentType type = script_.choice(types);
    const std::uint64_t sequence = choose_sequence(client);
    Bytes plaintext = script_.bytes(script_.byte()).copy();
    if ((shape & 2) != 0) {
      plaintext.resize(script_.number(2) % (dtls::max_plaintext + 1), 0x20);
    }
    arrive(world_.seal(client, type, sequence, plaintext), (shape & 4) != 0, (shape & 8) != 0);
  }

  std::uint64_t choose_sequence(std::size_t client) {
    std::uint64_t& next = next_sequence_.at(client);
    const std::uint8_t choice = script_.byte();
    if (choice < 128) {
      next += choice;  // 0: the next one
      return next++ & dtls::max_sequence;
    }
    if (choice < 255) {
      const std::uint64_t back = choice - 127U;
      return next >= back ? next - back : 0;
    }
    next = script_.number(6);
    return next++;
  }

  void forged_record() {
    const auto type = static_cast<ContentType>(20 + script_.index(5));
    const std::uint8_t shape = script_.byte();
    const std::uint64_t sequence = (shape & 1) != 0 ? script_.number(6) : script_.byte();
    Bytes body = script_.bytes(script_.byte()).copy();
    if ((shape & 2) != 0) {
      body.resize(script_.number(2) % (dtls::max_ciphertext + 2), 0x20);
    }
    const std::uint16_t version = (shape & 16) != 0 ? dtls::dtls_1_0 : dtls::dtls_1_2;
    arrive(simulation::record(type, 1, sequence, body, version), (shape & 4) != 0, (shape & 8) != 0);
  }

  void clear_record() {
    const auto type = static_cast<ContentType>(20 + script_.index(5));
    const std::uint8_t shape = script_.byte();
    const std::uint16_t epoch = (shape & 1) != 0 ? static_cast<std::uint16_t>(2 + script_.byte()) : 0;
    const std::uint64_t sequence = script_.byte();
    const Bytes body = script_.bytes(script_.byte()).copy();
    arrive(simulation::record(type, epoch, sequence, body), (shape & 4) != 0, (shape & 8) != 0);
  }

  void old_datagram() {
    if (arrived_.empty()) {
      return;
    }
    Bytes datagram = arrived_[script_.byte() % arrived_.size()];
    const bool is_changed = script_.flag();
    receive(is_changed ? changed(std::move(datagram)) : datagram);
  }

  // As many as are told of, where they are.
  void many_forgeries() {
    const std::size_t count = script_.byte();
    const Bytes body(script_.byte(), 0x7e);
    for (std::size_t i = 0; i < count && forgeries_left_ > 0; ++i) {
      --forgeries_left_;
      world_.receive(simulation::record(ContentType::application_data, 1, dtls::max_sequence - i, body));
    }
  }

  void answer_heartbeat() {
    Bytes answer = world_.request();
    const std::uint8_t change = script_.byte();
    if (answer.empty()) {
      return;
    }
    answer[0] = 2;
    if (change != 0) {
      answer[change % answer.size()] ^= script_.byte();
    }
    const std::size_t client = world_.current_client();
    receive(world_.seal(client, ContentType::heartbeat, next_sequence_.at(client)++, answer));
  }

  // The handshake of the connection again, or the one of a client that restarts at its address.
  void recorded_datagram() {
    const std::size_t number = script_.byte();
    const std::size_t client = number / 3 % 2 == 0 ? 1 : 0;
    const std::size_t part = number % 3;
    Bytes datagram = world_.client(client).datagrams[part];
    const bool is_changed = script_.flag();
    send_draft();
    world_.receive_recorded(client, part, is_changed ? changed(std::move(datagram)) : datagram);
  }

  Bytes changed(Bytes datagram) {
    enum Change { flipped, shortened, lengthened, another_version, doubled, count };
    switch (script_.index(count)) {
      case flipped:
        if (!datagram.empty()) {
          datagram[script_.number(2) % datagram.size()] ^= static_cast<std::uint8_t>(1U << script_.index(8));
        }
        break;
      case shortened: {
        datagram.resize(script_.number(2) % (datagram.size() + 1));
        const bool tells_so = script_.flag() && datagram.size() >= dtls::record_header_size;
        if (tells_so) {
          dtls::put_number(datagram.data() + 11, datagram.size() - dtls::record_header_size, 2);
        }
        break;
      }
      case lengthened:
        dtls::append(datagram, script_.bytes(script_.byte()));
        break;
      case another_version:
        if (datagram.size() > 2) {
          datagram[2] = static_cast<std::uint8_t>(dtls::dtls_1_0 & 0xff);
        }
        break;
      case doubled:
        dtls::append(datagram, Bytes(datagram));
        break;
      default:
        break;
    }
    return datagram;
  }

  // Records collect in a draft; one that nothing follows takes it along.
  void arrive(Bytes record, bool is_changed, bool is_followed) {
    dtls::append(draft_, is_changed ? changed(std::move(record)) : record);
    if (!is_followed) {
      send_draft();
    }
  }

  void send_draft() {
    if (!draft_.empty()) {
      draft_.resize(std::min(draft_.size(), longest_draft));
      Bytes datagram = std::move(draft_);
      draft_.clear();
      receive(std::move(datagram));
    }
  }

  void receive(Bytes datagram) {
    world_.receive(datagram);
    arrived_.push_back(std::move(datagram));
  }

  Script& script_;
  const fuzz::HandshakeKind kind_;
  Established world_;
  std::array<std::uint64_t, Established::client_count> next_sequence_ = {1, 1};
  Bytes draft_;
  std::vector<Bytes> arrived_;
  std::uint8_t texts_ = 0;
  std::size_t forgeries_left_ = 256;  // enough to be told of twice
};

}  // namespace

// Stacks of eight frames do, and freed memory is soon wanted again.
extern "C" const char* __asan_default_options() {
  return "malloc_context_size=8:quarantine_size_mb=4:allocator_release_to_os_interval_ms=-1";
}

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  fuzz::give_openssl_its_heap();
  fuzz::make_openssl_deterministic();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Script script(data, size);
  Play(script).run();
  // All that is recorded takes 15,000.
  fuzz::promise(fuzz::live_openssl_blocks() < 50'000, "OpenSSL's blocks do not pile up");
  return 0;
}
