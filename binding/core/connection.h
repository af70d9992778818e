// An established connection: its records, its data, its heartbeats and its end.
//
// It writes what it has to say into the endpoint's outbox, events and counters; its association asks ended()
// after each call.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/association_context.h"
#include "core/clock.h"
#include "core/connection_id.h"
#include "core/flight.h"
#include "core/heartbeat.h"
#include "core/hello_extensions.h"
#include "core/negotiated.h"
#include "core/progress.h"
#include "core/record_channel.h"
#include "core/record_sender.h"
#include "core/resumable_session.h"

namespace dtls {

class Connection {
 public:
  // `sender` outlives it.
  Connection(AssociationContext& context, RecordSender& sender, std::unique_ptr<RecordChannel> channel,
             const Negotiated& negotiated);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // --- what the handshake leaves to it
  // A full handshake ends with our flight, which the client may need again.
  void keep_session(std::unique_ptr<ResumableSession> session) { session_ = std::move(session); }
  void keep_final_flight(ByteView records, ByteView finished, Instant now);
  // Its owner knows of it now: what the hellos agreed on, and the records that came before their time.
  void announce(const HelloExtensions& extensions, ByteView held_records, Instant now);

  // --- life
  // False if the record is not authentic under these keys: during a restart it may be the new handshake's.
  bool receive(const Record& record, Instant now);
  // One from the peer's address that anybody may have sent: an error event, as report_error() says.
  void report_bad_datagram(Fault fault, Instant now);
  bool fits(std::size_t size) const { return size <= channel_->max_data(); }
  bool send(ByteView data, Instant now);  // false: it has failed and ended
  void pause();
  void resume();
  void send_failed(int system_error, std::string_view reason, Instant now);
  void network_error(int system_error, std::string_view reason, Instant now);  // which may be forged

  // --- end
  void close(const Failure& failure,
             Instant now);  // close_notify; `failure` goes into the `disconnected` event
  void end(const Failure& failure, Instant now);  // without a word to the peer
  bool ended() const { return ended_; }

  const Address& peer() const { return sender_.peer(); }
  const Negotiated& negotiated() const { return negotiated_; }

  // --- time
  Instant next_deadline() const;
  void expire(Instant now);

 private:
  // Application data that waits while the owner has paused the connection.
  struct Paused {
    std::deque<std::vector<std::uint8_t>> data;
    std::size_t bytes = 0;
  };

  void set_heartbeat(const HelloExtensions& extensions);
  void deliver(ByteView data, Instant now);
  void receive_heartbeat(ByteView body, Instant now);
  void answer_heartbeat(const HeartbeatMessage& request, Instant now);
  void request_heartbeat(Instant now);
  Instant next_heartbeat() const;
  void explain_silence(const char* why);
  bool resend_final_flight(Instant now);
  bool refuse_renegotiation(Instant now);
  bool send_control(ContentType type, ByteView message, Instant now);
  void end_by_failed_send(Instant now);
  void end_by_failure(Instant now);
  void report_forgeries(std::uint64_t before);
  // An error event, at most one a second; of what is `forgeable`, ten a second of all connections.
  void report_error(Fault fault, int system_error, std::string_view reason, bool forgeable, Instant now);
  void report_alert(ProgressStep step, AlertMessage alert);
  Instant idle_at() const;
  RecordChannel::Io io() { return {context_.contexts, sender_, context_.outbox}; }
  ConnectionId id() const { return sender_.id(); }
  PeerDrops drops(Instant now) const { return {context_.drops, id(), sender_.peer(), now}; }
  Progress progress() const { return {context_.settings, context_.events, id()}; }

  AssociationContext& context_;
  RecordSender& sender_;
  std::unique_ptr<RecordChannel> channel_;
  std::unique_ptr<FinalFlight> final_flight_;
  std::unique_ptr<Heartbeat> heartbeat_;
  std::unique_ptr<Paused> paused_;
  std::unique_ptr<ResumableSession> session_;  // where it is in the cache
  Instant last_activity_;  // what idleness counts from: data either way, heartbeats of the peer
  Instant last_heard_;     // the last authentic record
  Instant next_error_report_{};
  Instant next_hint_report_{};  // of what anybody can forge
  bool ended_ = false;
  Negotiated negotiated_;
};

}  // namespace dtls
