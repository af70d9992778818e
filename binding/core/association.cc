#include "core/association.h"

#include <utility>

#include "core/alert.h"
#include "core/handshake_progress.h"

namespace dtls {

namespace {

constexpr std::size_t max_request_records = 16;
constexpr std::size_t max_request_bytes = 32768;

// A clear-text fatal alert may be forged, and it may be a client that rejects our certificate: the
// handshake gets this long to prove that it goes on.
constexpr Duration hinted_time = Duration::seconds(5);

std::string address_and_reason(const Address& peer, const std::string& reason) {
  std::string text = peer.host();
  text.push_back('\0');
  return text + reason;
}

}  // namespace

Association::Association(AssociationContext& context, ConnectionId id, const Address& peer,
                         const ClientHello& hello, ByteView datagram, Instant now)
    : context_(context),
      sender_(peer, id, hello.record_sequence, context.settings.handshake_mtu),
      random_(hello.random_array()),
      attempt_(std::make_unique<Attempt>()) {
  attempt_->deadline = now + context.settings.handshake_timeout;
  attempt_->cipher_suite_count = hello.cipher_suite_count;
  attempt_->client_version = hello.client_version;
  sender_.set_version(hello.client_version == dtls_1_0 ? dtls_1_0 : dtls_1_2);
  RecordReader records(datagram);
  while (const auto record = records.next()) {
    hold_request_record(*record, now);
  }
  const EndpointSettings& settings = context.settings;
  if (settings.ask_requests || settings.report_requests) {
    context_.events.add(EventKind::connection_request, id, peer.host(), peer.port,
                        settings.ask_requests ? 0 : 1);
  }
}

// Its keys must not stay in the shared contexts, however it ended.
Association::~Association() { context_.contexts.forget(id()); }

void Association::accept(std::shared_ptr<const SecurityContext> security, Instant now) {
  phase_ = Phase::handshaking;
  context_.counters.add(Counter::handshakes_started);
  progress().add(ProgressStep::handshake_started, peer().text());
  if (progress().is_told()) {
    progress().add(ProgressStep::received_client_hello, version_name(attempt_->client_version),
                   static_cast<std::int32_t>(attempt_->cipher_suite_count));
  }
  const auto heartbeat = static_cast<HeartbeatMode>(context_.settings.heartbeat_mode);
  const Handshake::Options options{sender_.mtu(), id(), heartbeat, context_.wall_clock.at(now)};
  MessageObserver& observer = *this;
  attempt_->handshake =
      std::make_unique<Handshake>(std::move(security), context_.contexts, options, observer);

  const std::vector<std::uint8_t> request = std::move(attempt_->request);
  RecordReader reader(request);
  const auto hello = reader.next();
  if (!hello) {
    return end_handshake({Fault::internal, -1, "the stored ClientHello can't be read"});
  }
  after_step(attempt_->handshake->begin(*hello), now);
  while (phase_ == Phase::handshaking) {
    const auto record = reader.next();
    if (!record) {
      break;
    }
    receive_in_handshake(*record, now);
  }
}

void Association::refuse() {
  context_.counters.add(Counter::connection_requests_refused);
  send_alert({alert::fatal, alert::access_denied});
  phase_ = Phase::closed;
}

bool Association::receive(const Record& record, Instant now) {
  switch (phase_) {
    case Phase::requested:
      hold_request_record(record, now);
      return true;
    case Phase::handshaking:
    case Phase::deciding:
      receive_in_handshake(record, now);
      return true;
    case Phase::established:
      return receive_established(record, now);
    case Phase::closed:
      return true;
  }
  return true;
}

// The hello, and later fragments of it that come before the request is answered.
void Association::hold_request_record(const Record& record, Instant now) {
  if (record.type != ContentType::handshake || record.epoch != 0) {
    return drops(now).add(Counter::drop_spoofable);
  }
  if (attempt_->request_records >= max_request_records ||
      attempt_->request.size() + record.whole.size() > max_request_bytes) {
    return drops(now).add(Counter::drop_held_overflow);
  }
  ++attempt_->request_records;
  append(attempt_->request, record.whole);
}

void Association::receive_in_handshake(const Record& record, Instant now) {
  if (record.type == ContentType::alert && record.epoch == 0) {
    drops(now).add(Counter::alerts_ignored);
    // A client's alerts are protected from its ChangeCipherSpec on: one in clear text is forged then.
    const bool may_be_real = !attempt_->handshake->change_cipher_spec_read();
    if (may_be_real && record.body.size() == 2) {
      receive_hint({record.body[0], record.body[1]}, now);
    }
    return;
  }
  if (phase_ == Phase::deciding) {
    attempt_->handshake->receive(record, drops(now));
    return;
  }
  SSL* ssl = attempt_->handshake->ssl();
  const OSSL_HANDSHAKE_STATE before = SSL_get_state(ssl);
  const Handshake::Status status = attempt_->handshake->receive(record, drops(now));
  if (SSL_get_state(ssl) != before) {
    attempt_->hinted_deadline = Instant::never();
  }
  after_step(status, now);
}

void Association::receive_hint(AlertMessage hint, Instant now) {
  const bool ends = hint.is_fatal() || hint.is_close_notify();
  if (!ends || attempt_->hinted_deadline != Instant::never()) {
    return;
  }
  attempt_->hint = hint;
  attempt_->hinted_deadline = now + hinted_time;
}

void Association::after_step(Handshake::Status status, Instant now) {
  Handshake& handshake = *attempt_->handshake;
  if (status == Handshake::Status::failed) {
    Failure failure = handshake.failure();
    // OpenSSL gives up some handshakes without a word; the client should not wait for one.
    if (handshake.written().empty() && failure.fault != Fault::fatal_alert) {
      failure.alert = alert::handshake_failure;
      send_alert({alert::fatal, alert::handshake_failure});
    }
    send_written();
    return end_handshake(std::move(failure));
  }
  sender_.set_version(handshake.version());
  const bool complete = status == Handshake::Status::complete;
  if (handshake.has_flight_written()) {
    attempt_->flight.keep(handshake.written());
    handshake.clear_written();
    attempt_->withheld = complete;
    if (!complete) {
      attempt_->flight.sent(now);
      sender_.send(attempt_->flight.records(), context_.outbox);
    }
  } else {
    send_written();
  }
  if (!complete) {
    return;
  }
  attempt_->flight.answered();
  if (!handshake.wants_client_certificate()) {
    return establish(now);
  }
  phase_ = Phase::deciding;
  const std::vector<std::uint8_t> certificate = handshake.client_certificate();
  if (certificate.empty()) {
    // OpenSSL sees to that in a full handshake; a session made elsewhere must not get around it.
    return refuse_certificate(alert::handshake_failure, "the client has shown no certificate");
  }
  // CertificateVerify has been checked: the decision is the owner's now, and it may take its time, since the
  // client of a full handshake can't go on without our Finished.
  const std::uint32_t reasons = handshake.verify_client_certificate(context_.wall_clock.at(now));
  context_.events.add(EventKind::client_certificate, id(), certificate, static_cast<std::int32_t>(reasons));
}

void Association::receive_duplicate_hello(Instant now) {
  drops(now).add(Counter::drop_duplicate_hello);
  // The client repeats its hello because our flight was lost (RFC 6347 4.2.4); OpenSSL would wait for its
  // own timer.
  if (phase_ == Phase::handshaking && attempt_->flight.retransmit_at() != Instant::never() &&
      attempt_->flight.may_resend_on_request(now)) {
    attempt_->flight.resent_on_request(now);
    resend_flight();
  }
}

void Association::resend_flight() {
  context_.counters.add(Counter::flights_retransmitted);
  const std::vector<std::uint8_t> flight = attempt_->handshake->flight_again(attempt_->flight.records());
  const std::size_t datagrams = sender_.send(flight, context_.outbox);
  progress().add(ProgressStep::flight_retransmitted, {}, static_cast<std::int32_t>(datagrams));
}

void Association::decide(bool accept, int refusal_alert, Instant now) {
  if (accept) {
    return establish(now);
  }
  refuse_certificate(refusal_alert, "the client certificate was refused");
}

void Association::refuse_certificate(int description, const char* reason) {
  attempt_->handshake->forget_session();
  send_alert({alert::fatal, description});
  end_handshake({Fault::certificate_refused, description, reason});
}

void Association::establish(Instant now) {
  Handshake& handshake = *attempt_->handshake;
  phase_ = Phase::established;
  context_.counters.add(Counter::handshakes_completed);
  if (handshake.is_resumed()) {
    context_.counters.add(Counter::handshakes_resumed);
    progress().add(ProgressStep::session_resumed);
  }
  if (progress().is_told()) {
    const SSL_CIPHER* cipher = SSL_get_current_cipher(handshake.ssl());
    const std::string version = version_name(handshake.version());
    progress().add(ProgressStep::handshake_complete, version + ", " + SSL_CIPHER_standard_name(cipher),
                   SSL_CIPHER_get_bits(cipher, nullptr));
  }
  std::unique_ptr<ResumableSession> session = handshake.cached_session();
  const Negotiated negotiated = handshake.negotiated();
  connection_ = std::make_unique<Connection>(context_, sender_, handshake.take_channel(), negotiated);
  connection_->keep_session(std::move(session));
  if (attempt_->withheld) {
    sender_.send(attempt_->flight.records(), context_.outbox);
    connection_->keep_final_flight(attempt_->flight.records(), handshake.finished_message(), now);
  }
}

void Association::announce(Instant now) {
  context_.events.add(EventKind::connected, id(), peer().host(), peer().port);
  const std::unique_ptr<Attempt> attempt = std::move(attempt_);
  connection_->announce(attempt->handshake->extensions(), attempt->handshake->held_records(), now);
  follow_connection();
}

std::optional<Negotiated> Association::negotiated() const {
  if (connection_) {
    return connection_->negotiated();
  }
  return phase_ == Phase::deciding ? std::optional(attempt_->handshake->negotiated()) : std::nullopt;
}

bool Association::receive_established(const Record& record, Instant now) {
  const bool authentic = connection_->receive(record, now);
  follow_connection();
  return authentic;
}

bool Association::send(ByteView data, Instant now) {
  const bool sent = connection_->send(data, now);
  follow_connection();
  return sent;
}

void Association::follow_connection() {
  if (connection_->ended()) {
    phase_ = Phase::closed;
  }
}

void Association::send_written() {
  sender_.send(attempt_->handshake->written(), context_.outbox);
  attempt_->handshake->clear_written();
}

// The last word of an attempt. A withheld flight was never numbered, so an alert in its place takes its
// first number: the client sees no gap.
void Association::send_alert(AlertMessage alert) {
  const auto level = static_cast<std::uint8_t>(alert.level);
  const auto description = static_cast<std::uint8_t>(alert.description);
  if (has_connected_client()) {
    const std::unique_ptr<RecordChannel> channel = attempt_->handshake->take_channel();
    channel->send_alert(level, description, {context_.contexts, sender_, context_.outbox});
  } else {
    sender_.send_alert(level, description, context_.outbox);
  }
  on_alert(true, alert);
}

void Association::close(Instant now) {
  switch (phase_) {
    case Phase::requested:
      phase_ = Phase::closed;
      return;
    case Phase::handshaking:
    case Phase::deciding:
      if (!has_connected_client()) {  // to others there is no handshake left to cancel
        send_alert({alert::warning, alert::user_canceled});
      }
      send_alert({alert::warning, alert::close_notify});
      return end_handshake({Fault::aborted, -1, "the handshake was aborted"});
    case Phase::established:
      connection_->close({}, now);
      return follow_connection();
    case Phase::closed:
      return;
  }
}

void Association::end_replaced(Instant now) {
  context_.counters.add(Counter::restarts);
  connection_->end({Fault::replaced, -1, "replaced by a new handshake from the same address"}, now);
  follow_connection();
}

void Association::end_handshake(Failure failure) {
  phase_ = Phase::closed;
  context_.counters.add(Counter::handshakes_failed);
  context_.events.add(EventKind::handshake_failed, id(), address_and_reason(peer(), failure.reason),
                      peer().port, static_cast<std::int32_t>(failure.fault), failure.alert);
}

Instant Association::next_deadline() const {
  switch (phase_) {
    case Phase::requested:
      return attempt_->deadline;
    case Phase::handshaking:
    case Phase::deciding:
      return earlier(attempt_->flight.retransmit_at(),
                     earlier(attempt_->deadline, attempt_->hinted_deadline));
    case Phase::established:
      return connection_->next_deadline();
    case Phase::closed:
      return Instant::never();
  }
  return Instant::never();
}

void Association::expire(Instant now) {
  if (now < next_deadline()) {
    return;
  }
  if (phase_ == Phase::established) {
    connection_->expire(now);
    return follow_connection();
  }
  if (phase_ == Phase::closed) {
    return;
  }
  if (now >= attempt_->hinted_deadline) {
    progress().add(ProgressStep::timer_expired, "after a clear-text alert");
    const bool close = attempt_->hint.is_close_notify();
    return end_handshake({close ? Fault::closed_in_handshake : Fault::fatal_alert, attempt_->hint.description,
                          close ? "the client closed during the handshake" : ""});
  }
  if (now >= attempt_->deadline) {
    progress().add(ProgressStep::timer_expired, "handshake");
    context_.counters.add(Counter::handshakes_timed_out);
    if (has_connected_client()) {
      send_alert({alert::warning, alert::close_notify});
    }
    return end_handshake({Fault::timed_out, -1, "the handshake was not completed in time"});
  }
  progress().add(ProgressStep::timer_expired, "retransmission");
  attempt_->flight.resent_by_timer(now);
  resend_flight();
}

void Association::on_handshake_message(bool sent, ByteView message) {
  if (!progress().is_told() || phase_ != Phase::handshaking) {
    return;
  }
  report_handshake_message(sent, message, attempt_->handshake->ssl(), progress());
}

void Association::on_key_log(std::string_view line) { context_.events.add(EventKind::key_log, id(), line); }

void Association::on_alert(bool sent, AlertMessage alert) {
  progress().add(sent ? ProgressStep::sent_alert : ProgressStep::received_alert, alert.text(),
                 alert.description);
}

}  // namespace dtls
