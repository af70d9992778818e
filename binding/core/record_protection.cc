#include "core/record_protection.h"

#include <openssl/err.h>

#include <algorithm>
#include <array>

#include "core/aead_context.h"
#include "core/cbc_context.h"

namespace dtls {

namespace {

using AssociatedData = std::array<std::uint8_t, 13>;

// What is authenticated besides the text (RFC 5246 6.2.3.1 and 6.2.3.3, RFC 6347 4.1.2.1).
AssociatedData associated_data(ContentType type, std::uint16_t version, std::uint16_t epoch,
                               std::uint64_t sequence, std::size_t length) {
  AssociatedData data{};
  put_number(data.data(), epoch, 2);
  put_number(data.data() + 2, sequence, 6);
  data[8] = static_cast<std::uint8_t>(type);
  put_number(data.data() + 9, version, 2);
  put_number(data.data() + 11, length, 2);
  return data;
}

ByteView view(const AssociatedData& data) { return {data.data(), data.size()}; }

// The fixed part, then what stands in the record (RFC 5288 3, 6655 3); ChaCha20 has the epoch and the
// sequence number for the latter and XORs it in (RFC 7905 2).
AeadNonce nonce_of(const DirectionKeys& keys, const std::uint8_t* eight_bytes) {
  AeadNonce nonce{};
  const ByteView fixed = keys.fixed_iv();
  std::copy(fixed.begin(), fixed.end(), nonce.begin());
  for (std::size_t i = 0; i < 8; ++i) {
    nonce[4 + i] ^= eight_bytes[i];
  }
  return nonce;
}

}  // namespace

struct RecordContexts::Slot {
  AeadContext aead_opening{AeadContext::Direction::open};
  AeadContext aead_sealing{AeadContext::Direction::seal};
  CbcContext cbc_opening{CbcContext::Direction::open};
  CbcContext cbc_sealing{CbcContext::Direction::seal};
};

RecordContexts::RecordContexts(std::size_t slots) : slots_(std::max<std::size_t>(slots, 1)) {}

RecordContexts::~RecordContexts() = default;

RecordContexts::Slot& RecordContexts::slot_of(std::uint64_t owner) {
  std::unique_ptr<Slot>& slot = slots_[owner % slots_.size()];
  if (slot == nullptr) {
    slot = std::make_unique<Slot>();
  }
  return *slot;
}

bool RecordContexts::seal(const DirectionKeys& keys, ContentType type, std::uint16_t epoch,
                          std::uint64_t sequence, std::uint64_t explicit_nonce, ByteView plaintext,
                          std::uint8_t* out) {
  if (plaintext.size() > max_plaintext) {
    return false;
  }
  const ProtectionSuite& suite = keys.suite;
  const std::size_t body_size = suite.sealed_size(plaintext.size()) - record_header_size;
  put_record_header(out, type, suite.version, epoch, sequence, body_size);
  std::uint8_t* const body = out + record_header_size;
  const bool covers_ciphertext = suite.kind == ProtectionSuite::Kind::cbc_encrypt_then_mac;
  const AssociatedData associated =
      associated_data(type, suite.version, epoch, sequence,
                      covers_ciphertext ? body_size - suite.tag_size : plaintext.size());
  Slot& slot = slot_of(keys.owner);
  bool sealed = false;
  if (suite.is_cbc()) {
    sealed = slot.cbc_sealing.seal(keys, view(associated), plaintext, body);
  } else {
    put_number(body, explicit_nonce, suite.explicit_size);
    const AeadNonce nonce = nonce_of(keys, suite.explicit_size > 0 ? body : associated.data());
    sealed = slot.aead_sealing.seal(keys, nonce, view(associated), plaintext, body + suite.explicit_size);
  }
  if (!sealed) {
    ERR_clear_error();
  }
  return sealed;
}

std::optional<std::size_t> RecordContexts::open(const DirectionKeys& keys, const Record& record,
                                                std::uint8_t* out) {
  const ProtectionSuite& suite = keys.suite;
  const ByteView body = record.body;
  if (!suite.can_open() || record.version != suite.version || body.size() < suite.least_body()) {
    return std::nullopt;
  }
  Slot& slot = slot_of(keys.owner);
  std::optional<std::size_t> size;
  if (suite.is_cbc()) {
    const auto associated = associated_data(record.type, suite.version, record.epoch, record.sequence,
                                            body.size() - suite.tag_size);
    size = slot.cbc_opening.open(keys, view(associated), body, out);
  } else {
    const std::size_t text_size = body.size() - suite.explicit_size - suite.tag_size;
    if (text_size > max_plaintext) {
      return std::nullopt;
    }
    const auto associated =
        associated_data(record.type, suite.version, record.epoch, record.sequence, text_size);
    const AeadNonce nonce = nonce_of(keys, suite.explicit_size > 0 ? body.data() : associated.data());
    if (slot.aead_opening.open(keys, nonce, view(associated), body.from(suite.explicit_size), out)) {
      size = text_size;
    }
  }
  if (!size) {
    ERR_clear_error();
  }
  return size;
}

void RecordContexts::forget(std::uint64_t owner) {
  if (Slot* const slot = slots_[owner % slots_.size()].get()) {
    slot->aead_opening.forget(owner);
    slot->aead_sealing.forget(owner);
    slot->cbc_opening.forget(owner);
    slot->cbc_sealing.forget(owner);
  }
}

}  // namespace dtls
