#include "core/handshake.h"

#include <openssl/err.h>
#include <openssl/objects.h>

#include "core/attached_records.h"
#include "core/certificate.h"
#include "core/flight.h"
#include "core/key_exchange.h"
#include "core/openssl_failure.h"
#include "core/ticket_keys.h"

namespace dtls {

namespace {

struct BioAddrDeleter {
  void operator()(BIO_ADDR* address) const { BIO_ADDR_free(address); }
};

}  // namespace

Handshake::Handshake(std::shared_ptr<const SecurityContext> security, RecordContexts& contexts,
                     const Options& options, MessageObserver& observer)
    : security_(std::move(security)),
      contexts_(contexts),
      observer_(observer),
      id_(options.id),
      started_(options.now),
      conduit_(std::make_unique<SslConduit>(security_->get(), options.mtu)) {
  extensions_.offered_heartbeat = options.heartbeat_mode;
  bind_hello_extensions(ssl(), &extensions_);
  TicketKeys::bind_time(ssl(), &started_);
  conduit_->observe(this);
  SSL_set_accept_state(ssl());
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
  if (!unused || DTLSv1_listen(ssl(), unused.get()) != 1) {
    conduit_->withdraw();
    failure_ = openssl_failure({}, {}, Fault::handshake_failed);
    conduit_->clear_written();
    return status_ = Status::failed;
  }
  cookie_exchanged_ = true;
  return step();
}

Handshake::Status Handshake::receive(const Record& record, const PeerDrops& drops) {
  if (status_ == Status::failed) {
    return status_;
  }
  const bool complete = status_ == Status::complete;
  switch (record.type) {
    case ContentType::handshake:
      if (!complete) {
        return receive_handshake(record, drops);
      }
      drops.add(Counter::drop_unexpected_handshake);
      return status_;
    case ContentType::change_cipher_spec:
      if (complete) {
        drops.add(Counter::drop_unexpected_handshake);
        return status_;
      }
      if (record.epoch != 0 || record.body.size() != 1 || record.body[0] != 1) {
        drops.add(Counter::drop_spoofable);
        return status_;
      }
      change_cipher_spec_seen_ = true;
      return try_change_cipher_spec(drops);
    case ContentType::alert:
    case ContentType::application_data:
      if (record.epoch == 1) {
        hold(record, drops);
      } else {
        drops.add(record.epoch == 0 ? Counter::drop_spoofable : Counter::drop_wrong_epoch);
      }
      return status_;
    case ContentType::heartbeat:
      // Discarded during a handshake (RFC 6520 3). Only a resumed one ends with the client, which may send
      // one at once, and that one may overtake its Finished.
      if (record.epoch == 1 && is_resumed()) {
        hold(record, drops);
      } else {
        drops.add(Counter::drop_heartbeat);
      }
      return status_;
  }
  return status_;
}

Handshake::Status Handshake::receive_handshake(const Record& record, const PeerDrops& drops) {
  if (record.epoch > 1) {
    drops.add(Counter::drop_wrong_epoch);
    return status_;
  }
  if (record.epoch == 1) {
    if (!change_cipher_spec_fed_) {
      hold(record, drops);
      return status_;
    }
    return feed_finished(record, drops);
  }
  FragmentReader fragments(record.body);
  bool any = false;
  while (const auto fragment = fragments.next()) {
    any = true;
    if (!is_clients_turn(*fragment) || !fits_its_message(*fragment)) {
      drops.add(Counter::drop_unexpected_handshake);
      return status_;
    }
  }
  if (!any || fragments.malformed()) {
    drops.add(Counter::drop_malformed_record);
    return status_;
  }
  if (feed_epoch_zero(ContentType::handshake, record.body) != Status::in_progress) {
    return status_;
  }
  return try_change_cipher_spec(drops);
}

// The numbers are fixed: the second hello has 1, and nothing is optional in between (RFC 5246 7.3). A client
// that was asked and has no certificate sends an empty one.
bool Handshake::is_clients_turn(const HandshakeFragment& fragment) const {
  constexpr std::uint32_t longest_message = 16384;  // OpenSSL's own bound for all but certificates
  const bool asked = security_->requests_client_certificate();
  if (is_resumed()) {
    return false;  // nothing but ChangeCipherSpec and Finished comes (RFC 5246 7.3)
  }
  switch (fragment.type) {
    case HandshakeType::client_hello:
      return fragment.message_seq == 1 && fragment.length <= longest_message &&
             SSL_get_state(ssl()) == TLS_ST_BEFORE;
    case HandshakeType::certificate:
      return asked && fragment.message_seq == 2 &&
             fragment.length <= SecurityContext::longest_certificate_message;
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
  switch (SSL_get_state(ssl())) {
    case TLS_ST_SR_CERT_VRFY:
      return true;
    case TLS_ST_SR_KEY_EXCH:
      return SSL_get0_peer_certificate(ssl()) == nullptr;
    case TLS_ST_SW_FINISHED:
      return is_resumed();
    default:
      return false;
  }
}

// Reordered datagrams are common: a ChangeCipherSpec that overtook the ClientKeyExchange, or a Finished that
// overtook both, would cost a whole retransmission, since OpenSSL drops the one and (before its fix) piled
// up the other. They wait here until it is their turn.
Handshake::Status Handshake::try_change_cipher_spec(const PeerDrops& drops) {
  if (!change_cipher_spec_seen_ || change_cipher_spec_fed_ || !awaits_change_cipher_spec()) {
    return status_;
  }
  change_cipher_spec_fed_ = true;
  exchange_session_data();
  if (!take_keys()) {
    return fail_for_keys();
  }
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
    feed_finished(*record, drops);
  }
  return status_;
}

// What does not authenticate must not reach OpenSSL: under encrypt-then-MAC one forged record is fatal to it,
// and under an AEAD suite one that is too short.
Handshake::Status Handshake::feed_finished(const Record& record, const PeerDrops& drops) {
  if (protection_ && protection_->suite().can_open() && !protection_->authenticate(record, contexts_)) {
    drops.add(Counter::drop_unauthenticated);
    return status_;
  }
  const Status status = feed(ContentType::handshake, 1, record.sequence, record.body);
  if (status == Status::complete) {
    read_by_openssl_.accept(record.sequence);
  }
  return status;
}

// A resumed handshake has its keys before the client's records come: forged ones must not take their places.
void Handshake::hold(const Record& record, const PeerDrops& drops) {
  const bool can_tell = protection_ && protection_->suite().can_open();
  if (can_tell && !protection_->is_authentic(record, contexts_)) {
    drops.add(Counter::drop_unauthenticated);
    return;
  }
  const std::size_t bytes = held_.size() + held_finished_.size() + record.whole.size();
  if (held_count_ >= max_held_records || bytes > max_held_bytes) {
    drops.add(Counter::drop_held_overflow);
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
  conduit_->offer(type, version(), epoch, sequence, body);
  return step();
}

Handshake::Status Handshake::step() {
  ERR_clear_error();
  conduit_->reset_alerts();
  const int result = SSL_do_handshake(ssl());
  conduit_->withdraw();
  if (!follow_written()) {
    return fail_for_keys();
  }
  if (result == 1) {
    if (is_too_large_to_resume_) {
      forget_session();
    }
    return status_ = Status::complete;
  }
  if (SSL_get_error(ssl(), result) == SSL_ERROR_WANT_READ) {
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

std::uint16_t Handshake::version() const { return static_cast<std::uint16_t>(SSL_version(ssl())); }

Negotiated Handshake::negotiated() const {
  return {version(), SSL_CIPHER_get_protocol_id(SSL_get_current_cipher(ssl())), key_exchange_bits_};
}

// The key exchange is over: a resumption will want to know of it, or this one does.
void Handshake::exchange_session_data() {
  if (is_resumed()) {
    SessionData data = SessionData::of(ssl());
    key_exchange_bits_ = data.key_exchange_bits;
    resumed_chain_ = std::move(data.chain);
    return;
  }
  if (SSL_CIPHER_get_kx_nid(SSL_get_pending_cipher(ssl())) == NID_kx_rsa) {
    const EVP_PKEY* const key = X509_get0_pubkey(SSL_get_certificate(ssl()));
    key_exchange_bits_ = static_cast<std::uint16_t>(EVP_PKEY_get_bits(key));
  }
  if (security_->caches_sessions()) {
    is_too_large_to_resume_ = !SessionData::keep(ssl(), key_exchange_bits_);
  }
  if (is_too_large_to_resume_) {
    TicketKeys::withhold(ssl());
  }
}

std::vector<std::uint8_t> Handshake::client_certificate() const {
  X509* certificate = SSL_get0_peer_certificate(ssl());
  return certificate ? certificate_der(certificate) : std::vector<std::uint8_t>();
}

std::uint32_t Handshake::verify_client_certificate(WallTime now) const {
  STACK_OF(X509)* const sent = SSL_get_peer_cert_chain(ssl());  // none if the session comes from a ticket
  return security_->client_verification()->verify(SSL_get0_peer_certificate(ssl()),
                                                  sent != nullptr ? sent : resumed_chain_.get(), now);
}

void Handshake::forget_session() { SSL_CTX_remove_session(security_->get(), SSL_get0_session(ssl())); }

// --- our own record layer, beside OpenSSL's -------------------------------------------------------------

// The master secret is known when the ClientKeyExchange has been read, or with the hello that resumes. False
// if OpenSSL can't derive the keys of a suite that needs them here.
bool Handshake::take_keys() {
  const SSL_CIPHER* cipher = SSL_get_pending_cipher(ssl());
  const ProtectionSuite* suite =
      cipher ? ProtectionSuite::of(cipher, extensions_.encrypt_then_mac, version()) : nullptr;
  if (protection_ || !suite) {
    return true;
  }
  std::optional<KeyBlock> keys = KeyBlock::derive(ssl(), *suite);
  if (keys) {
    protection_ = std::make_unique<DetachedRecords>(*suite, std::move(*keys), id_);
  }
  return keys.has_value();
}

// Attached to OpenSSL after all, an encrypt-then-MAC connection would fall to the first forged record.
Handshake::Status Handshake::fail_for_keys() {
  conduit_->clear_written();
  failure_ = {Fault::internal, -1, "OpenSSL could not derive the keys of the connection"};
  return status_ = Status::failed;
}

// OpenSSL doesn't know of the numbers and nonces that a flight takes when it is sent again, and would use
// them once more. So what it writes after that, which can only be an alert, is sealed by us.
bool Handshake::follow_written() {
  RecordReader reader(conduit_->written().from(followed_));
  while (const auto record = reader.next()) {
    if (record->epoch == 0) {
      continue;
    }
    if (!take_keys()) {
      return false;
    }
    if (!protection_) {
      break;  // a suite that only OpenSSL knows
    }
    openssl_sequence_ = record->sequence + 1;
    if (record->sequence >= protection_->next_sequence()) {
      protection_->follow(*record);
      continue;
    }
    const AlertMessage alert = conduit_->alert_sent();
    const std::array<std::uint8_t, 2> message = {static_cast<std::uint8_t>(alert.level),
                                                 static_cast<std::uint8_t>(alert.description)};
    conduit_->replace_written(
        alert.present() ? protection_->seal(ContentType::alert, {message.data(), message.size()}, contexts_)
                        : std::vector<std::uint8_t>());
    break;
  }
  followed_ = conduit_->written().size();
  return true;
}

std::vector<std::uint8_t> Handshake::flight_again(ByteView records) {
  RecordReader reader(records);
  bool has_finished = false;
  while (const auto record = reader.next()) {
    has_finished = has_finished || record->epoch > 0;
  }
  if (!has_finished || !protection_) {
    return records.copy();
  }
  return flight_with(records, protection_->seal(ContentType::handshake, finished_, contexts_));
}

std::unique_ptr<RecordChannel> Handshake::take_channel() {
  const std::size_t max_data = negotiated_max_data();
  if (protection_ && protection_->suite().can_open()) {
    protection_->set_max_data(max_data);
    SSL_set_shutdown(ssl(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);  // or the cache loses the session
    conduit_.reset();
    return std::move(protection_);
  }
  bind_hello_extensions(ssl(), nullptr);
  conduit_->observe(nullptr);
  TicketKeys::bind_time(ssl(), nullptr);
  const std::uint64_t used = protection_ ? protection_->next_sequence() - openssl_sequence_ : 0;
  return std::make_unique<AttachedRecords>(std::move(conduit_), std::move(protection_), max_data, used,
                                           read_by_openssl_);
}

std::size_t Handshake::negotiated_max_data() const {
  switch (SSL_SESSION_get_max_fragment_length(SSL_get0_session(ssl()))) {
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

// --- what OpenSSL tells -----------------------------------------------------------------------------------

void Handshake::on_handshake_message(bool sent, ByteView message) {
  // DTLSv1_listen shows the hello too, and reads it again.
  if (!sent && message[0] == static_cast<std::uint8_t>(HandshakeType::client_hello) && cookie_exchanged_ &&
      !security_->answers_renegotiation_info()) {
    hide_renegotiation_info(message);
  } else if (sent && message[0] == static_cast<std::uint8_t>(HandshakeType::server_hello)) {
    extensions_.read_server_hello(message);
  } else if (sent && message[0] == static_cast<std::uint8_t>(HandshakeType::server_key_exchange)) {
    key_exchange_bits_ = read_server_key_exchange(message.from(handshake_header_size)).bits;
  } else if (sent && message[0] == static_cast<std::uint8_t>(HandshakeType::finished)) {
    finished_ = message.copy();
  }
  observer_.on_handshake_message(sent, message);
}

}  // namespace dtls
