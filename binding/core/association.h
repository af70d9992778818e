// One peer: from its accepted cookie to the end of its connection. The only state machine.
//
//   requested --accept--> handshaking --+--> established --> closed
//       |                     |         |         ^
//       |                     |         +-> deciding (a client certificate waits for its answer)
//       +--refuse / time out--+--failure-----+------------> closed
//
// It writes what it has to say into the endpoint's outbox, events and counters, and never calls its owner.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/address.h"
#include "core/association_context.h"
#include "core/clock.h"
#include "core/connection.h"
#include "core/deadlines.h"
#include "core/fault.h"
#include "core/flight.h"
#include "core/handshake.h"
#include "core/hello.h"
#include "core/negotiated.h"
#include "core/progress.h"
#include "core/record_sender.h"
#include "core/security_context.h"
#include "core/ssl_conduit.h"

namespace dtls {

class Association final : private MessageObserver {
 public:
  enum class Phase : std::uint8_t { requested, handshaking, deciding, established, closed };

  // `datagram` begins with the hello, whose cookie has been checked.
  Association(AssociationContext& context, ConnectionId id, const Address& peer, const ClientHello& hello,
              ByteView datagram, Instant now);
  ~Association();
  Association(const Association&) = delete;
  Association& operator=(const Association&) = delete;

  ConnectionId id() const { return sender_.id(); }
  const Address& peer() const { return sender_.peer(); }
  Phase phase() const { return phase_; }
  bool came_from(const ClientHello& hello) const { return hello.random == ByteView(random_.data(), 32); }

  // --- requested
  void accept(std::shared_ptr<const SecurityContext> security, Instant now);
  void refuse();

  // --- what comes in
  // False if nothing was made of the record because it is not authentic under this association's keys:
  // during a restart it may be the other association's. Whatever else is dropped has been counted.
  bool receive(const Record& record, Instant now);
  void receive_duplicate_hello(Instant now);

  // --- deciding
  void decide(bool accept, int refusal_alert, Instant now);

  // --- established
  // After the phase has become established: `connected`, then what was held meanwhile.
  void announce(Instant now);
  bool send(ByteView data, Instant now);  // false: the connection has failed and is closed
  Connection& connection() { return *connection_; }

  // While a client certificate is decided, and from then on.
  std::optional<Negotiated> negotiated() const;

  // --- ends
  void close(Instant now);              // close_notify, or the handshake is aborted
  void end_replaced(Instant now);       // a restart has succeeded
  void end_handshake(Failure failure);  // without a word to the peer

  // --- time
  Deadline& deadline() { return deadline_; }
  Instant next_deadline() const;
  void expire(Instant now);

 private:
  // Everything only a handshake needs, freed with it.
  struct Attempt {
    std::unique_ptr<Handshake> handshake;
    Flight flight;
    Instant deadline;                            // of the handshake, the request and the decision together
    Instant hinted_deadline = Instant::never();  // a clear-text fatal alert came: it may be true
    AlertMessage hint;
    std::vector<std::uint8_t> request;  // the hello's datagram, then other early records
    std::size_t request_records = 0;
    unsigned cipher_suite_count = 0;
    std::uint16_t client_version = 0;
    bool withheld = false;  // our flight ends the handshake, and has not left
  };

  void on_handshake_message(bool sent, ByteView message) override;
  void on_alert(bool sent, AlertMessage alert) override;
  void on_key_log(std::string_view line) override;

  void hold_request_record(const Record& record, Instant now);
  void receive_in_handshake(const Record& record, Instant now);
  void receive_hint(AlertMessage alert, Instant now);
  void after_step(Handshake::Status status, Instant now);
  void refuse_certificate(int description, const char* reason);
  void establish(Instant now);
  void resend_flight();
  bool receive_established(const Record& record, Instant now);
  // A resumed handshake ends with the client: it has our Finished by then, and hears nothing in clear text.
  bool has_connected_client() const { return phase_ == Phase::deciding && !attempt_->withheld; }
  void follow_connection();
  PeerDrops drops(Instant now) const { return {context_.drops, id(), peer(), now}; }
  Progress progress() const { return {context_.settings, context_.events, id()}; }
  void send_written();
  void send_alert(AlertMessage alert);

  AssociationContext& context_;
  RecordSender sender_;  // knows the peer and the id
  Phase phase_ = Phase::requested;
  std::array<std::uint8_t, 32> random_;
  std::unique_ptr<Attempt> attempt_;        // until the connection is announced
  std::unique_ptr<Connection> connection_;  // from established on
  Deadline deadline_{this};
};

}  // namespace dtls
