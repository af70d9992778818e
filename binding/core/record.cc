#include "core/record.h"

namespace dtls {

std::optional<Record> RecordReader::next() {
  if (rest_.empty() || malformed_) {
    return std::nullopt;
  }
  malformed_ = true;
  ByteReader reader(rest_);
  const std::uint8_t type = reader.u8();
  Record record;
  record.type = static_cast<ContentType>(type);
  record.version = reader.u16();
  record.epoch = reader.u16();
  record.sequence = reader.u48();
  const std::size_t length = reader.u16();
  record.body = reader.take(length);
  if (!reader.ok() || length > max_ciphertext) {
    return std::nullopt;
  }
  if (type < static_cast<std::uint8_t>(ContentType::change_cipher_spec) ||
      type > static_cast<std::uint8_t>(ContentType::heartbeat)) {
    return std::nullopt;
  }
  // DTLS versions count down from 0xfeff; a hello may bear a version that we don't know (RFC 6347 4.2.1).
  if ((record.version >> 8) != 0xfe) {
    return std::nullopt;
  }
  record.whole = rest_.sub(0, record_header_size + length);
  rest_ = rest_.from(record_header_size + length);
  malformed_ = false;
  return record;
}

std::optional<HandshakeFragment> FragmentReader::next() {
  if (rest_.empty() || malformed_) {
    return std::nullopt;
  }
  malformed_ = true;
  ByteReader reader(rest_);
  HandshakeFragment fragment;
  fragment.type = static_cast<HandshakeType>(reader.u8());
  fragment.length = reader.u24();
  fragment.message_seq = reader.u16();
  fragment.offset = reader.u24();
  const std::uint32_t fragment_length = reader.u24();
  fragment.body = reader.take(fragment_length);
  if (!reader.ok() || fragment.offset + fragment_length > fragment.length) {
    return std::nullopt;
  }
  rest_ = rest_.from(handshake_header_size + fragment_length);
  malformed_ = false;
  return fragment;
}

std::string version_name(std::uint16_t version) {
  const unsigned high = 0xff - (version >> 8);
  const unsigned low = 0xff - (version & 0xff);
  return "DTLS" + std::to_string(high) + '.' + std::to_string(low);
}

void put_record_header(std::uint8_t* to, ContentType type, std::uint16_t version, std::uint16_t epoch,
                       std::uint64_t sequence, std::size_t length) {
  to[0] = static_cast<std::uint8_t>(type);
  put_number(to + 1, version, 2);
  put_number(to + 3, epoch, 2);
  put_number(to + 5, sequence, 6);
  put_number(to + 11, length, 2);
}

}  // namespace dtls
