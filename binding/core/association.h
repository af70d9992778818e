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
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/address.h"
#include "core/clock.h"
#include "core/counters.h"
#include "core/deadlines.h"
#include "core/endpoint_settings.h"
#include "core/events.h"
#include "core/fault.h"
#include "core/flight.h"
#include "core/handshake.h"
#include "core/hello.h"
#include "core/notices.h"
#include "core/outbox.h"
#include "core/record_channel.h"
#include "core/record_sender.h"
#include "core/security_context.h"
#include "core/ssl_conduit.h"

namespace dtls {

// The endpoint's parts that its associations read and write.
struct AssociationContext {
  const EndpointSettings& settings;
  Counters& counters;
  Events& events;
  Outbox& outbox;
  Notices& notices;
};

class Association final : private MessageObserver {
 public:
  enum class Phase : std::uint8_t { requested, handshaking, deciding, established, closed };

  // `datagram` begins with the hello, whose cookie has been checked.
  Association(AssociationContext& context, ConnectionId id, const Address& peer, const ClientHello& hello,
              ByteView datagram, Instant now);
  Association(const Association&) = delete;
  Association& operator=(const Association&) = delete;

  ConnectionId id() const { return id_; }
  const Address& peer() const { return peer_; }
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
  void receive_malformed(Instant now);

  // --- deciding
  void decide(bool accept, int refusal_alert);

  // --- established
  // After the phase has become established: `connected`, then what was held meanwhile.
  void announce(Instant now);
  bool fits(std::size_t size) const { return size <= channel_->max_data(); }
  bool send(ByteView data, Instant now);  // false: the connection has failed and is closed
  void pause() { paused_ = true; }
  void resume();
  void send_failed(int system_error, const std::string& reason, Instant now);

  // --- ends
  void close();                         // close_notify, or the handshake is aborted
  void end_replaced();                  // a restart has succeeded
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
    std::vector<std::uint8_t> held;  // epoch-1 records for the established connection
  };

  void on_handshake_message(bool sent, ByteView message) override;
  void on_alert(bool sent, AlertMessage alert) override;

  void hold_request_record(const Record& record);
  void receive_in_handshake(const Record& record, Instant now);
  void receive_hint(AlertMessage alert, Instant now);
  void after_step(Handshake::Status status, Instant now);
  void establish();
  void resend_flight();
  bool receive_established(const Record& record, Instant now);
  void deliver(ByteView data, Instant now);
  void send_written(SslConduit& conduit);
  void send_sealed();
  void send_alert(std::uint8_t level, std::uint8_t description);
  void close_gracefully(const Failure& failure);
  void end_connection(const Failure& failure);
  void progress(ProgressStep step, std::string_view detail = {}, std::int32_t number = 0);

  AssociationContext& context_;
  const ConnectionId id_;
  const Address peer_;
  Phase phase_ = Phase::requested;
  bool paused_ = false;
  RecordSender sender_;
  std::array<std::uint8_t, 32> random_;
  std::unique_ptr<Attempt> attempt_;
  std::unique_ptr<RecordChannel> channel_;
  Instant last_activity_;
  Instant next_error_report_{};
  std::deque<std::vector<std::uint8_t>> paused_data_;
  std::size_t paused_bytes_ = 0;
  Deadline deadline_{this};
};

}  // namespace dtls
