// What an established connection does, told once more in the plainest way, for the endpoint to be held
// against: what it tells its owner, what it sends, what it counts, and when.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "core/counters.h"
#include "core/endpoint_settings.h"
#include "core/events.h"
#include "core/fault.h"
#include "core/heartbeat.h"
#include "core/protection_suite.h"
#include "core/record.h"
#include "simulation/wire.h"

namespace fuzz {

using simulation::Bytes;

// A record that authenticates as the client's, and what is in it.
struct Sealed {
  dtls::ContentType type{};
  std::uint64_t sequence = 0;
  Bytes plaintext;
};

// `begin` and `size` of a plaintext: how the rest of it reads is left to chance, or to nobody's interest.
struct Said {
  dtls::ContentType type{};
  Bytes begin;
  std::size_t size = 0;
};

struct Told {
  dtls::EventKind kind{};
  Bytes bytes;  // of data
  std::int32_t b = 0;
  std::int32_t c = 0;
};

struct Expected {
  std::vector<Told> told;
  std::vector<Said> said;
  dtls::Counters counters;
};

class ExpectedConnection {
 public:
  // What the handshake has led to.
  struct Terms {
    const dtls::ProtectionSuite& suite;
    bool full_handshake = true;  // not a resumed one
    std::size_t max_data = dtls::max_plaintext;
    dtls::HeartbeatMode ours = dtls::HeartbeatMode::none;
    dtls::HeartbeatMode theirs = dtls::HeartbeatMode::none;
    std::uint64_t forgeries = 0;  // that came before its time
  };

  ExpectedConnection(const Terms& terms, const dtls::EndpointSettings& settings, dtls::Instant now)
      : terms_(terms), settings_(settings), forgeries_(terms.forgeries) {
    using dtls::HeartbeatMode;
    last_heard_ = last_activity_ = now;
    detaches_ = terms.suite.can_open();
    has_heartbeat_ = detaches_ && terms.ours != HeartbeatMode::none && terms.theirs != HeartbeatMode::none;
    may_request_ = has_heartbeat_ && terms.theirs == HeartbeatMode::peer_allowed_to_send;
    if (detaches_ && terms.full_handshake) {
      final_flight_ = FinalFlight{now, now + dtls::Duration::seconds(240)};
    }
    numbers_.insert(0);  // the client's Finished
  }

  // When its owner hears of it.
  void announce(Expected& out) const {
    if (terms_.ours != dtls::HeartbeatMode::none && !may_request_) {
      out.told.push_back({dtls::EventKind::keep_alive_inert, {}, 0, 0});
    }
  }

  bool ended() const { return ended_; }
  bool detaches() const { return detaches_; }
  // False where OpenSSL has the connection and got something that it may answer as it likes.
  bool is_predictable() const { return is_predictable_; }
  void make_unpredictable() { is_predictable_ = false; }
  std::size_t max_data() const { return terms_.max_data; }
  std::size_t waiting() const { return waiting_.size(); }
  const Bytes& request() const { return request_; }
  void request_is(Bytes message) { request_ = std::move(message); }  // the one that has just left

  // Returns false if the record is nobody's, as far as this connection can tell. `sealed`: what the client
  // has sealed in it; null: nothing, it is forged.
  bool receive(const dtls::Record& record, const Sealed* sealed, dtls::Instant now, Expected& out) {
    using dtls::Counter;
    using Type = dtls::ContentType;
    if (ended_) {
      return true;
    }
    if (record.epoch != 1) {
      const bool is_alert = record.type == Type::alert;
      out.counters.add(record.epoch > 1 ? Counter::drop_wrong_epoch
                       : is_alert       ? Counter::alerts_ignored
                                        : Counter::drop_spoofable);
      return true;
    }
    if (record.type == Type::change_cipher_spec) {
      out.counters.add(Counter::drop_spoofable);
      return true;
    }
    if (record.type == Type::heartbeat && !detaches_) {
      out.counters.add(Counter::drop_heartbeat);
      return true;
    }
    if (record.body.size() < terms_.suite.least_body() || !is_new(record.sequence)) {
      return false;
    }
    if (sealed == nullptr) {
      if (detaches_ || can_be_called_forged(record)) {
        count_forgery(out);
      }
      return false;
    }
    accept(record.sequence);
    last_heard_ = now;
    times_sent_ = 0;
    const bool is_plain_data = sealed->type == Type::application_data && !sealed->plaintext.empty() &&
                               sealed->plaintext.size() <= terms_.max_data;
    if (!detaches_ && !is_plain_data) {
      make_unpredictable();
    }
    switch (sealed->type) {
      case Type::application_data:
        deliver(sealed->plaintext, now, out);
        break;
      case Type::heartbeat:
        receive_heartbeat(sealed->plaintext, now, out);
        break;
      case Type::alert:
        receive_alert(sealed->plaintext, out);
        break;
      case Type::handshake:
        receive_handshake(sealed->plaintext, now, out);
        break;
      case Type::change_cipher_spec:
        break;
    }
    return true;
  }

  // One that came before the handshake was done, and so tells nothing of our final flight.
  void receive_early(const dtls::Record& record, const Sealed* sealed, dtls::Instant now, Expected& out) {
    const std::optional<FinalFlight> kept = final_flight_;
    if (!receive(record, sealed, now, out)) {
      out.counters.add(dtls::Counter::drop_unauthenticated);
    }
    final_flight_ = kept;
  }

  // --- its owner
  void send(const Bytes& data, dtls::Instant now, Expected& out) {
    say(dtls::ContentType::application_data, data, data.size(), out);
    out.counters.add(dtls::Counter::application_records_sent);
    out.counters.add(dtls::Counter::application_bytes_sent, data.size());
    last_activity_ = now;
  }
  void pause() { paused_ = true; }
  void resume(Expected& out) {
    for (Bytes& data : waiting_) {
      out.told.push_back({dtls::EventKind::data, std::move(data), 0, 0});
    }
    waiting_.clear();
    waiting_bytes_ = 0;
    paused_ = false;
  }
  void close(dtls::Fault fault, Expected& out) {
    say_alert(1, 0, out);
    end(fault, -1, out);
  }
  void end(dtls::Fault fault, int alert, Expected& out) {
    ended_ = true;
    out.counters.add(dtls::Counter::connections_closed);
    out.counters.add(dtls::Counter::drop_paused, waiting_.size());
    out.told.push_back({dtls::EventKind::disconnected,
                        {},
                        static_cast<std::int32_t>(fault),
                        static_cast<std::int32_t>(alert)});
  }

  // --- time
  void advance(dtls::Instant now, Expected& out) {
    if (ended_ || !is_predictable_) {
      return;
    }
    if (final_flight_ && now >= final_flight_->expires_at) {
      final_flight_.reset();
    }
    if (settings_.idle_timeout.us > 0 && now >= last_activity_ + settings_.idle_timeout) {
      out.counters.add(dtls::Counter::connections_idle);
      return close(dtls::Fault::idle, out);
    }
    if (!may_request_ || !heartbeats_on() || now < next_request()) {
      return;
    }
    if (settings_.keep_alive_max_retries > 0 && times_sent_ >= settings_.keep_alive_max_retries) {
      out.counters.add(dtls::Counter::keep_alive_ended);
      return close(dtls::Fault::no_heartbeat_response, out);
    }
    // A new payload is random; a repeated one is known.
    const Bytes begin = !under_way_ ? Bytes{1, 0, 16} : heartbeat(1, payload_of(request_));
    say(dtls::ContentType::heartbeat, begin, 3 + 16 + 16, out);
    out.counters.add(dtls::Counter::heartbeat_requests_sent);
    ++times_sent_;
    under_way_ = true;
    last_sent_ = now;
  }

 private:
  struct FinalFlight {
    dtls::Instant last_sent;
    dtls::Instant expires_at;
  };

  bool heartbeats_on() const { return has_heartbeat_ && settings_.heartbeat_mode != 0; }
  dtls::Instant next_request() const {
    return under_way_ ? last_sent_ + settings_.keep_alive_interval : last_heard_ + settings_.keep_alive_time;
  }

  // RFC 6347 4.1.2.6, with a set in place of a window's bits.
  bool is_new(std::uint64_t sequence) const {
    return numbers_.count(sequence) == 0 && sequence + 64 > *numbers_.rbegin();
  }
  void accept(std::uint64_t sequence) { numbers_.insert(sequence); }

  // By a connection that OpenSSL has: it ignores fragments of messages and empty records too.
  bool can_be_called_forged(const dtls::Record& record) const {
    return record.type != dtls::ContentType::handshake && record.body.size() > terms_.suite.least_body();
  }

  void count_forgery(Expected& out) {
    ++forgeries_;
    const bool is_doubled = forgeries_ >= 128 && (forgeries_ & (forgeries_ - 1)) == 0;
    if (terms_.suite.forgery_limit == dtls::ProtectionSuite::no_limit && is_doubled) {
      out.told.push_back({dtls::EventKind::forged_records, {}, static_cast<std::int32_t>(forgeries_), 0});
    }
  }

  void deliver(const Bytes& data, dtls::Instant now, Expected& out) {
    out.counters.add(dtls::Counter::application_records_received);
    out.counters.add(dtls::Counter::application_bytes_received, data.size());
    last_activity_ = now;
    final_flight_.reset();
    if (!paused_) {
      out.told.push_back({dtls::EventKind::data, data, 0, 0});
    } else if (waiting_bytes_ + data.size() + 64 > settings_.pause_bound) {
      out.counters.add(dtls::Counter::drop_paused);
    } else {
      waiting_bytes_ += data.size() + 64;
      waiting_.push_back(data);
    }
  }

  void receive_heartbeat(const Bytes& body, dtls::Instant now, Expected& out) {
    using dtls::Counter;
    const bool is_message = heartbeats_on() && body.size() >= 3 + 16 && (body[0] == 1 || body[0] == 2) &&
                            (std::size_t{body[1]} << 8 | body[2]) + 3 + 16 <= body.size();
    if (!is_message) {
      return out.counters.add(Counter::drop_heartbeat);
    }
    last_activity_ = now;
    const dtls::ByteView payload = payload_of(body);
    const std::size_t answer = 3 + payload.size() + 16;
    if (body[0] == 1 && terms_.ours == dtls::HeartbeatMode::peer_allowed_to_send &&
        answer <= terms_.max_data) {
      out.counters.add(Counter::heartbeat_requests_received);
      out.counters.add(Counter::heartbeat_responses_sent);
      say(dtls::ContentType::heartbeat, heartbeat(2, payload), answer, out);
    } else if (body[0] == 2 && under_way_ && payload == payload_of(request_)) {
      out.counters.add(Counter::heartbeat_responses_received);
      under_way_ = false;
    } else {
      out.counters.add(Counter::drop_heartbeat);
    }
  }

  static dtls::ByteView payload_of(const Bytes& message) {
    return dtls::ByteView(message).sub(3, std::size_t{message[1]} << 8 | message[2]);
  }
  static Bytes heartbeat(std::uint8_t type, dtls::ByteView payload) {
    Bytes message = {type};
    dtls::append_number(message, payload.size(), 2);
    dtls::append(message, payload);
    return message;
  }

  void receive_alert(const Bytes& message, Expected& out) {
    if (message.size() != 2) {
      return;
    }
    if (message[1] == 0) {
      return close(dtls::Fault::none, out);
    }
    if (message[0] == 2) {
      end(dtls::Fault::fatal_alert, message[1], out);
    }
  }

  void receive_handshake(const Bytes& body, dtls::Instant now, Expected& out) {
    dtls::FragmentReader fragments(body);
    const auto message = fragments.next();
    if (message && message->type == dtls::HandshakeType::finished && final_flight_ &&
        now - final_flight_->last_sent >= dtls::Duration::milliseconds(200)) {
      final_flight_->last_sent = now;
      out.counters.add(dtls::Counter::final_flights_resent);
      out.counters.add(dtls::Counter::flights_retransmitted);
      say(dtls::ContentType::handshake, {static_cast<std::uint8_t>(dtls::HandshakeType::finished)}, 24, out);
    }
    if (message && message->type == dtls::HandshakeType::client_hello && message->offset == 0) {
      out.counters.add(dtls::Counter::renegotiations_refused);
      say_alert(1, 100, out);
    }
  }

  void say_alert(std::uint8_t level, std::uint8_t description, Expected& out) {
    say(dtls::ContentType::alert, {level, description}, 2, out);
  }
  static void say(dtls::ContentType type, Bytes begin, std::size_t size, Expected& out) {
    out.said.push_back({type, std::move(begin), size});
  }

  Terms terms_;
  const dtls::EndpointSettings& settings_;
  bool detaches_ = true;
  bool is_predictable_ = true;
  bool ended_ = false;
  bool has_heartbeat_ = false;
  bool may_request_ = false;
  std::set<std::uint64_t> numbers_;  // that have come
  std::uint64_t forgeries_;
  bool paused_ = false;
  std::deque<Bytes> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::optional<FinalFlight> final_flight_;
  dtls::Instant last_heard_;
  dtls::Instant last_activity_;
  Bytes request_;               // the last heartbeat request that left
  bool under_way_ = false;      // a request
  std::size_t times_sent_ = 0;  // since the peer was heard
  dtls::Instant last_sent_;
};

}  // namespace fuzz
