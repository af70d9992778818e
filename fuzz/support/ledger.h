// The book that an endpoint's owner could keep from its events and answers alone. Everything the endpoint
// says is entered, and whatever contradicts an earlier entry is a broken promise.
#pragma once

#include <cstddef>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "core/endpoint.h"
#include "core/host_usage.h"
#include "support/promise.h"

namespace fuzz {

class Ledger {
 public:
  enum class State { requested, handshaking, deciding, connected };
  struct Entry {
    dtls::Address peer;
    State state = State::requested;
    dtls::Instant deadline;       // of the handshake
    dtls::Instant last_activity;  // application data either way
    bool wants_certificate = false;
    bool certificate_accepted = false;
    bool paused = false;
    bool ever_paused = false;
    std::int64_t last_error = -1'000'000;
    std::int64_t last_hint = -1'000'000;  // of what anybody can forge
    bool told_of_inertia = false;
    std::int32_t forgeries_told = 0;
  };
  using Entries = std::map<dtls::ConnectionId, Entry>;

  // In which an event was reported.
  struct Circumstances {
    const dtls::EndpointSettings& settings;
    dtls::Instant now;
    const dtls::Address* cause = nullptr;  // whose datagram has been received
    bool had_room = false;                 // for a handshake of the cause, before the datagram
  };

  explicit Ledger(dtls::ConnectionId first_id) : first_id_(first_id), next_id_(first_id) {}

  const Entries& entries() const { return entries_; }
  Entry* find(dtls::ConnectionId id) {
    const auto found = entries_.find(id);
    return found == entries_.end() ? nullptr : &found->second;
  }
  bool was_given(dtls::ConnectionId id) const { return id >= first_id_ && id < next_id_; }
  // The number of ids so far, and one beyond, which has not been given.
  std::size_t id_count() const { return static_cast<std::size_t>(next_id_ - first_id_) + 1; }
  dtls::ConnectionId first_id() const { return first_id_; }

  bool knows(const dtls::Address& peer) const {
    for (const auto& [id, entry] : entries_) {
      if (entry.peer == peer) {
        return true;
      }
    }
    return false;
  }

  // Whether the limits let this address begin a handshake.
  bool has_room(const dtls::Address& address, const dtls::EndpointSettings& settings) const {
    const Use use = use_of(address);
    return (use.address_known || use.addresses < settings.max_connections) &&
           use.handshakes - use.own_handshakes < settings.max_handshakes &&
           use.host_handshakes - use.own_handshakes < settings.max_handshakes_per_host &&
           (use.address_known || settings.max_connections_per_host == 0 ||
            use.host_connections + use.host_handshakes < settings.max_connections_per_host);
  }

  // --- what the endpoint reports. The caller has seen to it that `bytes` are the event's.
  void enter(const dtls::Event& event, dtls::ByteView bytes, const Circumstances& circumstances) {
    using dtls::EventKind;
    const dtls::Instant now = circumstances.now;
    const dtls::Address* const cause = circumstances.cause;
    const dtls::EndpointSettings& settings = circumstances.settings;
    if (event.kind == EventKind::limit_reached) {
      promise(event.id == 0, "a limit is reached by no connection");
      if (closing_) {
        return;
      }
      promise(!limit_noted_ || now - last_limit_ >= dtls::Duration::seconds(1),
              "a limit is noted at most once a second");
      limit_noted_ = true;
      last_limit_ = now;
      return;
    }
    if (event.kind == EventKind::dropped) {
      // Late, for those left out of a second: the connection may have ended.
      promise(event.id < next_id_, "a drop is of nobody, or of one that was told of");
      promise((event.c == 1) == dtls::is_loss(static_cast<dtls::Counter>(event.a)),
              "a drop tells whether somebody may have wanted it");
      return;
    }
    if (event.kind == EventKind::hello_verify_request) {
      // Those left out of a second are told after it, whatever was configured meanwhile.
      promise(event.id == 0 && (settings.report_progress || cause == nullptr),
              "a HelloVerifyRequest is told if it was asked for");
      return;
    }
    if (event.kind == EventKind::connection_request) {
      return enter_request(event, bytes, circumstances);
    }
    const auto found = entries_.find(event.id);
    promise(found != entries_.end(), "there is no event before a request or after an end");
    Entry& entry = found->second;
    promise(cause == nullptr || entry.peer == *cause, "a datagram causes events of its own peer alone");
    switch (event.kind) {
      case EventKind::client_certificate:
        promise(entry.state == State::handshaking && entry.wants_certificate,
                "a certificate comes once, in a handshake that asked for it");
        entry.state = State::deciding;
        return;
      case EventKind::connected:
        promise(entry.state == State::handshaking || entry.state == State::deciding,
                "a connection follows an accepted request");
        promise(!entry.wants_certificate || entry.certificate_accepted,
                "a connection follows an accepted certificate");
        for (const auto& [id, other] : entries_) {
          promise(other.state != State::connected || !(other.peer == entry.peer),
                  "an address has one connection");
        }
        promise_address(event, bytes.text(), entry);
        entry.state = State::connected;
        entry.last_activity = now;
        return;
      case EventKind::handshake_failed: {
        promise(entry.state != State::connected, "a connection does not fail, it is disconnected");
        const std::string text = bytes.text();
        promise(text.find('\0') != std::string::npos, "the address and the reason are told apart");
        promise_address(event, text.substr(0, text.find('\0')), entry);
        entries_.erase(found);
        return;
      }
      case EventKind::data:
        promise(entry.state == State::connected, "data belongs to a connection");
        promise(!entry.paused, "a paused connection delivers nothing");
        if (cause != nullptr) {  // and not what a pause has held up
          entry.last_activity = now;
        }
        return;
      case EventKind::disconnected:
        promise(entry.state == State::connected, "only a connection is disconnected");
        promise(static_cast<dtls::Fault>(event.b) != dtls::Fault::idle ||
                    (settings.idle_timeout.us > 0 && now >= entry.last_activity + settings.idle_timeout),
                "a connection that is not idle is not closed for it");
        entries_.erase(found);
        return;
      case EventKind::error:
        promise(entry.state == State::connected, "errors are of a connection");
        promise_cause_of_error(event, cause);
        {
          const bool is_own = static_cast<dtls::Fault>(event.b) == dtls::Fault::send_failed;
          std::int64_t& last = is_own ? entry.last_error : entry.last_hint;
          promise(now.us - last >= 1'000'000, "a connection has one error of a kind a second at most");
          last = now.us;
        }
        return;
      case EventKind::progress:
        promise(settings.report_progress, "progress is told if it was asked for");
        return;
      case EventKind::keep_alive_inert:
        promise(entry.state == State::connected && !entry.told_of_inertia,
                "a connection tells once at most why it sends no heartbeats");
        entry.told_of_inertia = true;
        return;
      case EventKind::forged_records:
        // Those of the handshake count, but are not told of.
        promise(entry.state == State::connected && event.b >= 128 && (event.b & (event.b - 1)) == 0 &&
                    event.b > entry.forgeries_told,
                "forgeries are told of at 128 and at each doubling");
        entry.forgeries_told = event.b;
        return;
      default:
        promise(false, "events are of a known kind");
    }
  }

  // --- what the owner does, and what the endpoint answered
  void accept(dtls::ConnectionId id, bool wants_certificate) {
    Entry& entry = entries_.at(id);
    entry.state = State::handshaking;
    entry.wants_certificate = wants_certificate;
  }
  void refuse(dtls::ConnectionId id) { entries_.erase(id); }
  // While everything is closed, what was left out does not wait for its second.
  void closing(bool begins) { closing_ = begins; }
  void forget_requests() {
    for (auto entry = entries_.begin(); entry != entries_.end();) {
      entry = entry->second.state == State::requested ? entries_.erase(entry) : std::next(entry);
    }
  }

  // What a connection's `disconnected` event allows, and what it forbids. It has no effect, or the caller's
  // comparisons would show it.
  static void tell_end(dtls::Endpoint& endpoint, dtls::ConnectionId id, dtls::Instant now) {
    promise(!endpoint.is_open(id), "a connection that has ended is not open");
    promise(endpoint.peer_of(id) && endpoint.negotiated_of(id), "it is known until its end has been told");
    promise(endpoint.send(id, {}, now) == dtls::SendResult::sent && endpoint.pause(id) &&
                endpoint.resume(id) && endpoint.disconnect(id, now),
            "calls on it succeed until its end has been told");
    endpoint.end_told(id);
    promise(!endpoint.peer_of(id) && endpoint.send(id, {}, now) == dtls::SendResult::unknown_connection,
            "nothing is known of it once its end has been told");
  }

  // Compares the book with the endpoint's own.
  void balance(const dtls::Endpoint& endpoint) const {
    std::vector<dtls::ConnectionId> connected;
    for (const auto& [id, entry] : entries_) {
      const bool is_connected = entry.state == State::connected;
      const auto peer = endpoint.peer_of(id);
      promise(peer.has_value() == is_connected, "peer_of knows the connections and nothing else");
      if (is_connected) {
        promise(*peer == entry.peer, "a connection keeps its address");
        connected.push_back(id);
      }
    }
    promise(endpoint.association_count() == entries_.size(),
            "what the endpoint keeps is what it has told of");
    promise(endpoint.connection_count() == connected.size(), "connection_count counts the connections");
    promise(endpoint.connection_ids() == connected, "connection_ids are the connections, in order");
    promise(endpoint.next_id() == next_id_, "ids are given one after another");
  }

  // After Endpoint::advance(now).
  void promise_nothing_overdue(dtls::Instant now, dtls::Duration idle_timeout) const {
    constexpr std::int64_t tick_us = 1000;
    for (const auto& [id, entry] : entries_) {
      if (entry.state != State::connected) {
        promise(now.us < entry.deadline.us + tick_us, "a handshake ends at its deadline");
      } else if (idle_timeout.us > 0 && !entry.ever_paused) {
        promise(now.us < entry.last_activity.us + idle_timeout.us + tick_us,
                "an idle connection ends at its deadline");
      }
    }
  }

 private:
  struct Use {
    std::size_t addresses = 0;
    std::size_t handshakes = 0;
    std::size_t host_handshakes = 0;
    std::size_t host_connections = 0;
    std::size_t own_handshakes = 0;  // of the address itself, which would give way
    bool address_known = false;
  };

  Use use_of(const dtls::Address& address) const {
    Use use;
    std::vector<dtls::Address> seen;
    for (const auto& [id, entry] : entries_) {
      bool is_new = true;
      for (const dtls::Address& other : seen) {
        is_new = is_new && !(other == entry.peer);
      }
      if (is_new) {
        seen.push_back(entry.peer);
      }
      const bool in_handshake = entry.state != State::connected;
      use.handshakes += in_handshake ? 1 : 0;
      if (dtls::HostUsage::host_of(entry.peer).same_host(dtls::HostUsage::host_of(address))) {
        ++(in_handshake ? use.host_handshakes : use.host_connections);
      }
      if (entry.peer == address) {
        use.address_known = true;
        use.own_handshakes += in_handshake ? 1 : 0;
      }
    }
    use.addresses = seen.size();
    return use;
  }

  void enter_request(const dtls::Event& event, dtls::ByteView bytes, const Circumstances& circumstances) {
    const dtls::Address* const cause = circumstances.cause;
    promise(cause != nullptr, "a request comes from a datagram");
    promise(event.id == next_id_, "ids are given one after another, and none twice");
    next_id_ = event.id + 1;
    promise(circumstances.had_room, "no request exceeds a limit");
    for (auto entry = entries_.begin(); entry != entries_.end();) {
      const bool gives_way = entry->second.peer == *cause && entry->second.state != State::connected;
      promise(!gives_way || entry->second.state == State::requested,
              "a handshake that is replaced has failed");
      entry = gives_way ? entries_.erase(entry) : std::next(entry);
    }
    Entry entry;
    entry.peer = *cause;
    entry.deadline = circumstances.now + circumstances.settings.handshake_timeout;
    promise_address(event, bytes.text(), entry);
    entries_.emplace(event.id, entry);
  }

  // Peers send what is reported of their datagrams; of the network and the socket the owner hears by the way.
  static void promise_cause_of_error(const dtls::Event& event, const dtls::Address* cause) {
    const auto fault = static_cast<dtls::Fault>(event.b);
    const bool is_of_datagram = fault == dtls::Fault::malformed || fault == dtls::Fault::oversized;
    const bool is_of_system = fault == dtls::Fault::send_failed || fault == dtls::Fault::network_error;
    promise(is_of_datagram || is_of_system, "an error tells what it is about");
    promise(is_of_datagram == (cause != nullptr), "a bad datagram is an error when it comes");
    promise(is_of_system == (event.c != 0), "what the system says has the system's number, and nothing else");
  }

  static void promise_address(const dtls::Event& event, const std::string& host, const Entry& entry) {
    promise(event.a == entry.peer.port && host == entry.peer.host(), "an event names its peer's address");
  }

  dtls::ConnectionId first_id_;
  dtls::ConnectionId next_id_;
  Entries entries_;
  bool limit_noted_ = false;
  bool closing_ = false;
  dtls::Instant last_limit_;
};

}  // namespace fuzz
