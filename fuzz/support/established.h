// An endpoint with one established connection, and a peer that has its keys: what they do is the script's,
// and the endpoint is held against ExpectedConnection, the owner's book (ledger.h) and the keys.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "core/endpoint.h"
#include "core/hello.h"
#include "simulation/used_numbers.h"
#include "support/expected_connection.h"
#include "support/ledger.h"
#include "support/promise.h"
#include "support/recorded_handshake.h"
#include "support/trace.h"

namespace fuzz {

class Established {
 public:
  // `settings` with the heartbeat mode of the kind. The handshake awaits the client's last datagram.
  Established(const HandshakeKind& kind, const dtls::EndpointSettings& settings)
      : kind_(kind),
        recorded_(recorded_handshake(kind)),
        settings_(settings),
        endpoint_(settings, recorded_first_id, recorded_start) {
    endpoint_.set_security_context(recorded_.context);
    receive_recorded(0, 0, recorded_.first.datagrams[0]);
    receive_recorded(0, 1, recorded_.first.datagrams[1]);
    promise(pending_.has_value(), "a recorded client is asked for");
  }

  static constexpr std::size_t client_count = 2;
  RecordedClient& client(std::size_t number) { return number == 0 ? recorded_.first : recorded_.restart; }
  // Whose keys the connection has, or will have.
  std::size_t current_client() const {
    return connection_ ? connection_client_ : pending_ ? pending_->client : 0;
  }
  dtls::ConnectionId id(std::size_t number) const {
    return recorded_first_id + static_cast<dtls::ConnectionId>(number % ledger_.id_count());
  }
  dtls::ConnectionId current_id() const { return connection_ ? connection_id_ : id(0); }
  dtls::Instant now() const { return now_; }
  dtls::Instant next_deadline() const { return endpoint_.next_deadline(); }
  std::size_t max_data() const { return connection_ ? connection_->max_data() : dtls::max_plaintext; }
  // The heartbeat request that awaits its answer, or was the last that did; empty if there was none.
  Bytes request() const { return connection_ ? connection_->request() : Bytes(); }

  // --- the peer
  // A record of this client's; it authenticates if it arrives unchanged where these keys are.
  Bytes seal(std::size_t number, dtls::ContentType type, std::uint64_t sequence, const Bytes& plaintext) {
    Bytes record = client(number).keys.seal(type, sequence, plaintext);
    made_[record] = {{type, sequence, plaintext}, number};
    return record;
  }

  // --- the network
  void receive(const Bytes& datagram) { receive(datagram, 0, false); }

  // One of the three datagrams of a recorded client, whole or not.
  void receive_recorded(std::size_t number, std::size_t part, const Bytes& datagram) {
    const Bytes& whole = client(number).datagrams[part];
    const bool ends = part + 1 == RecordedClient::datagram_count && datagram == whole && pending_ &&
                      pending_->client == number;
    receive(datagram, number, ends);
  }

  // --- the owner
  void send(dtls::ConnectionId id, const Bytes& data) {
    using dtls::SendResult;
    Expected expected = expectations();
    const Ledger::Entry* const entry = ledger_.find(id);
    const bool is_connection = entry != nullptr && entry->state == Ledger::State::connected;
    const bool fits = is_connection && data.size() <= max_data();
    if (fits) {
      connection_->send(data, now_, expected);
      ledger_.find(id)->last_activity = now_;
    }
    const SendResult result = endpoint_.send(id, data, now_);
    const SendResult should = entry == nullptr ? SendResult::unknown_connection
                              : !is_connection ? SendResult::not_established
                              : !fits          ? SendResult::too_long
                                               : SendResult::sent;
    // OpenSSL may have the connection, and have had enough of it.
    promise(result == should || (result == SendResult::failed && fits && !was_predictable_),
            "what fits is sent where there is a connection");
    settle(expected, nullptr, {});
  }

  void pause(dtls::ConnectionId id, bool paused) {
    Expected expected = expectations();
    Ledger::Entry* const entry = ledger_.find(id);
    const bool is_connection = entry != nullptr && entry->state == Ledger::State::connected;
    if (is_connection) {
      entry->paused = paused;
      entry->ever_paused = true;
      paused ? connection_->pause() : connection_->resume(expected);
    }
    promise((paused ? endpoint_.pause(id) : endpoint_.resume(id)) == is_connection,
            "connections can be paused");
    settle(expected, nullptr, {});
  }

  void disconnect(dtls::ConnectionId id) {
    Expected expected = expectations();
    const Ledger::Entry* const entry = ledger_.find(id);
    if (entry != nullptr && entry->state == Ledger::State::connected) {
      connection_->close(dtls::Fault::none, expected);
    }
    const bool is_known = entry != nullptr;
    counts_ = counts_ && entry != nullptr && entry->state == Ledger::State::connected;
    promise(endpoint_.disconnect(id, now_) == is_known, "what is there can be disconnected");
    settle(expected, nullptr, {});
    promise(ledger_.find(id) == nullptr, "what was disconnected has ended");
  }

  void send_failed(dtls::ConnectionId id) {
    Expected expected = expectations();
    expected.counters.add(dtls::Counter::sends_failed);
    endpoint_.send_failed(id, 1, "refused", now_);
    settle(expected, nullptr, {});
  }

  // ICMP, true or forged, of a datagram to the peer or to somebody else.
  void network_error(bool about_peer) {
    constexpr int system_error = 111;
    Expected expected = expectations();
    expected.counters.add(dtls::Counter::icmp_errors);
    const Ledger::Entry* const entry = connection_ ? ledger_.find(connection_id_) : nullptr;
    const bool is_told = about_peer && entry != nullptr && now_.us - entry->last_hint >= 1'000'000;
    const dtls::Address to = about_peer ? recorded_peer : dtls::Address::ipv4(192, 0, 2, 2, 4001);
    endpoint_.network_error(to, system_error, "refused", now_);
    const auto& events = endpoint_.events().list();
    promise(events.size() == (is_told ? 1U : 0U),
            "an error of the network is told to its connection, once a second, and causes nothing else");
    promise(!is_told || (events[0].b == static_cast<std::int32_t>(dtls::Fault::network_error) &&
                         events[0].c == system_error),
            "an error of the network is told as such");
    settle(expected, nullptr, {});
    promise(!connection_ || ledger_.find(connection_id_) != nullptr, "an error of the network ends nothing");
  }

  void configure(const dtls::EndpointSettings& settings) {
    settings_ = settings;
    Expected expected = expectations();
    if (connection_) {
      connection_->advance(now_, expected);
    }
    endpoint_.configure(settings, now_);
    settle(expected, nullptr, {});
  }

  // --- time, in whole milliseconds
  void advance_to(dtls::Instant instant) {
    now_ = std::max(now_, instant);
    Expected expected = expectations();
    if (connection_) {
      connection_->advance(now_, expected);
    }
    endpoint_.advance(now_);
    settle(expected, nullptr, {});
    promise(endpoint_.next_deadline() > now_, "what was due has been done");
  }

  // --- the end
  void end() {
    constexpr int most_steps = 4;
    for (int step = 0; step < most_steps && endpoint_.next_deadline() != dtls::Instant::never(); ++step) {
      advance_to(endpoint_.next_deadline());
    }
    Expected expected = expectations();
    if (connection_) {
      connection_->close(dtls::Fault::none, expected);
    }
    counts_ = false;
    ledger_.closing(true);
    endpoint_.close_all(now_);
    settle(expected, nullptr, {});
    promise(endpoint_.association_count() == 0 && endpoint_.next_deadline() == dtls::Instant::never(),
            "nothing is left behind");
  }

 private:
  struct Made {
    Sealed sealed;
    std::size_t client = 0;
  };
  // A handshake in progress. What comes early waits in it, within its bounds.
  struct Pending {
    dtls::ConnectionId id = 0;
    std::size_t client = 0;
    dtls::HeartbeatMode heartbeat = dtls::HeartbeatMode::none;
    std::vector<Bytes> held;
    std::size_t held_bytes = 0;
    // Clear text from somebody else may have failed it, or changed what it holds.
    bool is_disturbed = false;

    // Forged ones, where the keys are known: they are not held.
    std::uint64_t forgeries = 0;

    void hold(const dtls::Record& record) {
      if (held.size() < dtls::Handshake::max_held_records &&
          held_bytes + record.whole.size() <= dtls::Handshake::max_held_bytes) {
        held.push_back(record.whole.copy());
        held_bytes += record.whole.size();
      }
    }
  };

  Expected expectations() {
    Expected expected;
    expected.counters = endpoint_.counters();
    counts_ = connection_ && !pending_;
    was_predictable_ = !connection_ || connection_->is_predictable();
    is_authentic_ = true;
    return expected;
  }

  const Sealed* sealed_by(std::size_t number, const dtls::Record& record) {
    Bytes bytes = record.whole.copy();
    if (!client(number).keys.suite().can_open() && record.type == dtls::ContentType::alert) {
      dtls::put_number(bytes.data() + 1, dtls::dtls_1_2, 2);  // OpenSSL does not look at an alert's version
    }
    const auto found = made_.find(bytes);
    return found != made_.end() && found->second.client == number ? &found->second.sealed : nullptr;
  }

  void receive(const Bytes& datagram, std::size_t client_number, bool ends_handshake) {
    trace("  datagram of %zu bytes", datagram.size());
    Expected expected = expectations();
    arriving_client_ = client_number;
    is_authentic_ = false;
    expect(datagram, ends_handshake, expected);
    const bool was_waiting = pending_ && ends_handshake && !pending_->is_disturbed;
    const Bytes exact(datagram.begin(), datagram.end());  // AddressSanitizer sees a read past its end
    endpoint_.receive(exact, recorded_peer, now_);
    settle(expected, &recorded_peer, exact);
    promise(!was_waiting || !pending_, "an undisturbed handshake is completed by the client's last datagram");
  }

  void expect(dtls::ByteView datagram, bool ends_handshake, Expected& out);
  void expect_record(const dtls::Record& record, bool ends_handshake, Expected& out);
  void take_over(dtls::ConnectionId id, Expected& out);
  void settle(Expected& expected, const dtls::Address* cause, dtls::ByteView datagram);
  void take_events(Expected& expected, const dtls::Address* cause, std::vector<Told>& told);
  std::vector<Said> take_datagrams(const dtls::Address* cause, dtls::ByteView datagram);
  void compare(const Expected& expected, const std::vector<Told>& told, const std::vector<Said>& said);
  void compare_counters(const dtls::Counters& expected) const;
  void check_told(const std::vector<Told>& told);

  const HandshakeKind kind_;
  RecordedHandshake& recorded_;
  dtls::EndpointSettings settings_;
  dtls::Instant now_ = recorded_start;
  dtls::Endpoint endpoint_;
  Ledger ledger_{recorded_first_id};
  simulation::UsedNumbers used_numbers_;
  std::map<dtls::ConnectionId, std::size_t> clients_;  // of those that were connected

  std::optional<ExpectedConnection> connection_;
  dtls::ConnectionId connection_id_ = 0;
  std::size_t connection_client_ = 0;
  std::optional<Pending> pending_;
  std::map<Bytes, Made> made_;
  std::set<const Made*> delivered_;  // by this connection

  // --- of the call in hand
  bool counts_ = false;  // each counter can be foretold
  bool was_predictable_ = true;
  bool is_authentic_ = true;  // or it is not about a datagram
  std::size_t arriving_client_ = 0;
};

}  // namespace fuzz

#include "support/established_checks.h"
