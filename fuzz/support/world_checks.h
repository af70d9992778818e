// World's larger parts: a datagram's way through the endpoint, with all that is promised of it. Included by
// world.h alone.
#pragma once

#include "support/world.h"

namespace fuzz {

inline void World::receive(std::size_t index, const Bytes& datagram) {
  Peer& from = peers_[index];
  trace("  datagram of %zu bytes from %s", datagram.size(), from.address.text().c_str());
  const bool is_stranger = !ledger_.knows(from.address);
  const dtls::HelloReading reading = dtls::read_client_hello(datagram);
  const bool is_hello = reading.problem == dtls::HelloProblem::none;
  const IssuedCookie* const issued =
      is_hello && reading.hello.message_seq == 1 ? issued_for(reading.hello, from.address) : nullptr;
  had_room_ = ledger_.has_room(from.address, settings_);
  const bool must_be_admitted = is_stranger && issued != nullptr && had_room_ && accepting_ && listening_ &&
                                now_ - issued->at < dtls::Duration::seconds(120) &&
                                datagram.size() <= settings_.max_packet_size;
  const bool must_not_be_admitted =
      issued == nullptr || now_ - issued->at >= dtls::Duration::seconds(240) || !accepting_ || !listening_;
  // The first use of a period keys its HMAC, and the first answer of all makes the outbox grow.
  const std::set<std::int64_t> periods = is_hello ? periods_of(reading.hello) : std::set<std::int64_t>();
  const bool is_routine =
      std::includes(keyed_periods_.begin(), keyed_periods_.end(), periods.begin(), periods.end());

  // A copy of its exact size, so that AddressSanitizer sees a read past the end.
  const Bytes exact(datagram.begin(), datagram.end());
  const std::uint64_t answered_before = endpoint_.counters()[dtls::Counter::hello_verify_requests];
  const std::ptrdiff_t blocks_before = live_blocks;
  endpoint_.receive(exact, from.address, now_);
  const bool kept_blocks = live_blocks != blocks_before;
  const bool is_silent = endpoint_.events().empty();
  if (endpoint_.counters()[dtls::Counter::hello_verify_requests] != answered_before) {
    keyed_periods_.insert(periods.begin(), periods.end());
  }

  requested_ = false;
  take_out(&from, exact);
  promise(requested_ || !must_be_admitted, "a good cookie is admitted as long as there is room");
  promise(!requested_ || !must_not_be_admitted, "without a good cookie nobody is admitted");
  promise(!is_stranger || requested_ || !is_silent || !is_routine || !kept_blocks,
          "no memory is kept for a stranger");
  promise(!is_stranger || requested_ || !ledger_.knows(from.address), "nothing is kept of a stranger");
  keep_habits();
}

// The periods whose HMAC this hello asks for: its cookie's own, if it claims one, and the current for the
// answer.
inline std::set<std::int64_t> World::periods_of(const dtls::ClientHello& hello) const {
  const std::int64_t length = dtls::CookieJar::rotation_period.us;
  const std::int64_t period = now_.us / length - (now_.us % length < 0 ? 1 : 0);
  const bool claims_previous =
      !hello.cookie.empty() && hello.cookie[0] == static_cast<std::uint8_t>(period - 1);
  return claims_previous ? std::set<std::int64_t>{period, period - 1} : std::set<std::int64_t>{period};
}

inline void World::take_out(Peer* cause, dtls::ByteView datagram) {
  take_events(cause, datagram);
  take_datagrams(cause, datagram);
  endpoint_.events().clear();
  endpoint_.outbox().clear();
}

inline void World::take_events(Peer* cause, dtls::ByteView datagram) {
  bool is_authentic = cause == nullptr;
  if (cause != nullptr) {
    dtls::RecordReader records(datagram);
    while (const auto record = records.next()) {
      is_authentic = is_authentic || cause->protected_records.count(record->whole.copy()) > 0;
    }
  }
  const dtls::ByteView all = endpoint_.events().bytes();
  const Ledger::Circumstances circumstances{settings_, now_, cause ? &cause->address : nullptr, had_room_};
  bool connected = false;
  std::vector<dtls::ConnectionId> ended;
  for (const dtls::Event& event : endpoint_.events().list()) {
    promise(std::size_t{event.offset} + event.length <= all.size(), "an event's bytes are in the buffer");
    const dtls::ByteView bytes = all.sub(event.offset, event.length);
    trace("    event %s of %llu: %d %d %d", name_of(event.kind), static_cast<unsigned long long>(event.id),
          event.a, event.b, event.c);
    const Ledger::Entry* const entry = ledger_.find(event.id);
    Peer* const about = entry != nullptr ? &peer_at(entry->peer) : cause;
    switch (event.kind) {
      case dtls::EventKind::connection_request:
        requested_ = true;
        to_answer_.push_back(event.id);
        break;
      case dtls::EventKind::client_certificate:
        promise(bytes == contexts_.client_identity->certificate_der(), "the certificate is the client's");
        to_decide_.push_back(event.id);
        break;
      case dtls::EventKind::connected:
        connected = true;
        break;
      case dtls::EventKind::data: {
        promise(about != nullptr, "data comes from a peer");
        const auto sent = about->data_to_server.find(bytes.copy());
        promise(sent != about->data_to_server.end(), "data is what a client of this address sent, once");
        about->data_to_server.erase(sent);
        to_echo_.push_back(event.id);
        break;
      }
      case dtls::EventKind::disconnected:
        // A new connection may bring its own end, or the old one's.
        promise(is_authentic || connected || static_cast<dtls::Fault>(event.b) == dtls::Fault::replaced,
                "nothing that is not authentic ends a connection");
        ended.push_back(event.id);
        break;
      default:
        break;
    }
    ledger_.enter(event, bytes, circumstances);
  }
  for (const dtls::ConnectionId id : ended) {
    Ledger::tell_end(endpoint_, id, now_);
  }
}

inline void World::take_datagrams(Peer* cause, dtls::ByteView datagram) {
  std::size_t total_to_strangers = 0;
  for (const dtls::OutgoingDatagram& outgoing : endpoint_.outbox().list()) {
    const dtls::ByteView bytes = endpoint_.outbox().bytes_of(outgoing);
    trace("    answer of %zu bytes to %s", bytes.size(), outgoing.peer.text().c_str());
    promise(cause == nullptr || outgoing.peer == cause->address, "an answer goes to who asked");
    check_datagram(outgoing, bytes);
    Peer& to = peer_at(outgoing.peer);
    if (outgoing.id == 0) {
      promise(cause != nullptr, "a HelloVerifyRequest is an answer");
      total_to_strangers += bytes.size();
      take_verify_request(to, bytes, datagram);
    }
    keep_at_most(to.to_client, bytes.copy());
  }
  promise(total_to_strangers <= datagram.size(), "a stranger gets no more than it has sent");
}

inline void World::check_datagram(const dtls::OutgoingDatagram& outgoing, dtls::ByteView bytes) {
  promise(outgoing.id == 0 || ledger_.was_given(outgoing.id), "a datagram belongs to a connection");
  promise(bytes.size() <= 65507, "a datagram fits UDP");
  constexpr std::uint64_t numbers = dtls::max_sequence;
  dtls::RecordReader records(bytes);
  std::size_t count = 0;
  bool is_clear = false;
  while (const auto record = records.next()) {
    ++count;
    promise(record->epoch <= 1, "there are two epochs");
    promise(record->epoch == 1 || record->type != dtls::ContentType::application_data,
            "no data leaves in clear");
    is_clear = is_clear || record->epoch == 0;
    if (record->epoch == 0 && outgoing.id != 0) {
      const auto known = next_sequences_.find(outgoing.id);
      promise(known == next_sequences_.end() || known->second == record->sequence,
              "each clear-text record has a fresh number");
      next_sequences_[outgoing.id] = (record->sequence + 1) & numbers;
    }
  }
  promise(count > 0 && !records.malformed(), "what leaves is a sequence of records");
  const char* const served_twice = used_numbers_.enter(outgoing.id, bytes);
  promise(served_twice == nullptr, served_twice);
  promise((count == 1 && !is_clear) || bytes.size() <= longest_mtu_, "a flight keeps to the MTU");
}

inline void World::take_verify_request(Peer& to, dtls::ByteView answer, dtls::ByteView datagram) {
  const dtls::HelloReading question = dtls::read_client_hello(datagram);
  promise(question.problem == dtls::HelloProblem::none, "only a hello is answered statelessly");
  dtls::RecordReader records(answer);
  const auto record = records.next();
  promise(record.has_value(), "a HelloVerifyRequest is a record");
  dtls::FragmentReader fragments(record->body);
  const auto message = fragments.next();
  promise(message && message->type == dtls::HandshakeType::hello_verify_request && message->body.size() > 3,
          "a stranger gets a HelloVerifyRequest and nothing else");
  to.cookie = message->body.from(3).copy();
  cookies_.push_back({to.cookie, question.hello.covered.copy(), to.address, now_});
}

// What an owner with fixed habits does with the events, after the call that brought them.
inline void World::keep_habits() {
  ledger_.balance(endpoint_);
  const auto take = [](std::deque<dtls::ConnectionId>& queue) {
    const dtls::ConnectionId id = queue.front();
    queue.pop_front();
    return id;
  };
  while (!to_answer_.empty()) {
    const dtls::ConnectionId id = take(to_answer_);
    if (habits.accepts_requests) {
      answer_request(id, true);
    }
  }
  while (!to_decide_.empty()) {
    const dtls::ConnectionId id = take(to_decide_);
    if (habits.accepts_certificates) {
      answer_certificate(id, true, 0);
    }
  }
  while (!to_echo_.empty()) {
    const dtls::ConnectionId id = take(to_echo_);
    if (habits.echoes) {
      send(id, 16);
    }
  }
}

inline void World::end() {
  habits = {false, false, false};
  constexpr std::size_t most_steps = 20000;
  std::size_t steps = 0;
  while (endpoint_.next_deadline() != dtls::Instant::never()) {
    advance_to(endpoint_.next_deadline());
    promise(++steps < most_steps, "deadlines come to an end");
  }
  for (const auto& [id, entry] : ledger_.entries()) {
    promise(entry.state == Ledger::State::connected, "no handshake lasts for ever");
  }
  close_all();

  // Room for one of each: what the endpoint had counted for a host and forgotten to count off would show now.
  dtls::EndpointSettings narrow;
  narrow.max_connections = narrow.max_handshakes = World::peer_count;
  narrow.max_handshakes_per_host = narrow.max_connections_per_host = 1;
  settings_ = narrow;
  longest_mtu_ = std::max(longest_mtu_, narrow.handshake_mtu);
  endpoint_.configure(narrow, now_);
  set_accepting(true);
  ask_for_certificates(false);
  for (std::size_t index = 0; index < peer_count; ++index) {
    const HelloShape hello;
    receive(index, hello.datagrams({}, 0, 0).front());
    const Bytes cookie = peers_[index].cookie;
    receive(index, hello.datagrams(cookie, 1, 0).front());
  }
  promise(endpoint_.association_count() == 5, "five hosts are admitted once each");
  close_all();
}

}  // namespace fuzz
