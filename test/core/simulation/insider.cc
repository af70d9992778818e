#include "simulation/insider.h"

#include <stdexcept>

#include "core/record_protection.h"

namespace simulation {

namespace {

// One context per call keeps the tests apart; they are not in a hurry.
constexpr std::uint64_t owner = 1;

struct Keys {
  const dtls::ProtectionSuite* suite;
  dtls::KeyBlock block;
};

Keys keys_of(Client& client) {
  const dtls::ProtectionSuite* suite =
      dtls::ProtectionSuite::of(SSL_get_current_cipher(client.ssl()), client.encrypts_then_macs());
  std::optional<dtls::KeyBlock> block;
  if (suite != nullptr) {
    block = dtls::KeyBlock::derive(client.ssl(), *suite);
  }
  if (!block) {
    throw std::runtime_error("the client has no keys");
  }
  return {suite, std::move(*block)};
}

}  // namespace

Bytes seal_as_client(Client& client, dtls::ContentType type, std::uint64_t sequence,
                     dtls::ByteView plaintext) {
  constexpr std::uint64_t epoch_one = std::uint64_t{1} << 48;
  const Keys keys = keys_of(client);
  dtls::RecordContexts contexts(1);
  Bytes record(keys.suite->sealed_size(plaintext.size()));
  if (!contexts.seal({*keys.suite, keys.block, dtls::Writer::client, owner}, type, 1, sequence,
                     epoch_one | sequence, plaintext, record.data())) {
    throw std::runtime_error("the record can't be sealed");
  }
  return record;
}

std::optional<Bytes> open_as_client(Client& client, dtls::ByteView record) {
  const Keys keys = keys_of(client);
  dtls::RecordContexts contexts(1);
  dtls::RecordReader reader(record);
  const auto read = reader.next();
  Bytes plaintext(dtls::max_plaintext);
  if (!read || read->epoch != 1) {
    return std::nullopt;
  }
  const auto size =
      contexts.open({*keys.suite, keys.block, dtls::Writer::server, owner}, *read, plaintext.data());
  if (!size) {
    return std::nullopt;
  }
  plaintext.resize(*size);
  return plaintext;
}

}  // namespace simulation
