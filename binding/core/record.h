// The DTLS record (RFC 6347 4.1) and handshake fragment (4.2.2) as they stand on the wire.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "core/bytes.h"

namespace dtls {

enum class ContentType : std::uint8_t {
  change_cipher_spec = 20,
  alert = 21,
  handshake = 22,
  application_data = 23,
  heartbeat = 24,
};

enum class HandshakeType : std::uint8_t {
  hello_request = 0,
  client_hello = 1,
  server_hello = 2,
  hello_verify_request = 3,
  new_session_ticket = 4,
  certificate = 11,
  server_key_exchange = 12,
  certificate_request = 13,
  server_hello_done = 14,
  certificate_verify = 15,
  client_key_exchange = 16,
  finished = 20,
  certificate_status = 22,
};

constexpr std::uint16_t dtls_1_0 = 0xfeff;
constexpr std::uint16_t dtls_1_2 = 0xfefd;

// "DTLS1.2"; versions count down, and one that is newer than this code is shown by its number.
std::string version_name(std::uint16_t version);

constexpr std::size_t record_header_size = 13;
constexpr std::size_t handshake_header_size = 12;
constexpr std::size_t max_plaintext = 16384;                  // 2^14, RFC 5246 6.2.1
constexpr std::size_t max_ciphertext = max_plaintext + 2048;  // RFC 5246 6.2.3
constexpr std::uint64_t max_sequence = (std::uint64_t{1} << 48) - 1;

struct Record {
  ContentType type{};
  std::uint16_t version = 0;
  std::uint16_t epoch = 0;
  std::uint64_t sequence = 0;
  ByteView body;
  ByteView whole;  // header and body
};

// Walks the records of one datagram. A record of a foreign version, of an unknown type or one that is
// longer than what is left ends the walk with malformed() true: what follows can't be found.
class RecordReader {
 public:
  explicit RecordReader(ByteView datagram) : rest_(datagram) {}
  std::optional<Record> next();
  bool malformed() const { return malformed_; }

 private:
  ByteView rest_;
  bool malformed_ = false;
};

struct HandshakeFragment {
  HandshakeType type{};
  std::uint32_t length = 0;  // of the whole message
  std::uint16_t message_seq = 0;
  std::uint32_t offset = 0;
  ByteView body;  // this fragment

  bool is_first() const { return offset == 0; }
  bool is_whole() const { return offset == 0 && body.size() == length; }
};

// Walks the fragments of one handshake record's body; several may share a record (RFC 6347 4.2.3).
class FragmentReader {
 public:
  explicit FragmentReader(ByteView record_body) : rest_(record_body) {}
  std::optional<HandshakeFragment> next();
  bool malformed() const { return malformed_; }

 private:
  ByteView rest_;
  bool malformed_ = false;
};

// Writes the 13 bytes of a record header.
void put_record_header(std::uint8_t* to, ContentType type, std::uint16_t version, std::uint16_t epoch,
                       std::uint64_t sequence, std::size_t length);

}  // namespace dtls
