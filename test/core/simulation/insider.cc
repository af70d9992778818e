#include "simulation/insider.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "core/openssl_ptr.h"

namespace simulation {

namespace {

constexpr std::uint64_t owner = 1;  // each client has contexts of its own

void require(bool condition, const char* what) {
  if (!condition) {
    throw std::runtime_error(what);
  }
}

Bytes decrypt_cbc(const dtls::DirectionKeys& keys, dtls::ByteView iv, dtls::ByteView ciphertext) {
  const dtls::EvpCipherCtxPtr ctx(EVP_CIPHER_CTX_new());
  Bytes text(ciphertext.size());
  int size = 0;
  require(ctx != nullptr &&
              EVP_DecryptInit_ex(ctx.get(), keys.suite.cipher, nullptr, keys.key().data(), iv.data()) == 1 &&
              EVP_CIPHER_CTX_set_padding(ctx.get(), 0) == 1 &&
              EVP_DecryptUpdate(ctx.get(), text.data(), &size, ciphertext.data(),
                                static_cast<int>(ciphertext.size())) == 1,
          "the record can't be decrypted");
  return text;
}

// As plainly as only a test may: the time this takes tells of the padding (Lucky 13).
std::optional<Bytes> open_mac_then_encrypt(const dtls::DirectionKeys& keys, const dtls::Record& record) {
  const std::size_t block = keys.suite.explicit_size;
  const std::size_t mac_size = keys.suite.mac_key_size;
  if (record.body.size() < keys.suite.least_body() || record.body.size() % block != 0) {
    return std::nullopt;
  }
  Bytes text = decrypt_cbc(keys, record.body.sub(0, block), record.body.from(block));
  const std::size_t padding = std::size_t{text.back()} + 1;
  if (padding + mac_size > text.size() ||
      !std::all_of(text.end() - static_cast<std::ptrdiff_t>(padding), text.end(),
                   [&](std::uint8_t byte) { return byte == text.back(); })) {
    return std::nullopt;
  }
  const std::size_t size = text.size() - padding - mac_size;
  Bytes covered = record.whole.sub(3, 8).copy();  // epoch and sequence number
  dtls::append_number(covered, static_cast<std::uint8_t>(record.type), 1);
  dtls::append_number(covered, record.version, 2);
  dtls::append_number(covered, size, 2);
  dtls::append(covered, {text.data(), size});
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> mac{};
  std::size_t length = 0;
  const dtls::ByteView key = keys.mac_key();
  require(EVP_Q_mac(nullptr, "HMAC", nullptr, keys.suite.digest, nullptr, key.data(), key.size(),
                    covered.data(), covered.size(), mac.data(), mac.size(), &length) != nullptr,
          "the record's MAC can't be computed");
  if (dtls::ByteView(mac.data(), length) != dtls::ByteView(text.data() + size, mac_size)) {
    return std::nullopt;
  }
  text.resize(size);
  return text;
}

}  // namespace

ClientKeys::ClientKeys(const dtls::ProtectionSuite& suite, dtls::KeyBlock block)
    : suite_(&suite),
      block_(std::move(block)),
      contexts_(std::make_unique<dtls::RecordContexts>(1)),
      room_(dtls::max_plaintext) {}

ClientKeys ClientKeys::of(Client& client) {
  const SSL_CIPHER* const cipher = SSL_get_current_cipher(client.ssl());
  const auto version = static_cast<std::uint16_t>(SSL_version(client.ssl()));
  const dtls::ProtectionSuite* const suite =
      cipher != nullptr ? dtls::ProtectionSuite::of(cipher, client.encrypts_then_macs(), version) : nullptr;
  require(suite != nullptr, "the client has no suite");
  std::optional<dtls::KeyBlock> block = dtls::KeyBlock::derive(client.ssl(), *suite);
  require(block.has_value(), "the client has no keys");
  return {*suite, std::move(*block)};
}

dtls::DirectionKeys ClientKeys::keys_of(dtls::Writer writer) const {
  return {*suite_, block_, writer, owner};
}

Bytes ClientKeys::seal(dtls::ContentType type, std::uint64_t sequence, dtls::ByteView plaintext) {
  constexpr std::uint64_t epoch_one = std::uint64_t{1} << 48;
  Bytes record(suite_->sealed_size(plaintext.size()));
  require(contexts_->seal(keys_of(dtls::Writer::client), type, 1, sequence, epoch_one | sequence, plaintext,
                          record.data()),
          "the record can't be sealed");
  return record;
}

std::optional<Bytes> ClientKeys::open(dtls::ByteView record) {
  dtls::RecordReader reader(record);
  const auto read = reader.next();
  if (!read || read->epoch != 1) {
    return std::nullopt;
  }
  const dtls::DirectionKeys keys = keys_of(dtls::Writer::server);
  if (!suite_->can_open()) {
    return open_mac_then_encrypt(keys, *read);
  }
  const auto size = contexts_->open(keys, *read, room_.data());
  return size ? std::optional<Bytes>(Bytes(room_.data(), room_.data() + *size)) : std::nullopt;
}

}  // namespace simulation
