// A client that holds the keys: it sends what OpenSSL would not, and reads what OpenSSL would not show.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "core/bytes.h"
#include "core/key_block.h"
#include "core/record.h"
#include "core/record_protection.h"
#include "simulation/client.h"

namespace simulation {

// A suite for tests that don't care.
constexpr const char* insider_suite = "ECDHE-ECDSA-AES128-GCM-SHA256";

// The keys of one connection, which live on without the client.
class ClientKeys {
 public:
  // Throws std::runtime_error if there are none yet.
  static ClientKeys of(Client& client);

  const dtls::ProtectionSuite& suite() const { return *suite_; }

  // An epoch-1 record that authenticates as the client's. OpenSSL's own records number from 0: take far
  // higher ones, and never one twice.
  Bytes seal(dtls::ContentType type, std::uint64_t sequence, dtls::ByteView plaintext);

  // What the server has put into this record; none if it is not the server's.
  std::optional<Bytes> open(dtls::ByteView record);

 private:
  ClientKeys(const dtls::ProtectionSuite& suite, dtls::KeyBlock block);
  dtls::DirectionKeys keys_of(dtls::Writer writer) const;

  const dtls::ProtectionSuite* suite_;
  dtls::KeyBlock block_;
  std::unique_ptr<dtls::RecordContexts> contexts_;
  Bytes room_;  // to open records into
};

inline Bytes seal_as_client(Client& client, dtls::ContentType type, std::uint64_t sequence,
                            dtls::ByteView plaintext) {
  return ClientKeys::of(client).seal(type, sequence, plaintext);
}

inline std::optional<Bytes> open_as_client(Client& client, dtls::ByteView record) {
  return ClientKeys::of(client).open(record);
}

}  // namespace simulation
