#include "core/attached_records.h"

#include <openssl/err.h>

#include <array>
#include <utility>
#include <vector>

#include "core/alert.h"
#include "core/openssl_failure.h"

namespace dtls {

namespace {

// OpenSSL answers a retransmitted Finished with its final flight by itself; the 13th is fatal to it.
constexpr int most_final_flight_resends = 11;

constexpr std::uint8_t dummy = 0;

}  // namespace

AttachedRecords::AttachedRecords(std::unique_ptr<SslConduit> conduit, std::unique_ptr<DetachedRecords> sealer,
                                 std::size_t max_data, std::uint64_t used, const ReplayWindow& read)
    : conduit_(std::move(conduit)), sealer_(std::move(sealer)), max_data_(max_data), window_(read) {
  for (; used > 0; --used) {
    write({&dummy, 1});
  }
  conduit_->clear_written();
}

// OpenSSL takes a session out of the cache when its SSL object goes without a shutdown, as one does that a
// restart replaces. After a fatal alert it has done so already.
AttachedRecords::~AttachedRecords() {
  SSL_set_shutdown(conduit_->ssl(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

// A second ClientHello would leave OpenSSL waiting for more of that handshake, and then the next application
// record is the end of the connection.
bool AttachedRecords::takes_handshake_records() const {
  return final_flight_resends_ < most_final_flight_resends && !renegotiation_refused_;
}

Opened AttachedRecords::open(const Record& record, std::uint8_t* out, const Io& io) {
  if (record.type == ContentType::handshake && !takes_handshake_records()) {
    return {};
  }
  ERR_clear_error();
  conduit_->reset_alerts();
  conduit_->offer(record.type, record.version, record.epoch, record.sequence, record.body);
  std::size_t length = 0;
  // SSL_read would return 0 for an empty record and for the end alike; SSL_read_ex tells them apart.
  const int result = SSL_read_ex(conduit_->ssl(), out, max_plaintext, &length);
  conduit_->withdraw();
  Opened opened = result == 1 ? Opened{Opened::Kind::data, length} : classify(result, record.type);
  opened.alert = conduit_->alert_received();
  note_outcome(record, opened.kind);
  final_flight_resends_ += opened.kind == Opened::Kind::finished ? 1 : 0;
  renegotiation_refused_ = renegotiation_refused_ || opened.kind == Opened::Kind::renegotiation;
  flush(io);
  return opened;
}

void AttachedRecords::note_outcome(const Record& record, Opened::Kind kind) {
  if (kind != Opened::Kind::nothing) {
    window_.accept(record.sequence);
    return;
  }
  // OpenSSL also ignores what is authentic: fragments of handshake messages, and since 3.5 empty records.
  const bool may_be_empty = sealer_ && record.body.size() <= sealer_->suite().least_body();
  if (record.type != ContentType::handshake && !may_be_empty && window_.may_accept(record.sequence)) {
    ++forgeries_;
  }
}

Opened AttachedRecords::classify(int result, ContentType type) {
  if (conduit_->resume_interrupted_read()) {
    ERR_clear_error();
    return {Opened::Kind::control, 0};
  }
  switch (SSL_get_error(conduit_->ssl(), result)) {
    case SSL_ERROR_WANT_READ: {
      ERR_clear_error();
      if (type == ContentType::handshake && !conduit_->written().empty()) {
        const bool refused = conduit_->alert_sent().present();
        return {refused ? Opened::Kind::renegotiation : Opened::Kind::finished, 0, {}, true};
      }
      return {conduit_->alert_received().present() ? Opened::Kind::control : Opened::Kind::nothing, 0};
    }
    case SSL_ERROR_ZERO_RETURN:
      return {Opened::Kind::closed, 0};
    default:
      failure_ =
          openssl_failure(conduit_->alert_received(), conduit_->alert_sent(), Fault::unexpected_message);
      return {Opened::Kind::failed, 0};
  }
}

bool AttachedRecords::send(ByteView data, const Io& io) {
  if (data.empty()) {
    return send_sealed(ContentType::application_data, data, io);
  }
  const bool written = write(data);
  if (written) {
    flush(io);
  }
  conduit_->clear_written();
  return written;
}

bool AttachedRecords::write(ByteView data) {
  ERR_clear_error();
  std::size_t written = 0;
  if (SSL_write_ex(conduit_->ssl(), data.data(), data.size(), &written) == 1 && written == data.size()) {
    return true;
  }
  failure_ = openssl_failure({}, {}, Fault::internal);
  return false;
}

// SSL_write sends no record without a byte and no alert of our choice. So it seals a dummy, which never
// leaves: its sequence number serves the record that we protect under the same keys.
bool AttachedRecords::send_sealed(ContentType type, ByteView plaintext, const Io& io) {
  if (!write({&dummy, 1})) {
    return false;
  }
  RecordReader reader(conduit_->written());
  const auto record = reader.next();
  std::vector<std::uint8_t> sealed;
  if (record && sealer_) {
    sealer_->number_next(record->sequence);
    sealed = sealer_->seal(type, plaintext, io.contexts);
  }
  conduit_->clear_written();
  if (sealed.empty()) {
    failure_ = {Fault::internal, -1, "this record can't be sealed under the connection's cipher suite"};
    return false;
  }
  io.sender.send(sealed, io.outbox);
  return true;
}

void AttachedRecords::send_alert(std::uint8_t level, std::uint8_t description, const Io& io) {
  if (description == alert::close_notify) {
    ERR_clear_error();
    SSL_shutdown(conduit_->ssl());
    ERR_clear_error();
    return flush(io);
  }
  const std::array<std::uint8_t, 2> message = {level, description};
  send_sealed(ContentType::alert, {message.data(), message.size()}, io);
}

void AttachedRecords::flush(const Io& io) {
  if (!conduit_->written().empty()) {
    io.sender.send(conduit_->written(), io.outbox);
    conduit_->clear_written();
  }
}

}  // namespace dtls
