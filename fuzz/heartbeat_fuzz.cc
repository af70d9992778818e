// Heartbeats (RFC 6520). Any bytes as a message; and a script of messages, each in an authentic record, for
// both ends of a connection: what it answers, and that it answers nothing else (CVE-2014-0160).
#include "core/heartbeat.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "core/connection.h"
#include "core/detached_records.h"
#include "simulation/client.h"
#include "simulation/used_numbers.h"
#include "simulation/wire.h"
#include "support/determinism.h"
#include "support/promise.h"
#include "support/script.h"
#include "support/trace.h"

using dtls::ByteView;
using dtls::ContentType;
using dtls::Counter;
using dtls::Duration;
using dtls::HeartbeatMode;
using dtls::Instant;
using fuzz::promise;
using fuzz::Script;
using simulation::Bytes;

namespace {

constexpr std::size_t header_size = 3;
constexpr std::size_t least_padding = 16;

// RFC 6520 4, told once more: none if the message is to be discarded.
struct Message {
  std::uint8_t type;
  ByteView payload;
};
std::optional<Message> message_in(ByteView body) {
  if (body.size() < header_size + least_padding || body[0] < 1 || body[0] > 2) {
    return std::nullopt;
  }
  const std::size_t payload = std::size_t{body[1]} << 8 | body[2];
  if (payload > body.size() - header_size - least_padding) {
    return std::nullopt;
  }
  return Message{body[0], body.sub(header_size, payload)};
}

const dtls::ProtectionSuite& suite() {
  constexpr std::uint16_t ecdhe_ecdsa_aes_128_gcm = 0xc02b;
  static const dtls::ProtectionSuite& found =
      *dtls::ProtectionSuite::of(simulation::Client::suite(ecdhe_ecdsa_aes_128_gcm), false);
  return found;
}

void read_as_message(ByteView bytes) {
  const Bytes exact = bytes.copy();  // so that AddressSanitizer sees a read past the end
  const auto read = dtls::read_heartbeat(exact);
  const auto expected = message_in(exact);
  promise(read.has_value() == expected.has_value(), "what is no heartbeat message is discarded");
  if (!read) {
    return;
  }
  promise(static_cast<std::uint8_t>(read->type) == expected->type, "a message has the type it tells");
  promise(
      read->payload.begin() == expected->payload.begin() && read->payload.size() == expected->payload.size(),
      "the payload is the message's own bytes");
  const Bytes answer = dtls::write_heartbeat(dtls::HeartbeatType::response, read->payload);
  promise(answer.size() == header_size + read->payload.size() + least_padding,
          "an answer has the payload, the least padding and not a byte more");
  const auto read_back = dtls::read_heartbeat(answer);
  promise(
      read_back && read_back->type == dtls::HeartbeatType::response && read_back->payload == read->payload,
      "an answer that is written reads like the request it was made for");
}

// An AES-128-GCM connection without its endpoint, and the client's end of it.
class Scene {
 public:
  explicit Scene(Script& script)
      : script_(script), records_(std::make_unique<dtls::DetachedRecords>(suite(), keys(), id)) {
    const std::uint8_t modes = script.byte();
    extensions_.offered_heartbeat = mode(modes);
    extensions_.client_heartbeat = mode(modes >> 2);
    extensions_.heartbeat_agreed = extensions_.offered_heartbeat != HeartbeatMode::none &&
                                   extensions_.client_heartbeat != HeartbeatMode::none;
    settings_.heartbeat_mode = static_cast<int>(extensions_.offered_heartbeat);
    settings_.idle_timeout = Duration::seconds((modes & 64) != 0 ? 100 : 0);
    settings_.keep_alive_max_retries = (modes & 128) != 0 ? 3 : 0;
    records_->set_max_data((modes & 16) != 0 ? 512 : dtls::max_plaintext);
    max_data_ = records_->max_data();
    connection_ =
        std::make_unique<dtls::Connection>(context_, sender_, std::move(records_), dtls::Negotiated());
    connection_->announce(extensions_, {}, now_);
    used_numbers_.expect(id, suite());
    const bool is_inert = extensions_.offered_heartbeat != HeartbeatMode::none &&
                          !(extensions_.heartbeat_agreed && may_request());
    promise(events_.list().size() == (is_inert ? 1 : 0), "the owner hears once that no request will be sent");
    events_.clear();
  }

  void run() {
    constexpr std::size_t most_steps = 100;
    for (std::size_t i = 0; i < most_steps && !script_.at_end() && !connection_->ended(); ++i) {
      step();
    }
  }

 private:
  static constexpr dtls::ConnectionId id = 7;
  enum Step { any_message, made_message, response_to_request, time_passes, switched, replay, step_count };

  static HeartbeatMode mode(unsigned bits) {
    static constexpr std::array<HeartbeatMode, 4> modes = {
        HeartbeatMode::peer_allowed_to_send, HeartbeatMode::peer_not_allowed_to_send, HeartbeatMode::none,
        HeartbeatMode::peer_allowed_to_send};
    return modes.at(bits & 3U);
  }

  static dtls::KeyBlock keys() {
    dtls::KeyBlock block(suite().key_block_size());
    for (std::size_t i = 0; i < suite().key_block_size(); ++i) {
      block.data()[i] = static_cast<std::uint8_t>(i * 7);
    }
    return block;
  }

  bool is_on() const { return extensions_.heartbeat_agreed && settings_.heartbeat_mode != 0; }
  bool may_answer() const { return extensions_.offered_heartbeat == HeartbeatMode::peer_allowed_to_send; }
  bool may_request() const { return extensions_.client_heartbeat == HeartbeatMode::peer_allowed_to_send; }

  void step() {
    switch (script_.index(step_count)) {
      case any_message:
        return receive(script_.bytes(script_.number(2) % (dtls::max_plaintext + 1)).copy());
      case made_message:
        return receive(made());
      case response_to_request: {
        if (request_.empty()) {
          return;
        }
        Bytes response = request_;
        response[0] = 2;
        if (const std::uint8_t change = script_.byte(); change != 0) {
          response[script_.index(response.size())] ^= change;
        }
        return receive(response);
      }
      case time_passes:
        return pass(Duration::milliseconds(static_cast<std::int64_t>(script_.number(2)) * 10));
      case switched:
        settings_.heartbeat_mode =
            settings_.heartbeat_mode != 0 ? 0 : static_cast<int>(extensions_.offered_heartbeat);
        return;
      case replay:
        return receive_again();
    }
  }

  // Longer than a script is: what it tells of its payload, and what is there.
  Bytes made() {
    static constexpr std::array<std::size_t, 8> sizes = {16, 0, 1, 477, 493, 494, 16365, 16366};
    static constexpr std::array<std::size_t, 8> paddings = {16, 0, 1, 15, 17, 18, 19, 255};
    const std::uint8_t type = script_.byte();
    const std::size_t payload = script_.choice(sizes);
    const std::size_t padding = script_.choice(paddings);
    const std::size_t untrue = script_.number(2);
    Bytes message = {type};
    dtls::append_number(message, payload ^ untrue, 2);
    for (std::size_t i = 0; i < payload; ++i) {
      message.push_back(static_cast<std::uint8_t>(i * 3));
    }
    message.insert(message.end(), padding, 0xee);
    message.resize(std::min(message.size(), dtls::max_plaintext));
    return message;
  }

  // Seals the message as the client and holds what comes of it against what should.
  void receive(const Bytes& body) {
    const auto message = message_in(body);
    fuzz::trace("message of %zu bytes: %s", body.size(),
                message ? (message->type == 1 ? "request" : "response") : "none");
    const std::size_t answer_size = header_size + (message ? message->payload.size() : 0) + least_padding;
    const bool is_answered =
        message && message->type == 1 && is_on() && may_answer() && answer_size <= max_data_;
    const bool answers = message && message->type == 2 && is_on() && !request_.empty() &&
                         message->payload == message_in(request_)->payload;
    const dtls::Counters before = counters_;

    Bytes sealed(suite().sealed_size(body.size()));
    promise(contexts_.seal({suite(), client_keys_, dtls::Writer::client, client}, ContentType::heartbeat, 1,
                           number_, number_, body, sealed.data()),
            "the client seals its message");
    ++number_;
    const auto record = dtls::RecordReader(sealed).next();
    promise(connection_->receive(*record, now_), "an authentic record is taken for one");
    last_record_ = std::move(sealed);

    const std::vector<Bytes> answer = take_outgoing();
    promise(!connection_->ended() && events_.empty(), "no heartbeat message ends a connection or is told of");
    promise(answer.size() == (is_answered ? 1 : 0), "a request is answered once, where it may be");
    if (is_answered) {
      const auto answered = message_in(answer[0]);
      promise(answer[0].size() == answer_size && answered && answered->type == 2 &&
                  answered->payload == message->payload,
              "an answer is the request's payload, padding and not a byte more");
    }
    count(before, Counter::heartbeat_requests_received, is_answered);
    count(before, Counter::heartbeat_responses_sent, is_answered);
    count(before, Counter::heartbeat_responses_received, answers);
    count(before, Counter::drop_heartbeat, !is_answered && !answers);
    heard(message.has_value() && is_on(), answers);
    promise(connection_->next_deadline() == expected_deadline(),
            "a record moves the deadlines that it should, and no other");
  }

  void receive_again() {
    const auto record = dtls::RecordReader(last_record_).next();
    if (!record) {
      return;
    }
    const dtls::Counters before = counters_;
    promise(!connection_->receive(*record, now_) && take_outgoing().empty() && events_.empty() &&
                counters_.values() == before.values(),
            "a replay is as if it had not come");
    promise(connection_->next_deadline() == expected_deadline(), "a replay moves no deadline");
  }

  void heard(bool is_activity, bool answers) {
    last_heard_ = now_;
    times_sent_ = 0;
    if (is_activity) {
      last_activity_ = now_;
    }
    if (answers) {
      request_.clear();
    }
  }

  Instant idle_at() const {
    return settings_.idle_timeout.us > 0 ? last_activity_ + settings_.idle_timeout : Instant::never();
  }
  Instant request_at() const {
    if (!is_on() || !may_request()) {
      return Instant::never();
    }
    return request_.empty() ? last_heard_ + settings_.keep_alive_time
                            : last_sent_ + settings_.keep_alive_interval;
  }
  Instant expected_deadline() const { return dtls::earlier(idle_at(), request_at()); }

  void pass(Duration duration) {
    now_ = now_ + duration;
    fuzz::trace("%lld ms pass", static_cast<long long>(duration.us / 1000));
    promise(connection_->next_deadline() == expected_deadline(), "deadlines are where they should be");
    if (now_ < expected_deadline()) {
      return;
    }
    const bool gives_up =
        settings_.keep_alive_max_retries > 0 && times_sent_ >= settings_.keep_alive_max_retries;
    const bool ends = now_ >= idle_at() || gives_up;
    connection_->expire(now_);
    promise(connection_->ended() == ends, "only idleness and unanswered requests end a connection");
    if (ends) {
      return;
    }
    const std::vector<Bytes> sent = take_outgoing();
    promise(sent.size() == 1 && events_.empty(), "a request is sent when it is due");
    const auto message = message_in(sent[0]);
    promise(message && message->type == 1 && sent[0].size() == header_size + 16 + least_padding,
            "a request bears 16 bytes and the least padding");
    promise(request_.empty() || message->payload == message_in(request_)->payload,
            "a request is repeated with its payload");
    request_ = sent[0];
    last_sent_ = now_;
    ++times_sent_;
  }

  std::vector<Bytes> take_outgoing() {
    std::vector<Bytes> opened;
    for (const dtls::OutgoingDatagram& datagram : outbox_.list()) {
      const ByteView bytes = outbox_.bytes_of(datagram);
      const char* const served_twice = used_numbers_.enter(id, bytes);
      promise(served_twice == nullptr, served_twice);
      const auto record = dtls::RecordReader(bytes).next();
      promise(record && record->whole == bytes && record->type == ContentType::heartbeat,
              "what leaves is one heartbeat record");
      Bytes plaintext(dtls::max_plaintext);
      const auto size =
          contexts_.open({suite(), client_keys_, dtls::Writer::server, client}, *record, plaintext.data());
      promise(size.has_value(), "what leaves decrypts under the client's keys");
      plaintext.resize(*size);
      opened.push_back(std::move(plaintext));
    }
    outbox_.clear();
    return opened;
  }

  void count(const dtls::Counters& before, Counter counter, bool once) {
    promise(counters_[counter] - before[counter] == (once ? 1 : 0),
            "each message is counted for what it was");
  }

  static constexpr std::uint64_t client = 1;  // whose contexts

  Script& script_;
  dtls::EndpointSettings settings_;
  dtls::Counters counters_;
  dtls::Events events_;
  dtls::Outbox outbox_;
  dtls::Notices notices_{events_};
  dtls::Drops drops_{settings_, counters_, notices_};
  dtls::RecordContexts contexts_{2};
  const dtls::WallClock wall_clock_;
  dtls::AssociationContext context_{settings_, counters_, events_,   outbox_,
                                    notices_,  drops_,    contexts_, wall_clock_};
  dtls::RecordSender sender_{dtls::Address::ipv4(192, 0, 2, 1, 4001), id, 0, 1200};
  dtls::HelloExtensions extensions_;
  std::unique_ptr<dtls::DetachedRecords> records_;  // until the connection has them
  std::unique_ptr<dtls::Connection> connection_;
  simulation::UsedNumbers used_numbers_;

  dtls::KeyBlock client_keys_ = keys();
  std::size_t max_data_ = 0;
  std::uint64_t number_ = 1;
  Instant now_{1'000'000'000};
  Instant last_heard_ = now_;
  Instant last_activity_ = now_;
  Bytes last_record_;
  Bytes request_;  // the server's, under way
  Instant last_sent_;
  std::size_t times_sent_ = 0;
};

}  // namespace

// Stacks of eight frames do, and freed memory is soon wanted again.
extern "C" const char* __asan_default_options() {
  return "malloc_context_size=8:quarantine_size_mb=4:allocator_release_to_os_interval_ms=-1";
}

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  fuzz::make_openssl_deterministic();
  suite();  // takes randomness that no execution may count as its
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::restart_randomness();
  read_as_message({data, size});
  Script script(data, size);
  Scene(script).run();
  return 0;
}
