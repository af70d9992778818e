// One endpoint, the peers around it and the network between them, in which only the script makes things
// happen. Whatever the endpoint lets out is held against the promises before the script goes on.
#pragma once

#include <sanitizer/allocator_interface.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "core/endpoint.h"
#include "core/hello.h"
#include "simulation/client.h"
#include "simulation/used_numbers.h"
#include "simulation/virtual_clock.h"
#include "support/ledger.h"
#include "support/promise.h"
#include "support/trace.h"
#include "support/wire.h"

namespace fuzz {

// Both serve every execution: making one costs more than most scripts.
struct SecurityContexts {
  std::shared_ptr<const dtls::SecurityContext> plain;
  std::shared_ptr<const dtls::SecurityContext> asks_for_certificates;
  const simulation::Identity* client_identity;
};

// Blocks that are allocated and not freed, OpenSSL's too. Its HMAC takes and frees some in each use, so that
// only what lasts can be promised.
inline std::ptrdiff_t live_blocks = 0;
inline void count_allocation(const volatile void*, std::size_t) { ++live_blocks; }
inline void count_release(const volatile void* block) { live_blocks -= block == nullptr ? 0 : 1; }
inline void count_live_blocks() {
  promise(__sanitizer_install_malloc_and_free_hooks(count_allocation, count_release) > 0,
          "the sanitizer takes our hooks");
}

struct Peer {
  dtls::Address address;
  std::unique_ptr<simulation::Client> client;
  std::size_t messages_read = 0;  // of the client's

  std::deque<Bytes> to_server;
  std::deque<Bytes> to_client;
  std::deque<Bytes> sent_before;  // by clients of this address, for replays

  std::set<Bytes> protected_records;  // that its clients have really sent
  std::multiset<Bytes> data_to_server;
  std::multiset<Bytes> data_to_client;
  bool may_have_short_records = false;  // a client asked for max_fragment_length

  HelloShape hello;  // the last one made by hand
  Bytes cookie;      // the last one got
};

class World {
 public:
  static constexpr std::size_t peer_count = 8;
  static constexpr std::size_t longest_queue = 64;

  struct Habits {
    bool accepts_requests = true;
    bool accepts_certificates = true;
    bool echoes = false;
  };

  World(const SecurityContexts& contexts, const dtls::EndpointSettings& settings, dtls::Instant start)
      : contexts_(contexts), settings_(settings), now_(start), endpoint_(settings, first_id, start) {
    longest_mtu_ = settings.handshake_mtu;
    const auto ipv6 = [](std::uint8_t last, std::uint32_t scope, std::uint16_t port) {
      dtls::Address address;
      address.ip = {0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last};
      address.scope_id = scope;
      address.port = port;
      return address;
    };
    using dtls::Address;
    const std::array<Address, peer_count> addresses = {Address::ipv4(192, 0, 2, 1, 4001),
                                                       Address::ipv4(192, 0, 2, 1, 4002),
                                                       Address::ipv4(192, 0, 2, 1, 0),
                                                       Address::ipv4(192, 0, 2, 2, 4001),
                                                       Address::ipv4(0, 0, 0, 0, 0),
                                                       ipv6(1, 1, 4001),
                                                       ipv6(1, 2, 4001),
                                                       ipv6(1, 1, 65535)};
    for (std::size_t i = 0; i < peer_count; ++i) {
      peers_[i].address = addresses[i];
    }
  }

  Peer& peer(std::size_t index) { return peers_[index]; }
  dtls::Instant now() const { return now_; }
  const dtls::EndpointSettings& settings() const { return settings_; }
  Habits habits;

  // Of one that was given, or of the next, which has not been.
  dtls::ConnectionId id(std::size_t number) const {
    return first_id + static_cast<dtls::ConnectionId>(number % ledger_.id_count());
  }

  // --- the owner
  void ask_for_certificates(bool asks) {
    asks_ = asks;
    listening_ = true;
    endpoint_.set_security_context(asks ? contexts_.asks_for_certificates : contexts_.plain);
  }
  void set_accepting(bool accepting) {
    accepting_ = accepting;
    endpoint_.set_accepting(accepting);
  }
  void configure(const dtls::EndpointSettings& settings) {
    settings_ = settings;
    longest_mtu_ = std::max(longest_mtu_, settings.handshake_mtu);
    endpoint_.configure(settings, now_);
    finish_call();
  }

  void answer_request(dtls::ConnectionId id, bool accept) {
    const Ledger::Entry* const entry = ledger_.find(id);
    const bool expected = entry != nullptr && entry->state == Ledger::State::requested;
    if (expected && accept) {
      ledger_.accept(id, asks_);
    }
    promise(endpoint_.answer_request(id, accept, now_) == expected, "a request is answered once");
    take_out(nullptr, {});
    if (expected && !accept) {
      ledger_.refuse(id);
    }
    keep_habits();
  }

  void answer_certificate(dtls::ConnectionId id, bool accept, int refusal_alert) {
    Ledger::Entry* const entry = ledger_.find(id);
    const bool expected = entry != nullptr && entry->state == Ledger::State::deciding;
    if (expected) {
      entry->certificate_accepted = accept;
    }
    promise(endpoint_.answer_certificate(id, accept, refusal_alert, now_) == expected,
            "a certificate is answered once");
    take_out(nullptr, {});
    promise(!expected || accept || ledger_.find(id) == nullptr, "a refused certificate ends the handshake");
    keep_habits();
  }

  void send(dtls::ConnectionId id, std::size_t size) {
    using dtls::SendResult;
    const Ledger::Entry* const entry = ledger_.find(id);
    const Bytes data = message(size);
    const SendResult result = endpoint_.send(id, data, now_);
    if (entry == nullptr) {
      promise(result == SendResult::unknown_connection, "nothing is sent where there is no connection");
    } else if (entry->state != Ledger::State::connected) {
      promise(result == SendResult::not_established, "nothing is sent before the connection is there");
    } else {
      Peer& to = peer_at(entry->peer);
      promise(result == SendResult::sent || (result == SendResult::too_long &&
                                             (size > dtls::max_plaintext || to.may_have_short_records)),
              "what fits is sent");
      promise(result != SendResult::sent || size <= dtls::max_plaintext, "a record has its longest length");
      if (result == SendResult::sent) {
        ledger_.find(id)->last_activity = now_;
        to.data_to_client.insert(data);
        promise(endpoint_.outbox().list().size() == 1, "what is sent is one datagram");
      }
    }
    finish_call();
  }

  void disconnect(dtls::ConnectionId id) {
    const Ledger::Entry* const entry = ledger_.find(id);
    const bool expected = entry != nullptr && entry->state != Ledger::State::requested;
    promise(endpoint_.disconnect(id, now_) == expected, "what is more than a request can be disconnected");
    take_out(nullptr, {});
    promise(!expected || ledger_.find(id) == nullptr, "what was disconnected has ended");
    keep_habits();
  }

  void pause(dtls::ConnectionId id, bool paused) {
    Ledger::Entry* const entry = ledger_.find(id);
    const bool expected = entry != nullptr && entry->state == Ledger::State::connected;
    if (expected) {
      entry->paused = paused;
      entry->ever_paused = true;
    }
    promise((paused ? endpoint_.pause(id) : endpoint_.resume(id)) == expected, "connections can be paused");
    finish_call();
  }

  void report_send_failure(dtls::ConnectionId id) {
    endpoint_.send_failed(id, 1, "refused", now_);
    finish_call();
  }

  void close_all() {
    ledger_.closing(true);
    endpoint_.close_all(now_);
    take_out(nullptr, {});
    ledger_.closing(false);
    ledger_.forget_requests();
    promise(ledger_.entries().empty(), "nothing is left after everything was closed");
    promise(endpoint_.next_deadline() == dtls::Instant::never(), "what is closed leaves no deadline");
    keep_habits();
  }

  // --- time
  dtls::Instant next_deadline() const { return endpoint_.next_deadline(); }
  void advance_to(dtls::Instant instant) {
    constexpr dtls::Duration longest_client_step = dtls::Duration::seconds(3600);
    if (instant > now_) {
      const dtls::Duration step = instant - now_;
      simulation::VirtualClock::advance_to(simulation::VirtualClock::now() +
                                           std::min(step, longest_client_step));
      now_ = instant;
    }
    endpoint_.advance(now_);
    take_out(nullptr, {});
    ledger_.promise_nothing_overdue(now_, settings_.idle_timeout);
    promise(endpoint_.next_deadline() > now_, "what was due has been done");
    keep_habits();
  }

  // --- the network
  void receive(std::size_t index, const Bytes& datagram);

  // After anything that a client has done.
  void collect_from_client(Peer& from) {
    for (Bytes& datagram : from.client->take_outgoing()) {
      dtls::RecordReader records(datagram);
      while (const auto record = records.next()) {
        if (record->epoch > 0) {
          from.protected_records.insert(record->whole.copy());
        }
      }
      keep_at_most(from.sent_before, datagram);
      keep_at_most(from.to_server, std::move(datagram));
    }
    const auto& received = from.client->received();
    for (; from.messages_read < received.size(); ++from.messages_read) {
      const auto sent = from.data_to_client.find(received[from.messages_read]);
      promise(sent != from.data_to_client.end(), "a client reads what was sent to it, and once");
      from.data_to_client.erase(sent);
    }
  }

  // A message that no other execution of this world has sent, if it has eight bytes for that.
  Bytes message(std::size_t size) {
    Bytes bytes(size, 0x6d);
    ++message_number_;
    if (size >= 8) {
      dtls::put_number(bytes.data(), message_number_, 8);
    }
    return bytes;
  }

  // --- the end: whatever happened, time and close_all leave nothing behind
  void end();

 private:
  static constexpr dtls::ConnectionId first_id = 100;

  struct IssuedCookie {
    Bytes cookie;
    Bytes covered;
    dtls::Address peer;
    dtls::Instant at;
  };

  void finish_call() {
    take_out(nullptr, {});
    keep_habits();
  }

  Peer& peer_at(const dtls::Address& address) {
    for (Peer& peer : peers_) {
      if (peer.address == address) {
        return peer;
      }
    }
    promise(false, "every address is a peer's");
    std::abort();
  }

  static void keep_at_most(std::deque<Bytes>& queue, Bytes datagram) {
    queue.push_back(std::move(datagram));
    if (queue.size() > longest_queue) {
      queue.pop_front();
    }
  }

  const IssuedCookie* issued_for(const dtls::ClientHello& hello, const dtls::Address& peer) const {
    for (auto issued = cookies_.rbegin(); issued != cookies_.rend(); ++issued) {
      if (issued->peer == peer && hello.cookie == issued->cookie && hello.covered == issued->covered) {
        return &*issued;
      }
    }
    return nullptr;
  }

  void take_out(Peer* cause, dtls::ByteView datagram);
  void take_events(Peer* cause, dtls::ByteView datagram);
  void take_datagrams(Peer* cause, dtls::ByteView datagram);
  void check_datagram(const dtls::OutgoingDatagram& outgoing, dtls::ByteView bytes);
  void take_verify_request(Peer& to, dtls::ByteView answer, dtls::ByteView hello);
  void keep_habits();
  std::set<std::int64_t> periods_of(const dtls::ClientHello& hello) const;

  const SecurityContexts& contexts_;
  dtls::EndpointSettings settings_;
  dtls::Instant now_;
  dtls::Endpoint endpoint_;
  Ledger ledger_{first_id};
  std::array<Peer, peer_count> peers_;
  std::vector<IssuedCookie> cookies_;
  std::set<std::int64_t> keyed_periods_;
  std::map<dtls::ConnectionId, std::uint64_t> next_sequences_;  // of epoch 0
  simulation::UsedNumbers used_numbers_;
  std::deque<dtls::ConnectionId> to_answer_;
  std::deque<dtls::ConnectionId> to_decide_;
  std::deque<dtls::ConnectionId> to_echo_;
  std::size_t longest_mtu_ = 0;
  std::uint64_t message_number_ = 0;
  bool accepting_ = true;
  bool listening_ = false;
  bool asks_ = false;
  bool had_room_ = false;
  bool requested_ = false;  // by the datagram in hand
};

}  // namespace fuzz

#include "support/world_checks.h"
