#include "core/attached_records.h"

#include <openssl/err.h>

#include <vector>

#include "core/openssl_failure.h"
#include "core/record_protection.h"

namespace dtls {

namespace {

// OpenSSL answers a retransmitted Finished with its final flight by itself; the 13th is fatal to it.
constexpr int most_final_flight_resends = 11;

std::size_t negotiated_max_data(SSL* ssl) {
  switch (SSL_SESSION_get_max_fragment_length(SSL_get0_session(ssl))) {
    case TLSEXT_max_fragment_length_512:
      return 512;
    case TLSEXT_max_fragment_length_1024:
      return 1024;
    case TLSEXT_max_fragment_length_2048:
      return 2048;
    case TLSEXT_max_fragment_length_4096:
      return 4096;
    default:
      return max_plaintext;
  }
}

}  // namespace

AttachedRecords::AttachedRecords(std::unique_ptr<SslConduit> conduit)
    : conduit_(std::move(conduit)),
      max_data_(negotiated_max_data(conduit_->ssl())),
      suite_(ProtectionSuite::of(SSL_get_current_cipher(conduit_->ssl()), false)) {}

Opened AttachedRecords::open(const Record& record, std::uint8_t* out) {
  if (record.type == ContentType::handshake && final_flight_resends_ >= most_final_flight_resends) {
    return {};
  }
  if (suite_ != nullptr && record.body.size() < suite_->least_body()) {
    return {};
  }
  ERR_clear_error();
  conduit_->reset_alerts();
  conduit_->offer(record.type, record.version, record.epoch, record.sequence, record.body);
  std::size_t length = 0;
  // SSL_read would return 0 for an empty record and for the end alike; SSL_read_ex tells them apart.
  const int result = SSL_read_ex(conduit_->ssl(), out, max_plaintext, &length);
  conduit_->withdraw();
  if (result == 1) {
    return {Opened::Kind::data, length};
  }
  const Opened opened = classify(result);
  if (opened.kind == Opened::Kind::control && record.type == ContentType::handshake) {
    ++final_flight_resends_;
  }
  return opened;
}

Opened AttachedRecords::classify(int result) {
  if (conduit_->resume_interrupted_read()) {
    ERR_clear_error();
    return {Opened::Kind::control, 0};
  }
  switch (SSL_get_error(conduit_->ssl(), result)) {
    case SSL_ERROR_WANT_READ: {
      ERR_clear_error();
      const bool authentic = conduit_->alert_received().present() || !conduit_->written().empty();
      return {authentic ? Opened::Kind::control : Opened::Kind::nothing, 0};
    }
    case SSL_ERROR_ZERO_RETURN:
      return {Opened::Kind::closed, 0};
    default:
      failure_ =
          openssl_failure(conduit_->alert_received(), conduit_->alert_sent(), Fault::unexpected_message);
      return {Opened::Kind::failed, 0};
  }
}

bool AttachedRecords::seal(ByteView data) {
  if (data.empty()) {
    return seal_empty();
  }
  ERR_clear_error();
  std::size_t written = 0;
  if (SSL_write_ex(conduit_->ssl(), data.data(), data.size(), &written) == 1 && written == data.size()) {
    return true;
  }
  failure_ = openssl_failure({}, {}, Fault::internal);
  return false;
}

// SSL_write sends no record without a byte. So it seals a dummy, which never leaves: its sequence number and
// nonce serve the empty record, protected by us under the same keys.
bool AttachedRecords::seal_empty() {
  static constexpr std::uint8_t dummy = 0;
  if (!seal({&dummy, 1})) {
    return false;
  }
  RecordReader reader(conduit_->written());
  const auto record = reader.next();
  const auto block = suite_ != nullptr ? KeyBlock::derive(conduit_->ssl(), *suite_) : std::nullopt;
  std::vector<std::uint8_t> sealed;
  if (record && block && record->body.size() >= suite_->least_body()) {
    RecordContexts contexts(1);
    sealed.resize(suite_->sealed_size(0));
    const std::uint64_t explicit_nonce = ByteReader(record->body).u64();
    if (!contexts.seal({*suite_, *block, Writer::server, 0}, ContentType::application_data, record->epoch,
                       record->sequence, explicit_nonce, {}, sealed.data())) {
      sealed.clear();
    }
  }
  conduit_->replace_written(sealed);
  if (!sealed.empty()) {
    return true;
  }
  failure_ = {Fault::internal, -1, "an empty record can't be sealed under this cipher suite"};
  return false;
}

void AttachedRecords::close_notify() {
  ERR_clear_error();
  SSL_shutdown(conduit_->ssl());
  ERR_clear_error();
}

}  // namespace dtls
