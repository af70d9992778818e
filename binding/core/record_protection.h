// Record protection of DTLS 1.2 under keys of our own: opening and sealing (RFC 5246 6.2.3, RFC 7366 for
// encrypt-then-MAC).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/bytes.h"
#include "core/key_block.h"
#include "core/protection_suite.h"
#include "core/record.h"

namespace dtls {

// Cipher contexts that all connections of an endpoint share. A context costs more than a kilobyte, so there
// is a bounded number of slots, each keyed for the connection that used it last; another one keys it anew.
class RecordContexts {
 public:
  static constexpr std::size_t default_slots = 256;

  explicit RecordContexts(std::size_t slots = default_slots);
  ~RecordContexts();
  RecordContexts(const RecordContexts&) = delete;
  RecordContexts& operator=(const RecordContexts&) = delete;

  // Writes a whole record of suite.sealed_size(plaintext.size()) bytes to `out`, which must not overlap the
  // plaintext. `explicit_nonce` is what GCM and CCM carry on the wire (RFC 5288, 6655), and may never repeat
  // under a key; the others ignore it. False if OpenSSL fails or the plaintext is longer than max_plaintext.
  bool seal(const DirectionKeys& keys, ContentType type, std::uint16_t epoch, std::uint64_t sequence,
            std::uint64_t explicit_nonce, ByteView plaintext, std::uint8_t* out);

  // The length of the plaintext, written to `out`, which has room for max_plaintext bytes. None if the record
  // is not authentic, and then `out` holds nothing of use. Not for MAC-then-encrypt.
  std::optional<std::size_t> open(const DirectionKeys& keys, const Record& record, std::uint8_t* out);

  // The connection has ended: its keys leave the slots.
  void forget(std::uint64_t owner);

 private:
  struct Slot;
  Slot& slot_of(std::uint64_t owner);

  std::vector<std::unique_ptr<Slot>> slots_;
};

}  // namespace dtls
