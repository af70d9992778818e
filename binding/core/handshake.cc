#include "core/handshake.h"

#include <openssl/err.h>

#include "core/certificate.h"
#include "core/openssl_failure.h"
#include "core/protection_suite.h"

namespace dtls {

namespace {

struct BioAddrDeleter {
  void operator()(BIO_ADDR* address) const { BIO_ADDR_free(address); }
};

// 0 until the suite is known, or for one that we don't know. Until the handshake is complete it is pending.
std::size_t least_protected_body(SSL* ssl) {
  const SSL_CIPHER* cipher = SSL_get_current_cipher(ssl);
  if (cipher == nullptr) {
    cipher = SSL_get_pending_cipher(ssl);
  }
  const ProtectionSuite* const suite = cipher != nullptr ? ProtectionSuite::of(cipher, false) : nullptr;
  return suite != nullptr ? suite->least_body() : 0;
}

}  // namespace

Handshake::Handshake(std::shared_ptr<const SecurityContext> security, std::size_t mtu)
    : security_(std::move(security)), conduit_(std::make_unique<SslConduit>(security_->get(), mtu)) {
  SSL_set_accept_state(conduit_->ssl());
}

Handshake::Status Handshake::begin(const Record& hello) {
  FragmentReader fragments(hello.body);
  if (const auto first = fragments.next(); first && first->message_seq == 1) {
    fits_its_message(*first);
  }
  ERR_clear_error();
  conduit_->reset_alerts();
  conduit_->offer(ContentType::handshake, hello.version, 0, next_fed_sequence_++, hello.body);
  // DTLSv1_listen sets the message sequence numbers that follow a HelloVerifyRequest. The result of
  // SSL_get_error differs by version here; the return value does not.
  const std::unique_ptr<BIO_ADDR, BioAddrDeleter> unused(BIO_ADDR_new());
  if (!unused || DTLSv1_listen(conduit_->ssl(), unused.get()) != 1) {
    conduit_->withdraw();
    failure_ = openssl_failure({}, {}, Fault::handshake_failed);
    conduit_->clear_written();
    return status_ = Status::failed;
  }
  return step();
}

Handshake::Status Handshake::receive(const Record& record, Counters& counters) {
  if (status_ == Status::failed) {
    return status_;
  }
  const bool complete = status_ == Status::complete;
  switch (record.type) {
    case ContentType::handshake:
      if (!complete) {
        return receive_handshake(record, counters);
      }
      counters.add(Counter::drop_unexpected_handshake);
      return status_;
    case ContentType::change_cipher_spec:
      if (complete) {
        counters.add(Counter::drop_unexpected_handshake);
        return status_;
      }
      if (record.epoch != 0 || record.body.size() != 1 || record.body[0] != 1) {
        counters.add(Counter::drop_spoofable);
        return status_;
      }
      change_cipher_spec_seen_ = true;
      return try_change_cipher_spec();
    case ContentType::alert:
    case ContentType::application_data:
      if (record.epoch == 1) {
        hold(record, counters);
      } else {
        counters.add(record.epoch == 0 ? Counter::drop_spoofable : Counter::drop_wrong_epoch);
      }
      return status_;
    case ContentType::heartbeat:
      counters.add(Counter::drop_heartbeat);
      return status_;
  }
  return status_;
}

Handshake::Status Handshake::receive_handshake(const Record& record, Counters& counters) {
  if (record.epoch > 1) {
    counters.add(Counter::drop_wrong_epoch);
    return status_;
  }
  if (record.epoch == 1) {
    if (record.body.size() < least_protected_body(conduit_->ssl())) {
      counters.add(Counter::drop_unauthenticated);
      return status_;
    }
    if (!change_cipher_spec_fed_) {
      hold(record, counters);
      return status_;
    }
    return feed(ContentType::handshake, 1, record.sequence, record.body);
  }
  FragmentReader fragments(record.body);
  bool any = false;
  while (const auto fragment = fragments.next()) {
    any = true;
    if (!is_clients_turn(*fragment) || !fits_its_message(*fragment)) {
      counters.add(Counter::drop_unexpected_handshake);
      return status_;
    }
  }
  if (!any || fragments.malformed()) {
    counters.add(Counter::drop_malformed_record);
    return status_;
  }
  if (feed_epoch_zero(ContentType::handshake, record.body) != Status::in_progress) {
    return status_;
  }
  return try_change_cipher_spec();
}

// The numbers are fixed: the second hello has 1, and nothing is optional in between (RFC 5246 7.3). A client
// that was asked and has no certificate sends an empty one.
bool Handshake::is_clients_turn(const HandshakeFragment& fragment) const {
  // OpenSSL's own bound for everything but certificates is 16 KiB; for those its default is 100 KiB.
  constexpr std::uint32_t longest_certificate = 100 * 1024;
  constexpr std::uint32_t longest_message = 16384;
  const bool asked = security_->requests_client_certificate();
  switch (fragment.type) {
    case HandshakeType::client_hello:
      return fragment.message_seq == 1 && fragment.length <= longest_message &&
             SSL_get_state(conduit_->ssl()) == TLS_ST_BEFORE;
    case HandshakeType::certificate:
      return asked && fragment.message_seq == 2 && fragment.length <= longest_certificate;
    case HandshakeType::client_key_exchange:
      return fragment.message_seq == (asked ? 3 : 2) && fragment.length <= longest_message;
    case HandshakeType::certificate_verify:
      return asked && fragment.message_seq == 4 && fragment.length <= longest_message;
    default:
      return false;
  }
}

bool Handshake::fits_its_message(const HandshakeFragment& fragment) {
  std::optional<std::uint32_t>& length = message_lengths_.at(fragment.message_seq);
  if (!length) {
    length = fragment.length;
  }
  return *length == fragment.length;
}

bool Handshake::awaits_change_cipher_spec() const {
  SSL* ssl = conduit_->ssl();
  const OSSL_HANDSHAKE_STATE state = SSL_get_state(ssl);
  if (state == TLS_ST_SR_CERT_VRFY) {
    return true;
  }
  if (state != TLS_ST_SR_KEY_EXCH) {
    return false;
  }
  return SSL_get0_peer_certificate(ssl) == nullptr;
}

// Reordered datagrams are common: a ChangeCipherSpec that overtook the ClientKeyExchange, or a Finished that
// overtook both, would cost a whole retransmission, since OpenSSL drops the one and (before its fix) piled
// up the other. They wait here until it is their turn.
Handshake::Status Handshake::try_change_cipher_spec() {
  if (!change_cipher_spec_seen_ || change_cipher_spec_fed_ || !awaits_change_cipher_spec()) {
    return status_;
  }
  change_cipher_spec_fed_ = true;
  static constexpr std::uint8_t message[] = {1};
  if (feed_epoch_zero(ContentType::change_cipher_spec, {message, 1}) != Status::in_progress) {
    return status_;
  }
  const std::vector<std::uint8_t> finished = std::move(held_finished_);
  RecordReader reader(finished);
  while (status_ == Status::in_progress) {
    const auto record = reader.next();
    if (!record) {
      break;
    }
    // It may have come before the suite was known.
    if (record->body.size() < least_protected_body(conduit_->ssl())) {
      continue;
    }
    feed(record->type, record->epoch, record->sequence, record->body);
  }
  return status_;
}

void Handshake::hold(const Record& record, Counters& counters) {
  const std::size_t bytes = held_.size() + held_finished_.size() + record.whole.size();
  if (held_count_ >= max_held_records || bytes > max_held_bytes) {
    counters.add(Counter::drop_held_overflow);
    return;
  }
  ++held_count_;
  append(record.type == ContentType::handshake ? held_finished_ : held_, record.whole);
}

Handshake::Status Handshake::feed_epoch_zero(ContentType type, ByteView body) {
  return feed(type, 0, next_fed_sequence_++, body);
}

Handshake::Status Handshake::feed(ContentType type, std::uint16_t epoch, std::uint64_t sequence,
                                  ByteView body) {
  conduit_->offer(type, dtls_1_2, epoch, sequence, body);
  return step();
}

Handshake::Status Handshake::step() {
  ERR_clear_error();
  conduit_->reset_alerts();
  SSL* ssl = conduit_->ssl();
  const int result = SSL_do_handshake(ssl);
  conduit_->withdraw();
  if (result == 1) {
    return status_ = Status::complete;
  }
  if (SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ) {
    // Unauthentic records leave an entry that says nothing of the handshake.
    ERR_clear_error();
    return status_;
  }
  failure_ = openssl_failure(conduit_->alert_received(), conduit_->alert_sent(), Fault::handshake_failed);
  return status_ = Status::failed;
}

bool Handshake::has_flight_written() const {
  RecordReader reader(conduit_->written());
  const auto first = reader.next();
  return first && (first->type == ContentType::handshake || first->type == ContentType::change_cipher_spec);
}

std::vector<std::uint8_t> Handshake::client_certificate() const {
  X509* certificate = SSL_get0_peer_certificate(conduit_->ssl());
  return certificate ? certificate_der(certificate) : std::vector<std::uint8_t>();
}

}  // namespace dtls
