// Records and handshake fragments by their numbers (RFC 6347 4.1, 4.2.2): right ones, and ones that no peer
// would send.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/bytes.h"
#include "core/record.h"

namespace simulation {

using Bytes = std::vector<std::uint8_t>;

inline constexpr std::array content_types = {
    dtls::ContentType::change_cipher_spec, dtls::ContentType::alert, dtls::ContentType::handshake,
    dtls::ContentType::application_data, dtls::ContentType::heartbeat};

// A body may be longer than the protocol allows, up to the 65535 bytes that the header can tell.
inline Bytes record(dtls::ContentType type, std::uint16_t epoch, std::uint64_t sequence, dtls::ByteView body,
                    std::uint16_t version = dtls::dtls_1_2) {
  Bytes bytes(dtls::record_header_size);
  dtls::put_record_header(bytes.data(), type, version, epoch, sequence, body.size());
  dtls::append(bytes, body);
  return bytes;
}

inline Bytes fragment(dtls::HandshakeType type, std::size_t message_length, unsigned message_seq,
                      std::size_t offset, dtls::ByteView body) {
  Bytes bytes;
  dtls::append_number(bytes, static_cast<std::uint8_t>(type), 1);
  dtls::append_number(bytes, message_length, 3);
  dtls::append_number(bytes, message_seq, 2);
  dtls::append_number(bytes, offset, 3);
  dtls::append_number(bytes, body.size(), 3);
  dtls::append(bytes, body);
  return bytes;
}

// A message in one fragment.
inline Bytes message(dtls::HandshakeType type, unsigned message_seq, dtls::ByteView body) {
  return fragment(type, body.size(), message_seq, 0, body);
}

}  // namespace simulation
