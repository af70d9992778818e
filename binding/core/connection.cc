#include "core/connection.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "core/alert.h"
#include "core/detached_records.h"

namespace dtls {

namespace {

// Forgeries that are worth a word, where the suite has no limit for them: then at each doubling.
constexpr std::uint64_t first_reported_forgeries = 128;

bool is_power_of_two(std::uint64_t number) { return (number & (number - 1)) == 0; }

}  // namespace

Connection::Connection(AssociationContext& context, RecordSender& sender,
                       std::unique_ptr<RecordChannel> channel, const Negotiated& negotiated)
    : context_(context), sender_(sender), channel_(std::move(channel)), negotiated_(negotiated) {}

void Connection::keep_final_flight(ByteView records, ByteView finished, Instant now) {
  // OpenSSL resends it itself where the connection stays attached.
  if (channel_->detached()) {
    final_flight_ = std::make_unique<FinalFlight>(records, finished, now);
  }
}

void Connection::set_heartbeat(const HelloExtensions& extensions) {
  if (extensions.offered_heartbeat == HeartbeatMode::none) {
    return;
  }
  if (!channel_->detached()) {
    return explain_silence("its cipher suite is CBC without encrypt-then-MAC");
  }
  if (!extensions.heartbeat_agreed) {
    return explain_silence("the client does not support heartbeats");
  }
  heartbeat_ = std::make_unique<Heartbeat>(extensions.offered_heartbeat, extensions.client_heartbeat);
  if (!heartbeat_->may_request()) {
    explain_silence("the client does not allow heartbeat requests");
  }
}

void Connection::explain_silence(const char* why) {
  context_.events.add(EventKind::keep_alive_inert, id(), std::string_view(why));
}

void Connection::announce(const HelloExtensions& extensions, ByteView held_records, Instant now) {
  last_activity_ = last_heard_ = now;
  set_heartbeat(extensions);
  RecordReader reader(held_records);
  while (!ended_) {
    const auto record = reader.next();
    if (!record) {
      break;
    }
    // What came before our flight left can't tell that the client has got it.
    std::unique_ptr<FinalFlight> kept = std::move(final_flight_);
    if (!receive(*record, now)) {
      drops(now).add(Counter::drop_unauthenticated);
    }
    final_flight_ = std::move(kept);
  }
}

bool Connection::receive(const Record& record, Instant now) {
  if (record.epoch != 1) {
    // Clear text on an established connection: what is left of the handshake, or forged.
    drops(now).add(record.epoch == 0 ? (record.type == ContentType::alert ? Counter::alerts_ignored
                                                                          : Counter::drop_spoofable)
                                     : Counter::drop_wrong_epoch);
    return true;
  }
  DetachedRecords* const detached = channel_->detached();
  if (record.type == ContentType::change_cipher_spec) {
    drops(now).add(Counter::drop_spoofable);
    return true;
  }
  if (record.type == ContentType::heartbeat && !detached) {
    drops(now).add(Counter::drop_heartbeat);
    return true;
  }
  std::uint8_t* room = context_.events.reserve_data(max_plaintext);
  const std::uint64_t forgeries = channel_->unlimited_forgeries();
  const Opened opened = channel_->open(record, room, io());
  if (opened.kind == Opened::Kind::nothing) {
    report_forgeries(forgeries);
    return false;
  }
  last_heard_ = now;
  if (heartbeat_) {
    heartbeat_->peer_heard();
  }
  report_alert(ProgressStep::received_alert, opened.alert);
  switch (opened.kind) {
    case Opened::Kind::nothing:
    case Opened::Kind::control:
      return true;
    case Opened::Kind::data:
      deliver({room, opened.length}, now);
      return true;
    case Opened::Kind::heartbeat:
      receive_heartbeat({room, opened.length}, now);
      return true;
    case Opened::Kind::finished:
      if (opened.answered || resend_final_flight(now)) {
        context_.counters.add(Counter::final_flights_resent);
        context_.counters.add(Counter::flights_retransmitted);
      }
      return true;
    case Opened::Kind::renegotiation:
      context_.counters.add(Counter::renegotiations_refused);
      if (opened.answered || refuse_renegotiation(now)) {
        progress().add(ProgressStep::refused_renegotiation);
      }
      return true;
    case Opened::Kind::closed:
      close({}, now);  // RFC 5246 7.2.1: answered in kind
      return true;
    case Opened::Kind::failed:
      end_by_failure(now);
      return true;
  }
  return true;
}

// `data` stands in the room reserved at the end of the events' bytes.
void Connection::deliver(ByteView data, Instant now) {
  context_.counters.add(Counter::application_records_received);
  context_.counters.add(Counter::application_bytes_received, data.size());
  last_activity_ = now;
  final_flight_.reset();
  if (!paused_) {
    return context_.events.add_reserved(EventKind::data, id(), data.size());
  }
  // An empty datagram costs memory too.
  const std::size_t cost = data.size() + 64;
  if (paused_->bytes + cost > context_.settings.pause_bound) {
    return drops(now).add(Counter::drop_paused);
  }
  paused_->bytes += cost;
  paused_->data.push_back(data.copy());
}

void Connection::pause() {
  if (!paused_) {
    paused_ = std::make_unique<Paused>();
  }
}

void Connection::resume() {
  if (!paused_) {
    return;
  }
  const std::unique_ptr<Paused> paused = std::move(paused_);
  for (const auto& data : paused->data) {
    context_.events.add(EventKind::data, id(), data);
  }
}

bool Connection::send(ByteView data, Instant now) {
  if (!channel_->send(data, io())) {
    end_by_failed_send(now);
    return false;
  }
  context_.counters.add(Counter::application_records_sent);
  context_.counters.add(Counter::application_bytes_sent, data.size());
  last_activity_ = now;
  return true;
}

// On detached connections; `message` is never empty but for a lack of randomness.
bool Connection::send_control(ContentType type, ByteView message, Instant now) {
  if (message.empty()) {
    return false;
  }
  const bool sent = channel_->detached()->send(type, message, io());
  if (!sent) {
    end_by_failed_send(now);
  }
  return sent;
}

void Connection::end_by_failed_send(Instant now) {
  const Failure failure = channel_->failure();
  // There is a number left for close_notify then.
  if (failure.fault == Fault::keys_used_up) {
    close(failure, now);
  } else {
    end(failure, now);
  }
}

// --- heartbeats ---------------------------------------------------------------------------------------

void Connection::receive_heartbeat(ByteView body, Instant now) {
  const bool on = heartbeat_ && context_.settings.heartbeat_mode != 0;
  const std::optional<HeartbeatMessage> message = on ? read_heartbeat(body) : std::nullopt;
  if (!message) {
    drops(now).add(Counter::drop_heartbeat);
    return;
  }
  last_activity_ = now;
  if (message->type == HeartbeatType::request) {
    return answer_heartbeat(*message, now);
  }
  if (!heartbeat_->is_answered_by(*message)) {
    drops(now).add(Counter::drop_heartbeat);
    return;
  }
  context_.counters.add(Counter::heartbeat_responses_received);
  progress().add(ProgressStep::received_heartbeat_response);
}

void Connection::answer_heartbeat(const HeartbeatMessage& request, Instant now) {
  const std::size_t size = heartbeat_header_size + request.payload.size() + heartbeat_least_padding;
  if (!heartbeat_->may_answer() || !fits(size)) {
    drops(now).add(Counter::drop_heartbeat);
    return;
  }
  context_.counters.add(Counter::heartbeat_requests_received);
  const std::vector<std::uint8_t> response = write_heartbeat(HeartbeatType::response, request.payload);
  if (send_control(ContentType::heartbeat, response, now)) {
    context_.counters.add(Counter::heartbeat_responses_sent);
    progress().add(ProgressStep::answered_heartbeat_request);
  }
}

void Connection::request_heartbeat(Instant now) {
  const std::size_t most = context_.settings.keep_alive_max_retries;
  if (most > 0 && heartbeat_->times_sent() >= most) {
    context_.counters.add(Counter::keep_alive_ended);
    return close({Fault::no_heartbeat_response, -1, "the client has not answered any heartbeat request"},
                 now);
  }
  const std::vector<std::uint8_t> request = heartbeat_->request(now);
  if (send_control(ContentType::heartbeat, request, now)) {
    context_.counters.add(Counter::heartbeat_requests_sent);
    progress().add(ProgressStep::sent_heartbeat_request, {},
                   static_cast<std::int32_t>(heartbeat_->times_sent()));
  }
}

Instant Connection::next_heartbeat() const {
  const EndpointSettings& settings = context_.settings;
  if (!heartbeat_ || !heartbeat_->may_request() || settings.heartbeat_mode == 0) {
    return Instant::never();
  }
  return heartbeat_->is_under_way() ? heartbeat_->last_sent() + settings.keep_alive_interval
                                    : last_heard_ + settings.keep_alive_time;
}

// --- the end of the handshake, and no other one -------------------------------------------------------

bool Connection::resend_final_flight(Instant now) {
  if (!final_flight_ || !final_flight_->may_resend(now)) {
    return false;
  }
  const std::vector<std::uint8_t> finished =
      channel_->detached()->seal(ContentType::handshake, final_flight_->finished(), context_.contexts);
  if (finished.empty()) {
    return false;
  }
  final_flight_->resent(now);
  const std::size_t datagrams =
      sender_.send(flight_with(final_flight_->clear_records(), finished), context_.outbox);
  progress().add(ProgressStep::flight_retransmitted, {}, static_cast<std::int32_t>(datagrams));
  return true;
}

bool Connection::refuse_renegotiation(Instant now) {
  static constexpr std::array<std::uint8_t, 2> message = {alert::warning, alert::no_renegotiation};
  return send_control(ContentType::alert, {message.data(), message.size()}, now);
}

// --- errors and ends ----------------------------------------------------------------------------------

void Connection::report_forgeries(std::uint64_t before) {
  const std::uint64_t forgeries = channel_->unlimited_forgeries();
  if (forgeries == before || forgeries < first_reported_forgeries || !is_power_of_two(forgeries)) {
    return;
  }
  constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int32_t>::max());
  context_.events.add(EventKind::forged_records, id(), std::string_view(), 0,
                      static_cast<std::int32_t>(std::min(forgeries, most)));
}

void Connection::report_bad_datagram(Fault fault, Instant now) { report_error(fault, 0, {}, true, now); }

void Connection::send_failed(int system_error, std::string_view reason, Instant now) {
  report_error(Fault::send_failed, system_error, reason, false, now);
}

void Connection::network_error(int system_error, std::string_view reason, Instant now) {
  report_error(Fault::network_error, system_error, reason, true, now);
}

void Connection::report_error(Fault fault, int system_error, std::string_view reason, bool forgeable,
                              Instant now) {
  // Apart, or a lie a second would hide what fails here.
  Instant& next_report = forgeable ? next_hint_report_ : next_error_report_;
  if (now < next_report || (forgeable && !context_.notices.may_report_error(now))) {
    return;
  }
  next_report = now + Duration::seconds(1);
  context_.events.add(EventKind::error, id(), reason, 0, static_cast<std::int32_t>(fault), system_error);
}

// Of the record layer, or by a fatal alert.
void Connection::end_by_failure(Instant now) {
  const Failure failure = channel_->failure();
  if (failure.fault == Fault::too_many_forgeries) {
    return close(failure, now);  // none of them was the client's: it should hear of the end
  }
  if (session_) {
    session_->forget();
  }
  if (failure.fault != Fault::fatal_alert) {
    report_alert(ProgressStep::sent_alert, {alert::fatal, failure.alert});
  }
  end(failure, now);
}

void Connection::close(const Failure& failure, Instant now) {
  channel_->send_alert(alert::warning, alert::close_notify, io());
  report_alert(ProgressStep::sent_alert, {alert::warning, alert::close_notify});
  end(failure, now);
}

void Connection::end(const Failure& failure, Instant now) {
  ended_ = true;
  context_.counters.add(Counter::connections_closed);
  if (paused_) {
    // While paused no data is delivered, at the end neither: the loss that pausing risks.
    drops(now).add(Counter::drop_paused, paused_->data.size());
  }
  context_.events.add(EventKind::disconnected, id(), failure.reason, 0,
                      static_cast<std::int32_t>(failure.fault), failure.alert);
}

// --- time ---------------------------------------------------------------------------------------------

Instant Connection::idle_at() const {
  const Duration idle = context_.settings.idle_timeout;
  return idle.us > 0 ? last_activity_ + idle : Instant::never();
}

Instant Connection::next_deadline() const {
  const Instant flight = final_flight_ ? final_flight_->expires_at() : Instant::never();
  return earlier(flight, earlier(idle_at(), next_heartbeat()));
}

void Connection::expire(Instant now) {
  if (final_flight_ && now >= final_flight_->expires_at()) {
    progress().add(ProgressStep::timer_expired, "final flight");
    final_flight_.reset();
  }
  if (now >= idle_at()) {
    progress().add(ProgressStep::timer_expired, "idle");
    context_.counters.add(Counter::connections_idle);
    return close({Fault::idle, -1, "no data for the idle timeout"}, now);
  }
  if (now >= next_heartbeat()) {
    progress().add(ProgressStep::timer_expired, "keep-alive");
    request_heartbeat(now);
  }
}

void Connection::report_alert(ProgressStep step, AlertMessage alert) {
  if (alert.present()) {
    progress().add(step, alert.text(), alert.description);
  }
}

}  // namespace dtls
