#include "simulation/used_numbers.h"

#include "core/record.h"
#include "simulation/client.h"
#include "simulation/server_hello.h"

namespace simulation {

namespace {

std::size_t explicit_nonce_size(std::uint16_t suite) {
  const SSL_CIPHER* const cipher = Client::suite(suite);
  // Encrypt-then-MAC or not, the IV is the same.
  const dtls::ProtectionSuite* const protection =
      cipher != nullptr ? dtls::ProtectionSuite::of(cipher, true) : nullptr;
  return protection != nullptr ? protection->explicit_size : 0;
}

}  // namespace

const char* UsedNumbers::enter(dtls::ConnectionId id, dtls::ByteView datagram) {
  dtls::RecordReader records(datagram);
  while (const auto record = records.next()) {
    if (record->epoch == 0) {
      const bool is_handshake = record->type == dtls::ContentType::handshake;
      if (const auto suite = is_handshake ? chosen_suite(record->body) : std::nullopt) {
        used_[id].nonce_size = explicit_nonce_size(*suite);
      }
      continue;
    }
    Used& used = used_[id];
    if (!used.numbers.emplace(record->epoch, record->sequence).second) {
      return "a record number serves twice under a key";
    }
    const bool has_nonce = used.nonce_size > 0 && record->body.size() >= used.nonce_size;
    if (has_nonce && !used.nonces.insert(record->body.sub(0, used.nonce_size).copy()).second) {
      return "an explicit nonce serves twice under a key";
    }
  }
  return nullptr;
}

}  // namespace simulation
