#include "core/association.h"

#include <utility>

#include "core/alert.h"
#include "core/attached_records.h"
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
      id_(id),
      peer_(peer),
      sender_(peer, id, hello.record_sequence, context.settings.handshake_mtu),
      random_(hello.random_array()),
      attempt_(std::make_unique<Attempt>()),
      last_activity_(now) {
  attempt_->deadline = now + context.settings.handshake_timeout;
  attempt_->cipher_suite_count = hello.cipher_suite_count;
  RecordReader records(datagram);
  while (const auto record = records.next()) {
    hold_request_record(*record);
  }
  context_.events.add(EventKind::connection_request, id_, peer_.host(), peer_.port);
}

void Association::accept(std::shared_ptr<const SecurityContext> security, Instant now) {
  phase_ = Phase::handshaking;
  context_.counters.add(Counter::handshakes_started);
  progress(ProgressStep::handshake_started, peer_.text());
  progress(ProgressStep::received_client_hello, {}, static_cast<std::int32_t>(attempt_->cipher_suite_count));
  attempt_->handshake = std::make_unique<Handshake>(std::move(security), sender_.mtu());
  attempt_->handshake->conduit().observe(this);

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
  send_alert(alert::fatal, alert::access_denied);
  phase_ = Phase::closed;
}

bool Association::receive(const Record& record, Instant now) {
  switch (phase_) {
    case Phase::requested:
      hold_request_record(record);
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
void Association::hold_request_record(const Record& record) {
  if (record.type != ContentType::handshake || record.epoch != 0) {
    context_.counters.add(Counter::drop_spoofable);
    return;
  }
  if (attempt_->request_records >= max_request_records ||
      attempt_->request.size() + record.whole.size() > max_request_bytes) {
    context_.counters.add(Counter::drop_held_overflow);
    return;
  }
  ++attempt_->request_records;
  append(attempt_->request, record.whole);
}

void Association::receive_in_handshake(const Record& record, Instant now) {
  if (record.type == ContentType::alert && record.epoch == 0) {
    context_.counters.add(Counter::alerts_ignored);
    // A client's alerts are protected from its ChangeCipherSpec on: one in clear text is forged then.
    const bool may_be_real = !attempt_->handshake->change_cipher_spec_read();
    if (may_be_real && record.body.size() == 2) {
      receive_hint({record.body[0], record.body[1]}, now);
    }
    return;
  }
  if (phase_ == Phase::deciding) {
    attempt_->handshake->receive(record, context_.counters);
    return;
  }
  SSL* ssl = attempt_->handshake->conduit().ssl();
  const OSSL_HANDSHAKE_STATE before = SSL_get_state(ssl);
  const Handshake::Status status = attempt_->handshake->receive(record, context_.counters);
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
  SslConduit& conduit = handshake.conduit();
  if (status == Handshake::Status::failed) {
    Failure failure = handshake.failure();
    // OpenSSL gives up some handshakes without a word; the client should not wait for one.
    if (conduit.written().empty() && failure.fault != Fault::fatal_alert) {
      failure.alert = alert::handshake_failure;
      send_alert(alert::fatal, alert::handshake_failure);
    }
    send_written(conduit);
    return end_handshake(std::move(failure));
  }
  if (handshake.has_flight_written()) {
    attempt_->flight.keep(conduit.written());
    conduit.clear_written();
    if (status == Handshake::Status::complete) {
      const std::vector<std::uint8_t> certificate = handshake.client_certificate();
      if (!certificate.empty()) {
        // CertificateVerify has been checked: the decision is the owner's now, and it may take its time,
        // since the client can't go on without our Finished.
        phase_ = Phase::deciding;
        context_.events.add(EventKind::client_certificate, id_, certificate);
        return;
      }
    } else {
      attempt_->flight.sent(now);
    }
    sender_.send(attempt_->flight.records(), context_.outbox);
  } else {
    send_written(conduit);
  }
  if (status == Handshake::Status::complete) {
    establish();
  }
}

void Association::receive_duplicate_hello(Instant now) {
  context_.counters.add(Counter::drop_duplicate_hello);
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
  const std::size_t datagrams = sender_.send(attempt_->flight.records(), context_.outbox);
  progress(ProgressStep::flight_retransmitted, {}, static_cast<std::int32_t>(datagrams));
}

void Association::decide(bool accept, int refusal_alert) {
  if (accept) {
    sender_.send(attempt_->flight.records(), context_.outbox);
    return establish();
  }
  // The withheld flight was never numbered, so the alert takes its first number: the client sees no gap.
  send_alert(alert::fatal, static_cast<std::uint8_t>(refusal_alert));
  end_handshake({Fault::certificate_refused, refusal_alert, "the client certificate was refused"});
}

void Association::establish() {
  phase_ = Phase::established;
  context_.counters.add(Counter::handshakes_completed);
  if (context_.settings.report_progress) {
    const SSL_CIPHER* cipher = SSL_get_current_cipher(attempt_->handshake->conduit().ssl());
    progress(ProgressStep::handshake_complete, SSL_CIPHER_standard_name(cipher),
             SSL_CIPHER_get_bits(cipher, nullptr));
  }
  attempt_->held = attempt_->handshake->held_records().copy();
  std::unique_ptr<SslConduit> conduit = attempt_->handshake->take_conduit();
  channel_ = std::make_unique<AttachedRecords>(std::move(conduit));
}

void Association::announce(Instant now) {
  last_activity_ = now;
  context_.events.add(EventKind::connected, id_, peer_.host(), peer_.port);
  const std::vector<std::uint8_t> held = std::move(attempt_->held);
  attempt_.reset();
  RecordReader reader(held);
  while (phase_ == Phase::established) {
    const auto record = reader.next();
    if (!record) {
      break;
    }
    if (!receive_established(*record, now)) {
      context_.counters.add(Counter::drop_unauthenticated);
    }
  }
}

bool Association::receive_established(const Record& record, Instant now) {
  if (record.epoch != 1) {
    // Clear text on an established connection: what is left of the handshake, or forged.
    context_.counters.add(record.epoch == 0 ? (record.type == ContentType::alert ? Counter::alerts_ignored
                                                                                 : Counter::drop_spoofable)
                                            : Counter::drop_wrong_epoch);
    return true;
  }
  if (record.type == ContentType::heartbeat || record.type == ContentType::change_cipher_spec) {
    context_.counters.add(record.type == ContentType::heartbeat ? Counter::drop_heartbeat
                                                                : Counter::drop_spoofable);
    return true;
  }
  std::uint8_t* room = context_.events.reserve_data(max_plaintext);
  const Opened opened = channel_->open(record, room);
  switch (opened.kind) {
    case Opened::Kind::nothing:
      return false;
    case Opened::Kind::data:
      deliver({room, opened.length}, now);
      return true;
    case Opened::Kind::control:
      send_sealed();
      return true;
    case Opened::Kind::closed:
      close_gracefully({});  // RFC 5246 7.2.1: answered in kind
      return true;
    case Opened::Kind::failed:
      send_sealed();
      end_connection(channel_->failure());
      return true;
  }
  return false;
}

// `data` stands in the room reserved at the end of the events' bytes.
void Association::deliver(ByteView data, Instant now) {
  context_.counters.add(Counter::application_records_received);
  context_.counters.add(Counter::application_bytes_received, data.size());
  last_activity_ = now;
  if (!paused_) {
    return context_.events.add_reserved(EventKind::data, id_, data.size());
  }
  // An empty datagram costs memory too.
  const std::size_t cost = data.size() + 64;
  if (paused_bytes_ + cost > context_.settings.pause_bound) {
    context_.counters.add(Counter::drop_paused);
    return;
  }
  paused_bytes_ += cost;
  paused_data_.push_back(data.copy());
}

void Association::resume() {
  paused_ = false;
  for (const auto& data : paused_data_) {
    context_.events.add(EventKind::data, id_, data);
  }
  paused_data_.clear();
  paused_bytes_ = 0;
}

bool Association::send(ByteView data, Instant now) {
  if (!channel_->seal(data)) {
    channel_->clear_written();
    end_connection(channel_->failure());
    return false;
  }
  send_sealed();
  context_.counters.add(Counter::application_records_sent);
  context_.counters.add(Counter::application_bytes_sent, data.size());
  last_activity_ = now;
  return true;
}

void Association::send_written(SslConduit& conduit) {
  sender_.send(conduit.written(), context_.outbox);
  conduit.clear_written();
}

void Association::send_sealed() {
  sender_.send(channel_->written(), context_.outbox);
  channel_->clear_written();
}

void Association::send_alert(std::uint8_t level, std::uint8_t description) {
  sender_.send_alert(level, description, context_.outbox);
  on_alert(true, {level, description});
}

void Association::receive_malformed(Instant now) {
  if (phase_ != Phase::established || now < next_error_report_ || !context_.notices.may_report_error(now)) {
    return;
  }
  next_error_report_ = now + Duration::seconds(1);
  context_.events.add(EventKind::error, id_,
                      "a datagram from the peer's address is no sequence of DTLS records", 0,
                      static_cast<std::int32_t>(Fault::malformed));
}

void Association::send_failed(int system_error, const std::string& reason, Instant now) {
  if (now < next_error_report_) {
    return;
  }
  next_error_report_ = now + Duration::seconds(1);
  context_.events.add(EventKind::error, id_, reason, 0, static_cast<std::int32_t>(Fault::send_failed),
                      system_error);
}

void Association::close() {
  switch (phase_) {
    case Phase::requested:
      phase_ = Phase::closed;
      return;
    case Phase::handshaking:
    case Phase::deciding:
      send_alert(alert::warning, alert::user_canceled);
      send_alert(alert::warning, alert::close_notify);
      return end_handshake({Fault::aborted, -1, "the handshake was aborted"});
    case Phase::established:
      return close_gracefully({});
    case Phase::closed:
      return;
  }
}

void Association::end_replaced() {
  context_.counters.add(Counter::restarts);
  end_connection({Fault::replaced, -1, "replaced by a new handshake from the same address"});
}

void Association::end_handshake(Failure failure) {
  phase_ = Phase::closed;
  context_.counters.add(Counter::handshakes_failed);
  context_.events.add(EventKind::handshake_failed, id_, address_and_reason(peer_, failure.reason), peer_.port,
                      static_cast<std::int32_t>(failure.fault), failure.alert);
}

void Association::close_gracefully(const Failure& failure) {
  channel_->close_notify();
  send_sealed();
  end_connection(failure);
}

void Association::end_connection(const Failure& failure) {
  phase_ = Phase::closed;
  context_.counters.add(Counter::connections_closed);
  // While paused no data is delivered, at the end neither: the loss that pausing risks.
  context_.counters.add(Counter::drop_paused, paused_data_.size());
  paused_data_.clear();
  context_.events.add(EventKind::disconnected, id_, failure.reason, 0,
                      static_cast<std::int32_t>(failure.fault), failure.alert);
}

Instant Association::next_deadline() const {
  switch (phase_) {
    case Phase::requested:
      return attempt_->deadline;
    case Phase::handshaking:
    case Phase::deciding:
      return earlier(attempt_->flight.retransmit_at(),
                     earlier(attempt_->deadline, attempt_->hinted_deadline));
    case Phase::established: {
      const Duration idle = context_.settings.idle_timeout;
      return idle.us > 0 ? last_activity_ + idle : Instant::never();
    }
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
    context_.counters.add(Counter::connections_idle);
    return close_gracefully({Fault::idle, -1, "no data for the idle timeout"});
  }
  if (phase_ == Phase::closed) {
    return;
  }
  if (now >= attempt_->hinted_deadline) {
    const bool close = attempt_->hint.is_close_notify();
    return end_handshake({close ? Fault::closed_in_handshake : Fault::fatal_alert, attempt_->hint.description,
                          close ? "the client closed during the handshake" : ""});
  }
  if (now >= attempt_->deadline) {
    context_.counters.add(Counter::handshakes_timed_out);
    return end_handshake({Fault::timed_out, -1, "the handshake was not completed in time"});
  }
  attempt_->flight.resent_by_timer(now);
  resend_flight();
}

void Association::on_handshake_message(bool sent, ByteView message) {
  if (!context_.settings.report_progress || phase_ != Phase::handshaking) {
    return;
  }
  report_handshake_message(sent, message, attempt_->handshake->conduit().ssl(), id_, context_.events);
}

void Association::on_alert(bool sent, AlertMessage alert) {
  if (!context_.settings.report_progress) {
    return;
  }
  const std::string detail =
      std::string(alert.is_fatal() ? "fatal " : "warning ") + alert::name(alert.description);
  progress(sent ? ProgressStep::sent_alert : ProgressStep::received_alert, detail, alert.description);
}

void Association::progress(ProgressStep step, std::string_view detail, std::int32_t number) {
  if (!context_.settings.report_progress) {
    return;
  }
  context_.events.add(EventKind::progress, id_, detail, static_cast<std::int32_t>(step), number);
}

}  // namespace dtls
