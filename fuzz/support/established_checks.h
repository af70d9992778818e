// Established's larger parts: what should come of a datagram, and what has. Included by established.h alone.
#pragma once

#include "support/established.h"

namespace fuzz {

inline void Established::expect(dtls::ByteView datagram, bool ends_handshake, Expected& out) {
  using dtls::Counter;
  out.counters.add(Counter::datagrams_received);
  out.counters.add(Counter::bytes_received, datagram.size());
  if (datagram.empty()) {
    return out.counters.add(Counter::drop_empty);
  }
  if (datagram.size() > settings_.max_packet_size) {
    return out.counters.add(Counter::drop_oversized);
  }
  const bool is_like_a_hello =
      datagram.size() > 13 && datagram[0] == 22 && datagram[3] == 0 && datagram[4] == 0 && datagram[13] == 1;
  const dtls::HelloProblem problem =
      is_like_a_hello ? dtls::read_client_hello(datagram).problem : dtls::HelloProblem::not_a_hello;
  if (problem == dtls::HelloProblem::none) {
    counts_ = false;
    return;
  }
  if (problem == dtls::HelloProblem::malformed) {
    return out.counters.add(Counter::drop_malformed_hello);
  }
  dtls::RecordReader records(datagram);
  while (const auto record = records.next()) {
    expect_record(*record, ends_handshake, out);
  }
  if (records.malformed()) {
    out.counters.add(Counter::drop_malformed_record);
  }
}

inline void Established::expect_record(const dtls::Record& record, bool ends_handshake, Expected& out) {
  if (connection_ && (record.epoch != 0 || !pending_)) {
    const Sealed* const sealed = sealed_by(connection_client_, record);
    is_authentic_ = is_authentic_ || sealed != nullptr;
    if (connection_->receive(record, sealed, now_, out)) {
      return;
    }
  }
  if (!pending_) {
    return out.counters.add(dtls::Counter::drop_unauthenticated);
  }
  if (ends_handshake) {
    return;
  }
  if (record.epoch != 1) {
    pending_->is_disturbed = pending_->is_disturbed || record.epoch == 0;
    return;
  }
  const dtls::ProtectionSuite& suite = client(pending_->client).keys.suite();
  const bool is_held = record.type != dtls::ContentType::change_cipher_spec;
  if (kind_.resumes && suite.can_open() && is_held && sealed_by(pending_->client, record) == nullptr) {
    pending_->forgeries += record.body.size() >= suite.least_body() ? 1 : 0;
    return;
  }
  switch (record.type) {
    case dtls::ContentType::handshake:
      pending_->is_disturbed = pending_->is_disturbed || sealed_by(pending_->client, record) != nullptr;
      return pending_->hold(record);
    case dtls::ContentType::alert:
    case dtls::ContentType::application_data:
      return pending_->hold(record);
    case dtls::ContentType::heartbeat:
      return kind_.resumes ? pending_->hold(record) : void();
    case dtls::ContentType::change_cipher_spec:
      return;
  }
}

// The pending handshake has become the connection.
inline void Established::take_over(dtls::ConnectionId id, Expected& out) {
  promise(pending_ && pending_->id == id, "a connection was a handshake");
  const Pending pending = std::move(*pending_);
  pending_.reset();
  if (connection_) {
    if (!connection_->ended()) {
      connection_->end(dtls::Fault::replaced, -1, out);
    }
    was_predictable_ = was_predictable_ && connection_->is_predictable();
  }
  const dtls::ProtectionSuite& suite = client(pending.client).keys.suite();
  ExpectedConnection::Terms terms{suite};
  terms.full_handshake = !kind_.resumes;
  terms.max_data = kind_.short_records ? 512 : dtls::max_plaintext;
  terms.ours = pending.heartbeat;
  terms.theirs = static_cast<dtls::HeartbeatMode>(kind_.client_heartbeat);
  terms.forgeries = pending.forgeries;
  std::vector<dtls::Record> early;
  for (const Bytes& bytes : pending.held) {
    const dtls::Record record = *dtls::RecordReader(bytes).next();
    if (record.type != dtls::ContentType::handshake) {
      early.push_back(record);
    } else if (suite.can_open() && record.body.size() >= suite.least_body()) {
      ++terms.forgeries;
    }
  }
  connection_.emplace(terms, settings_, now_);
  connection_id_ = id;
  connection_client_ = pending.client;
  clients_[id] = pending.client;
  delivered_.clear();
  if (terms.full_handshake) {
    out.said.push_back({dtls::ContentType::handshake, {20}, 24});
  }
  connection_->announce(out);
  if (pending.is_disturbed) {
    connection_->make_unpredictable();
  }
  for (const dtls::Record& record : early) {
    const Sealed* const sealed = sealed_by(connection_client_, record);
    is_authentic_ = is_authentic_ || sealed != nullptr;
    connection_->receive_early(record, sealed, now_, out);
  }
}

inline void Established::settle(Expected& expected, const dtls::Address* cause, dtls::ByteView datagram) {
  std::vector<Told> told;
  std::vector<dtls::ConnectionId> requests;
  take_events(expected, cause, told);
  const std::vector<Said> said = take_datagrams(cause, datagram);
  endpoint_.events().clear();
  endpoint_.outbox().clear();
  compare(expected, told, said);
  if (connection_ && ledger_.find(connection_id_) == nullptr) {
    connection_.reset();
  }
  const bool is_new = pending_ && ledger_.find(pending_->id)->state == Ledger::State::requested;
  if (is_new) {
    ledger_.accept(pending_->id, false);
    pending_->heartbeat = static_cast<dtls::HeartbeatMode>(settings_.heartbeat_mode);
    // Another hello than the recorded client has sent, or another answer than it has seen.
    pending_->is_disturbed =
        datagram != client(pending_->client).datagrams[1] ||
        (kind_.client_heartbeat != 0 && settings_.heartbeat_mode != kind_.server_heartbeat);
    Expected nothing = expectations();
    promise(accept_recorded(endpoint_, pending_->id, now_), "a request is answered once");
    settle(nothing, nullptr, {});
  }
  ledger_.balance(endpoint_);
}

inline void Established::take_events(Expected& expected, const dtls::Address* cause,
                                     std::vector<Told>& told) {
  using dtls::EventKind;
  const dtls::ByteView all = endpoint_.events().bytes();
  const Ledger::Circumstances circumstances{settings_, now_, cause, true};
  std::vector<dtls::ConnectionId> ended;
  for (const dtls::Event& event : endpoint_.events().list()) {
    promise(std::size_t{event.offset} + event.length <= all.size(), "an event's bytes are in the buffer");
    const dtls::ByteView bytes = all.sub(event.offset, event.length);
    trace("    event %s of %llu: %d %d %d", name_of(event.kind), static_cast<unsigned long long>(event.id),
          event.a, event.b, event.c);
    ledger_.enter(event, bytes, circumstances);
    switch (event.kind) {
      case EventKind::connection_request:
        pending_ = Pending{event.id, arriving_client_, {}, {}, 0, false};
        break;
      case EventKind::handshake_failed:
        if (pending_ && pending_->id == event.id) {
          pending_.reset();
        }
        break;
      case EventKind::connected:
        take_over(event.id, expected);
        break;
      case EventKind::disconnected:
        ended.push_back(event.id);
        [[fallthrough]];
      case EventKind::data:
      case EventKind::keep_alive_inert:
      case EventKind::forged_records:
        told.push_back(
            {event.kind, event.kind == EventKind::data ? bytes.copy() : Bytes(), event.b, event.c});
        break;
      default:
        break;
    }
  }
  for (const dtls::ConnectionId id : ended) {
    Ledger::tell_end(endpoint_, id, now_);
  }
}

// What those say that are or were connected, opened with their keys.
inline std::vector<Said> Established::take_datagrams(const dtls::Address* cause, dtls::ByteView datagram) {
  std::vector<Said> said;
  std::size_t to_strangers = 0;
  for (const dtls::OutgoingDatagram& outgoing : endpoint_.outbox().list()) {
    const dtls::ByteView bytes = endpoint_.outbox().bytes_of(outgoing);
    trace("    answer of %zu bytes", bytes.size());
    promise(outgoing.peer == recorded_peer, "an answer goes to who asked");
    promise(outgoing.id != 0 || cause != nullptr, "a HelloVerifyRequest is an answer");
    to_strangers += outgoing.id == 0 ? bytes.size() : 0;
    const char* const served_twice = used_numbers_.enter(outgoing.id, bytes);
    promise(served_twice == nullptr, served_twice);
    dtls::RecordReader records(bytes);
    while (const auto record = records.next()) {
      const auto owner = clients_.find(outgoing.id);
      if (record->epoch == 0 || owner == clients_.end()) {
        continue;
      }
      std::optional<Bytes> opened = client(owner->second).keys.open(record->whole);
      promise(opened.has_value(), "what leaves decrypts under the client's keys");
      if (record->type == dtls::ContentType::heartbeat && (*opened)[0] == 1) {
        connection_->request_is(*opened);
      }
      const std::size_t size = opened->size();
      said.push_back({record->type, std::move(*opened), size});
    }
    promise(!records.malformed(), "what leaves is a sequence of records");
  }
  promise(to_strangers <= datagram.size(), "a stranger gets no more than it has sent");
  return said;
}

inline void Established::compare(const Expected& expected, const std::vector<Told>& told,
                                 const std::vector<Said>& said) {
  check_told(told);
  if (!was_predictable_ || (connection_ && !connection_->is_predictable())) {
    return;
  }
  promise(told.size() == expected.told.size(), "the owner is told what has happened and nothing else");
  for (std::size_t i = 0; i < told.size(); ++i) {
    const Told& is = told[i];
    const Told& should = expected.told[i];
    promise(is.kind == should.kind, "what happens is told in its order");
    promise(is.bytes == should.bytes, "data is delivered as it was sent");
    promise(is.b == should.b && is.c == should.c, "what happens is told as it was");
  }
  promise(said.size() == expected.said.size(), "what has to be said is said, and nothing else");
  for (std::size_t i = 0; i < said.size(); ++i) {
    const Said& is = said[i];
    const Said& should = expected.said[i];
    promise(is.type == should.type && is.size == should.size, "what is said has its type and length");
    promise(std::equal(should.begin.begin(), should.begin.end(), is.begin.begin()),
            "what is said reads as it should");
  }
  if (counts_) {
    compare_counters(expected.counters);
  }
}

inline void Established::compare_counters(const dtls::Counters& expected) const {
  for (std::size_t i = 0; i < dtls::counter_count; ++i) {
    const std::uint64_t is = endpoint_.counters().values().at(i);
    const std::uint64_t should = expected.values().at(i);
    if (is != should) {
      trace("%s is %llu and should be %llu", dtls::counter_names.at(i), static_cast<unsigned long long>(is),
            static_cast<unsigned long long>(should));
    }
    promise(is == should, "everything is counted once, for what it was");
  }
}

// What holds where nothing can be foretold, too.
inline void Established::check_told(const std::vector<Told>& told) {
  for (const Told& event : told) {
    if (event.kind == dtls::EventKind::data) {
      const auto source = std::find_if(made_.begin(), made_.end(), [&](const auto& entry) {
        const Made& made = entry.second;
        return made.client == connection_client_ && made.sealed.type == dtls::ContentType::application_data &&
               made.sealed.plaintext == event.bytes && delivered_.count(&made) == 0;
      });
      promise(source != made_.end(), "data is what the client has sealed, once");
      delivered_.insert(&source->second);
    }
    const bool is_end = event.kind == dtls::EventKind::disconnected &&
                        event.b != static_cast<std::int32_t>(dtls::Fault::replaced);
    promise(!is_end || is_authentic_, "nothing that is not authentic ends a connection");
  }
}

}  // namespace fuzz
