#include "core/endpoint.h"

#include <openssl/rand.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace dtls {

namespace {

std::uint64_t random_seed() {
  std::uint64_t seed = 0;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&seed), sizeof seed) != 1) {
    throw std::runtime_error("OpenSSL has no randomness");
  }
  return seed;
}

bool begins_like_a_hello(ByteView datagram) {
  return datagram.size() > record_header_size &&
         datagram[0] == static_cast<std::uint8_t>(ContentType::handshake) && datagram[3] == 0 &&
         datagram[4] == 0 &&
         datagram[record_header_size] == static_cast<std::uint8_t>(HandshakeType::client_hello);
}

}  // namespace

Endpoint::Endpoint(const EndpointSettings& settings, ConnectionId first_id, Instant now)
    : settings_(settings),
      next_id_(first_id),
      notices_(events_),
      drops_(settings_, counters_, notices_),
      record_report_(settings_, events_, outbox_),
      association_context_{settings_, counters_, events_, outbox_, notices_, drops_, contexts_, wall_clock_},
      cookies_(std::make_unique<CookieJar>()),
      deadlines_(now),
      hosts_(random_seed()),
      peers_(16, AddressHash(random_seed())) {}

Endpoint::~Endpoint() = default;

// --- what goes in -------------------------------------------------------------------------------------

void Endpoint::receive(ByteView datagram, const Address& address, Instant now, bool truncated) {
  counters_.add(Counter::datagrams_received);
  counters_.add(Counter::bytes_received, datagram.size());
  if (datagram.empty()) {
    return drop(Counter::drop_empty, address, now);
  }
  const auto found = peers_.find(address);
  if (truncated || datagram.size() > settings_.max_packet_size) {
    if (found == peers_.end()) {
      return drop(Counter::drop_oversized, address, now);
    }
    drop(Counter::drop_oversized, address, now, &found->second);
    if (found->second.established) {
      found->second.established->connection().report_bad_datagram(Fault::oversized, now);
    }
    return;
  }
  if (found == peers_.end()) {
    return receive_from_stranger(datagram, address, now);
  }
  receive_from_peer(datagram, address, found->second, now);
  settle(address, now);
}

void Endpoint::receive_from_stranger(ByteView datagram, const Address& address, Instant now) {
  const HelloReading reading = read_client_hello(datagram);
  switch (reading.problem) {
    case HelloProblem::none:
      return receive_hello(datagram, reading.hello, address, nullptr, now);
    case HelloProblem::not_a_hello:
      return drop(Counter::drop_unknown_peer, address, now);
    case HelloProblem::later_fragment:
      return drop(Counter::drop_hello_fragment, address, now);
    case HelloProblem::malformed:
      return drop(Counter::drop_malformed_hello, address, now);
  }
}

// A hello from a known peer is a repetition, or a restart (RFC 6347 4.2.8) that has to earn its cookie like
// any other.
void Endpoint::receive_hello(ByteView datagram, const ClientHello& hello, const Address& address, Peer* known,
                             Instant now) {
  if (known && known->pending && known->pending->came_from(hello)) {
    if (hello.message_seq == 1) {
      return known->pending->receive_duplicate_hello(now);
    }
    return drop(Counter::drop_duplicate_hello, address, now, known);
  }
  if (known && known->established && known->established->came_from(hello)) {
    return drop(Counter::drop_duplicate_hello, address, now, known);
  }
  if (!accepting_ || !security_) {
    return drop(Counter::drop_not_accepting, address, now, known);
  }
  if (!has_capacity(address, known, now)) {
    return;
  }
  if (hello.message_seq == 1 && !hello.cookie.empty()) {
    if (cookies_->check(hello, address, cookie_time(now))) {
      return admit(datagram, hello, address, now);
    }
    drop(Counter::drop_bad_cookie, address, now, known);
  }
  const Cookie cookie = cookies_->make(hello, address, cookie_time(now));
  counters_.add(Counter::hello_verify_requests);
  if (settings_.report_progress) {
    notices_.hello_verify_request(address, now);
  }
  outbox_.add(address, 0, HelloVerifyRequest(hello.record_sequence, {cookie.data(), cookie.size()}).bytes());
}

bool Endpoint::has_capacity(const Address& address, const Peer* known, Instant now) {
  const auto refuse = [&](Counter reason) {
    drop(reason, address, now, known);
    notices_.limit_reached(reason, address, now);
    return false;
  };
  // A pending handshake of this address would give its place to the new one, and an established
  // connection's place serves its restart.
  const std::size_t own_handshake = known && known->pending ? 1 : 0;
  const HostUsage::Use use = hosts_.of(address);
  if (!known && peers_.size() >= settings_.max_connections) {
    return refuse(Counter::drop_max_connections);
  }
  if (handshake_count_ - own_handshake >= settings_.max_handshakes) {
    return refuse(Counter::drop_max_handshakes);
  }
  if (use.handshakes - own_handshake >= settings_.max_handshakes_per_host) {
    return refuse(Counter::drop_max_handshakes_per_host);
  }
  const std::size_t per_host = settings_.max_connections_per_host;
  if (!known && per_host > 0 && use.connections + use.handshakes >= per_host) {
    return refuse(Counter::drop_max_connections_per_host);
  }
  return true;
}

void Endpoint::admit(ByteView datagram, const ClientHello& hello, const Address& address, Instant now) {
  Peer& peer = peers_[address];
  if (peer.pending) {
    counters_.add(Counter::handshakes_replaced);
    if (peer.pending->phase() != Association::Phase::requested) {
      peer.pending->end_handshake({Fault::replaced, -1, "replaced by a new handshake from the same address"});
    }
    forget_pending(peer);
  }
  counters_.add(Counter::connection_requests);
  peer.pending =
      std::make_unique<Association>(association_context_, next_id_++, address, hello, datagram, now);
  record_report_.add_received(peer.pending->id(), datagram);
  by_id_.emplace(peer.pending->id(), peer.pending.get());
  ++handshake_count_;
  hosts_.add(address, +1, 0);
  if (!settings_.ask_requests) {
    peer.pending->accept(security_, now);
  }
  settle(address, now);
}

void Endpoint::receive_from_peer(ByteView datagram, const Address& address, Peer& peer, Instant now) {
  if (begins_like_a_hello(datagram)) {
    const HelloReading reading = read_client_hello(datagram);
    if (reading.problem == HelloProblem::none) {
      return receive_hello(datagram, reading.hello, address, &peer, now);
    }
    if (reading.problem == HelloProblem::malformed) {
      return drop(Counter::drop_malformed_hello, address, now, &peer);
    }
  }
  RecordReader records(datagram);
  while (const auto record = records.next()) {
    receive_record(*record, address, peer, now);
    settle_pending(peer, now);
  }
  if (records.malformed()) {
    drop(Counter::drop_malformed_record, address, now, &peer);
    // A record before the malformed one may have ended it.
    if (peer.established && peer.established->phase() == Association::Phase::established) {
      peer.established->connection().report_bad_datagram(Fault::malformed, now);
    }
  }
}

// While a restart is in progress, clear-text handshake records and ChangeCipherSpec are its own; what
// authenticates under the old keys is the old connection's; the new handshake gets or holds the rest.
void Endpoint::receive_record(const Record& record, const Address& address, Peer& peer, Instant now) {
  const bool may_be_old = peer.established && (record.epoch != 0 || !peer.pending);
  if (may_be_old || peer.pending) {
    record_report_.add_received((may_be_old ? peer.established : peer.pending)->id(), record);
  }
  if (may_be_old && peer.established->receive(record, now)) {
    return;
  }
  if (peer.pending && peer.pending->receive(record, now)) {
    return;
  }
  drop(Counter::drop_unauthenticated, address, now, &peer);
}

void Endpoint::advance(Instant now) {
  deadlines_.expire_until(now, [&](void* owner) {
    Association& association = *static_cast<Association*>(owner);
    const Address address = association.peer();
    association.expire(now);
    schedule(association);
    settle(address, now);
  });
  notices_.advance(now);
}

void Endpoint::send_failed(ConnectionId id, int system_error, const std::string& reason, Instant now) {
  counters_.add(Counter::sends_failed);
  if (Connection* const connection = connection_of(id)) {
    connection->send_failed(system_error, reason, now);
  }
}

void Endpoint::network_error(const Address& peer, int system_error, const std::string& reason, Instant now) {
  counters_.add(Counter::icmp_errors);
  const auto found = peers_.find(peer);
  if (found != peers_.end() && found->second.established) {
    found->second.established->connection().network_error(system_error, reason, now);
  }
}

// --- what the owner decides ---------------------------------------------------------------------------

void Endpoint::set_security_context(std::shared_ptr<const SecurityContext> context) {
  if (context) {
    security_ = std::move(context);
  }
}

void Endpoint::configure(const EndpointSettings& settings, Instant now) {
  const bool deadlines_changed = settings.idle_timeout != settings_.idle_timeout ||
                                 settings.heartbeat_mode != settings_.heartbeat_mode ||
                                 settings.keep_alive_time != settings_.keep_alive_time ||
                                 settings.keep_alive_interval != settings_.keep_alive_interval;
  settings_ = settings;
  if (!deadlines_changed) {
    return;
  }
  for (const auto& [id, association] : by_id_) {
    deadlines_.set(association->deadline(), association->next_deadline());
  }
  advance(now);
}

bool Endpoint::answer_request(ConnectionId id, bool accept, Instant now) {
  Association* association = find(id);
  if (!association || association->phase() != Association::Phase::requested) {
    return false;
  }
  const Address address = association->peer();
  if (accept) {
    association->accept(security_, now);
  } else {
    association->refuse();
  }
  settle(address, now);
  return true;
}

bool Endpoint::answer_certificate(ConnectionId id, bool accept, int refusal_alert, Instant now) {
  Association* association = find(id);
  if (!association || association->phase() != Association::Phase::deciding) {
    return false;
  }
  const Address address = association->peer();
  association->decide(accept, refusal_alert, now);
  settle(address, now);
  return true;
}

// --- connections --------------------------------------------------------------------------------------

SendResult Endpoint::send(ConnectionId id, ByteView data, Instant now) {
  Association* association = find(id);
  if (!association) {
    return untold_ends_.has(id) ? SendResult::sent : SendResult::unknown_connection;
  }
  if (association->phase() != Association::Phase::established) {
    return SendResult::not_established;
  }
  if (!association->connection().fits(data.size())) {
    return SendResult::too_long;
  }
  if (association->send(data, now)) {
    return SendResult::sent;
  }
  const Address address = association->peer();
  settle(address, now);
  return SendResult::failed;
}

bool Endpoint::disconnect(ConnectionId id, Instant now) {
  Association* association = find(id);
  if (!association || association->phase() == Association::Phase::requested) {
    return untold_ends_.has(id);
  }
  const Address address = association->peer();
  association->close(now);
  settle(address, now);
  return true;
}

bool Endpoint::pause(ConnectionId id) {
  Connection* const connection = connection_of(id);
  if (connection) {
    connection->pause();
  }
  return connection != nullptr || untold_ends_.has(id);
}

bool Endpoint::resume(ConnectionId id) {
  Connection* const connection = connection_of(id);
  if (connection) {
    connection->resume();
  }
  return connection != nullptr || untold_ends_.has(id);
}

void Endpoint::close_all(Instant now) {
  std::vector<ConnectionId> ids;
  ids.reserve(by_id_.size());
  for (const auto& entry : by_id_) {
    ids.push_back(entry.first);
  }
  std::sort(ids.begin(), ids.end());
  for (const ConnectionId id : ids) {
    Association* association = find(id);
    if (!association) {
      continue;
    }
    const Address address = association->peer();
    association->close(now);
    settle(address, now);
  }
  notices_.tell_left_out(now);
}

std::optional<Address> Endpoint::peer_of(ConnectionId id) const {
  const Connection* const connection = connection_of(id);
  if (connection) {
    return connection->peer();
  }
  const UntoldEnds::Ended* const ended = untold_ends_.find(id);
  return ended ? std::optional(ended->peer) : std::nullopt;
}

std::optional<Negotiated> Endpoint::negotiated_of(ConnectionId id) const {
  const Association* association = find(id);
  if (association) {
    return association->negotiated();
  }
  const UntoldEnds::Ended* const ended = untold_ends_.find(id);
  return ended ? std::optional(ended->negotiated) : std::nullopt;
}

std::vector<ConnectionId> Endpoint::connection_ids() const {
  std::vector<ConnectionId> ids;
  ids.reserve(connection_count());
  for (const auto& [id, association] : by_id_) {
    if (association->phase() == Association::Phase::established) {
      ids.push_back(id);
    }
  }
  untold_ends_.each_id([&ids](ConnectionId id) { ids.push_back(id); });
  std::sort(ids.begin(), ids.end());
  return ids;
}

// --- bookkeeping --------------------------------------------------------------------------------------

// After anything that may have changed the phase of this address's associations.
void Endpoint::settle(const Address& address, Instant now) {
  const auto found = peers_.find(address);
  if (found == peers_.end()) {
    return;
  }
  Peer& peer = found->second;
  settle_pending(peer, now);
  if (peer.established && peer.established->phase() == Association::Phase::closed) {
    forget_established(peer);
  }
  if (peer.established) {
    schedule(*peer.established);
  }
  if (peer.pending) {
    schedule(*peer.pending);
  }
  if (!peer.established && !peer.pending) {
    peers_.erase(found);
  }
}

void Endpoint::settle_pending(Peer& peer, Instant now) {
  if (!peer.pending) {
    return;
  }
  if (peer.pending->phase() == Association::Phase::closed) {
    return forget_pending(peer);
  }
  if (peer.pending->phase() != Association::Phase::established) {
    return;
  }
  if (peer.established) {
    if (peer.established->phase() != Association::Phase::closed) {
      peer.established->end_replaced(now);
    }
    forget_established(peer);
  }
  peer.established = std::move(peer.pending);
  --handshake_count_;
  ++connection_count_;
  hosts_.add(peer.established->peer(), -1, +1);
  peer.established->announce(now);
}

void Endpoint::forget_pending(Peer& peer) {
  --handshake_count_;
  hosts_.add(peer.pending->peer(), -1, 0);
  by_id_.erase(peer.pending->id());
  peer.pending.reset();
}

void Endpoint::forget_established(Peer& peer) {
  --connection_count_;
  hosts_.add(peer.established->peer(), 0, -1);
  by_id_.erase(peer.established->id());
  untold_ends_.add(peer.established->id(),
                   {peer.established->peer(), peer.established->connection().negotiated()});
  peer.established.reset();
}

// Idle deadlines move with every record; moving the entry each time would cost more than letting it expire
// once in a while and looking again.
void Endpoint::schedule(Association& association) {
  const Instant at = association.next_deadline();
  Deadline& deadline = association.deadline();
  if (at == Instant::never()) {
    return;
  }
  if (!deadline.is_set() || at < deadline.at()) {
    deadlines_.set(deadline, at);
  }
}

Association* Endpoint::find(ConnectionId id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

Connection* Endpoint::connection_of(ConnectionId id) const {
  Association* const association = find(id);
  const bool is_there = association && association->phase() == Association::Phase::established;
  return is_there ? &association->connection() : nullptr;
}

void Endpoint::drop(Counter reason, const Address& address, Instant now, const Peer* known) {
  ConnectionId id = 0;
  if (known && (known->established || known->pending)) {
    id = (known->established ? known->established : known->pending)->id();
  }
  drops_.add(reason, id, address, now);
}

}  // namespace dtls
