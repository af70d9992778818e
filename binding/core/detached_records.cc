#include "core/detached_records.h"

#include <array>
#include <utility>

#include "core/alert.h"

namespace dtls {

namespace {

constexpr std::uint16_t epoch = 1;

Opened::Kind kind_of_handshake(ByteView body) {
  FragmentReader fragments(body);
  const auto first = fragments.next();
  if (first && first->type == HandshakeType::finished) {
    return Opened::Kind::finished;
  }
  const bool begins_anew = first && first->type == HandshakeType::client_hello && first->is_first();
  return begins_anew ? Opened::Kind::renegotiation : Opened::Kind::control;
}

}  // namespace

DetachedRecords::DetachedRecords(const ProtectionSuite& suite, KeyBlock keys, ConnectionId owner)
    : suite_(&suite), keys_(std::move(keys)), owner_(owner) {}

void DetachedRecords::follow(const Record& sealed_by_openssl) {
  next_sequence_ = sealed_by_openssl.sequence + 1;
  const bool has_nonce =
      suite_->kind == ProtectionSuite::Kind::gcm || suite_->kind == ProtectionSuite::Kind::ccm;
  if (has_nonce && sealed_by_openssl.body.size() >= suite_->explicit_size) {
    next_nonce_ = number_at(sealed_by_openssl.body.data(), 8) + 1;
  }
}

bool DetachedRecords::is_authentic(const Record& record, RecordContexts& contexts) {
  if (record.body.size() < suite_->least_body() || !window_.may_accept(record.sequence)) {
    return false;
  }
  const std::unique_ptr<std::uint8_t[]> unread(new std::uint8_t[max_plaintext]);
  if (!contexts.open(keys_of(Writer::client), record, unread.get())) {
    ++forgeries_;
    return false;
  }
  return true;
}

bool DetachedRecords::authenticate(const Record& record, RecordContexts& contexts) {
  if (!is_authentic(record, contexts)) {
    return false;
  }
  window_.accept(record.sequence);
  return true;
}

Opened DetachedRecords::open(const Record& record, std::uint8_t* out, const Io& io) {
  if (record.body.size() < suite_->least_body() || !window_.may_accept(record.sequence)) {
    return {};
  }
  const std::optional<std::size_t> length = io.contexts.open(keys_of(Writer::client), record, out);
  if (!length) {
    return refuse_forgery();
  }
  window_.accept(record.sequence);
  switch (record.type) {
    case ContentType::application_data:
      return {Opened::Kind::data, *length};
    case ContentType::heartbeat:
      return {Opened::Kind::heartbeat, *length};
    case ContentType::alert:
      return open_alert({out, *length});
    case ContentType::handshake:
      return {kind_of_handshake({out, *length}), 0};
    case ContentType::change_cipher_spec:
      return {Opened::Kind::control, 0};
  }
  return {Opened::Kind::control, 0};
}

Opened DetachedRecords::open_alert(ByteView message) {
  if (message.size() != 2) {
    return {Opened::Kind::control, 0};
  }
  const AlertMessage alert{message[0], message[1]};
  if (alert.is_close_notify()) {
    return {Opened::Kind::closed, 0, alert};
  }
  if (!alert.is_fatal()) {
    return {Opened::Kind::control, 0, alert};
  }
  fault_ = Fault::fatal_alert;
  alert_ = message[1];
  return {Opened::Kind::failed, 0, alert};
}

// Silent (RFC 6347 4.1.2.7), until there were so many that one might succeed.
Opened DetachedRecords::refuse_forgery() {
  ++forgeries_;
  if (forgeries_ < suite_->forgery_limit) {
    return {};
  }
  fail(Fault::too_many_forgeries, "more forged records came than the keys of this connection bear");
  return {Opened::Kind::failed, 0};
}

bool DetachedRecords::send(ContentType type, ByteView data, const Io& io) {
  // The last number is kept for an alert.
  if (!may_seal(data.size(), max_sequence - 1)) {
    return false;
  }
  const std::size_t size = suite_->sealed_size(data.size());
  if (!seal_into(type, data, io.contexts, io.outbox.reserve(size))) {
    return fail(Fault::internal, "OpenSSL could not encrypt a record");
  }
  io.sender.send_reserved(size, io.outbox);
  return true;
}

void DetachedRecords::send_alert(std::uint8_t level, std::uint8_t description, const Io& io) {
  const std::array<std::uint8_t, 2> message = {level, description};
  const std::size_t size = suite_->sealed_size(message.size());
  if (next_sequence_ <= max_sequence &&
      seal_into(ContentType::alert, {message.data(), message.size()}, io.contexts, io.outbox.reserve(size))) {
    io.sender.send_reserved(size, io.outbox);
  }
}

std::vector<std::uint8_t> DetachedRecords::seal(ContentType type, ByteView plaintext,
                                                RecordContexts& contexts) {
  if (!may_seal(plaintext.size(), max_sequence - 1)) {
    return {};
  }
  std::vector<std::uint8_t> record(suite_->sealed_size(plaintext.size()));
  return seal_into(type, plaintext, contexts, record.data()) ? record : std::vector<std::uint8_t>();
}

bool DetachedRecords::may_seal(std::size_t plaintext_size, std::uint64_t last_sequence) {
  if (next_sequence_ > last_sequence) {
    return fail(Fault::keys_used_up, "all record numbers of this connection are used up");
  }
  const std::uint64_t blocks = plaintext_size / 16 + 1;
  if (sealed_blocks_ >= suite_->sealed_block_limit - blocks) {
    return fail(Fault::keys_used_up, "the keys of this connection have protected as much as they may");
  }
  sealed_blocks_ += blocks;
  return true;
}

bool DetachedRecords::seal_into(ContentType type, ByteView plaintext, RecordContexts& contexts,
                                std::uint8_t* out) {
  // Counted on even if it fails: a number may never serve twice.
  return contexts.seal(keys_of(Writer::server), type, epoch, next_sequence_++, next_nonce_++, plaintext, out);
}

bool DetachedRecords::fail(Fault fault, const char* reason) {
  fault_ = fault;
  reason_ = reason;
  return false;
}

}  // namespace dtls
