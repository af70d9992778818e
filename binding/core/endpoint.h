// One bound address and all its peers. No I/O and no clock: a datagram, its peer and the time go in;
// datagrams (outbox), events and the next deadline come out.
//
// A datagram passes the cheapest check first (docs/architecture.md): each refusal is silent and counted, and
// leaves no memory behind. Nothing is kept of an address until its cookie has come back.
//
// Calls never call back: the owner takes outbox() and events() when it likes, clears them, and may call
// anything in between.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/address.h"
#include "core/association.h"
#include "core/clock.h"
#include "core/cookie.h"
#include "core/counters.h"
#include "core/deadlines.h"
#include "core/drops.h"
#include "core/endpoint_settings.h"
#include "core/events.h"
#include "core/host_usage.h"
#include "core/notices.h"
#include "core/outbox.h"
#include "core/record_report.h"
#include "core/security_context.h"
#include "core/untold_ends.h"

namespace dtls {

// Crosses the seam as a number: append only. clang-format off
#define DTLS_SEND_RESULTS(X)                                                     \
  X(sent)                                                                        \
  X(unknown_connection)                                                          \
  X(not_established) /* a request, or a handshake in progress */                 \
  X(too_long)        /* for a record, or for the client's max_fragment_length */ \
  X(failed)          /* OpenSSL could not encrypt it; the connection has ended */
// clang-format on

enum class SendResult {
#define DTLS_SEND_RESULT_ENUM(name) name,
  DTLS_SEND_RESULTS(DTLS_SEND_RESULT_ENUM)
#undef DTLS_SEND_RESULT_ENUM
};

class Endpoint {
 public:
  // Connection ids are given from `first_id` on.
  Endpoint(const EndpointSettings& settings, ConnectionId first_id, Instant now);
  ~Endpoint();
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;

  // --- what goes in
  // `truncated`: longer than the room it was read into.
  void receive(ByteView datagram, const Address& peer, Instant now, bool truncated = false);
  void advance(Instant now);  // runs what is due
  // The socket refused a datagram of this connection: an error event, at most one a second and connection.
  void send_failed(ConnectionId id, int system_error, const std::string& reason, Instant now);
  // The network says (ICMP) that a datagram to this peer has not arrived, which anybody can forge: an error
  // event of its connection, if it has one, as above and at most ten a second in all.
  void network_error(const Address& peer, int system_error, const std::string& reason, Instant now);

  // What the wall clock says at `now`: for certificates, tickets, and cookies under a shared secret. Until it
  // is told it is 1970. It goes on with the monotonic clock; to be told again once a second or so, for it may
  // step.
  void set_wall_time(WallTime time, Instant now) { wall_clock_.set(time, now); }

  // --- what the owner decides. All take effect for handshakes that start afterwards.
  // Without one no hello is answered; null is ignored.
  void set_security_context(std::shared_ptr<const SecurityContext> context);
  void set_accepting(bool accepting) { accepting_ = accepting; }
  // CookieJar::secret_size bytes, shared with others; empty: one of its own. Cookies that are out by now are
  // no good any more: who has one begins anew. Throws std::runtime_error if OpenSSL has no randomness.
  void set_cookie_secret(ByteView secret) { cookies_ = std::make_unique<CookieJar>(secret); }
  void configure(const EndpointSettings& settings, Instant now);

  // --- answers. An id that is gone by now is ignored: false.
  bool answer_request(ConnectionId id, bool accept, Instant now);
  bool answer_certificate(ConnectionId id, bool accept, int refusal_alert, Instant now);

  // --- connections. To its owner one that has ended is there until end_told(): calls on it succeed and do
  // nothing, and what is sent to it is lost, as on any network.
  SendResult send(ConnectionId id, ByteView data, Instant now);
  // close_notify and a `disconnected` event; a handshake in progress is aborted (`handshake_failed`).
  bool disconnect(ConnectionId id, Instant now);
  // While paused, application data is kept up to settings.pause_bound bytes, then dropped.
  bool pause(ConnectionId id);
  bool resume(ConnectionId id);
  // Ends everything: connections are disconnected, handshakes aborted, requests forgotten.
  void close_all(Instant now);
  // The owner knows of its `disconnected` event, or has asked for the end itself.
  void end_told(ConnectionId id) { untold_ends_.told(id); }

  std::optional<Address> peer_of(ConnectionId id) const;  // not of handshakes
  // Of a connection, or of one whose client certificate is being decided.
  std::optional<Negotiated> negotiated_of(ConnectionId id) const;
  std::vector<ConnectionId> connection_ids() const;  // in their order
  std::size_t connection_count() const { return connection_count_ + untold_ends_.count(); }
  std::size_t association_count() const {  // with requests and handshakes
    return by_id_.size() + untold_ends_.count();
  }
  ConnectionId next_id() const { return next_id_; }
  // Established, and not ended.
  bool is_open(ConnectionId id) const { return connection_of(id) != nullptr; }

  // --- what comes out
  // Both add the `record` events of what has been sent meanwhile, where these are asked for.
  Outbox& outbox() {
    record_report_.add_sent();
    return outbox_;
  }
  Events& events() {
    record_report_.add_sent();
    return events_;
  }
  Instant next_deadline() const { return earlier(deadlines_.next(), notices_.next_deadline()); }
  const Counters& counters() const { return counters_; }
  void count(Counter counter, std::uint64_t amount = 1) { counters_.add(counter, amount); }

 private:
  // A restart (RFC 6347 4.2.8) lives beside the connection it may replace, until it has completed.
  struct Peer {
    std::unique_ptr<Association> established;
    std::unique_ptr<Association> pending;
  };
  using Peers = std::unordered_map<Address, Peer, AddressHash>;

  void receive_from_stranger(ByteView datagram, const Address& address, Instant now);
  void receive_hello(ByteView datagram, const ClientHello& hello, const Address& address, Peer* known,
                     Instant now);
  bool has_capacity(const Address& address, const Peer* known, Instant now);
  void admit(ByteView datagram, const ClientHello& hello, const Address& address, Instant now);
  void receive_from_peer(ByteView datagram, const Address& address, Peer& peer, Instant now);
  void receive_record(const Record& record, const Address& address, Peer& peer, Instant now);
  void settle(const Address& address, Instant now);
  void settle_pending(Peer& peer, Instant now);
  void forget_pending(Peer& peer);
  void forget_established(Peer& peer);
  void schedule(Association& association);
  Association* find(ConnectionId id) const;
  Connection* connection_of(ConnectionId id) const;  // null: there is none, or it is not established
  void drop(Counter reason, const Address& address, Instant now, const Peer* known = nullptr);
  Instant cookie_time(Instant now) const {
    return cookies_->is_shared() ? Instant{wall_clock_.at(now).us} : now;
  }

  EndpointSettings settings_;
  ConnectionId next_id_;
  bool accepting_ = true;
  std::shared_ptr<const SecurityContext> security_;

  Counters counters_;
  Events events_;
  Outbox outbox_;
  Notices notices_;
  Drops drops_;
  RecordReport record_report_;
  RecordContexts contexts_;
  WallClock wall_clock_;
  AssociationContext association_context_;
  std::unique_ptr<CookieJar> cookies_;
  Deadlines deadlines_;
  HostUsage hosts_;
  std::size_t handshake_count_ = 0;   // past the cookie, requests included
  std::size_t connection_count_ = 0;  // established
  std::unordered_map<ConnectionId, Association*> by_id_;
  UntoldEnds untold_ends_;
  Peers peers_;
};

}  // namespace dtls
