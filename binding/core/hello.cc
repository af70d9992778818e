#include "core/hello.h"

#include <algorithm>

namespace dtls {

namespace {

constexpr std::size_t random_size = 32;
constexpr std::size_t max_session_id = 32;
constexpr std::uint64_t room_for_our_numbers = 1 << 20;

bool claims(ByteView bytes, std::uint8_t first) { return !bytes.empty() && bytes[0] == first; }

HelloReading refused(HelloProblem problem) {
  HelloReading reading;
  reading.problem = problem;
  return reading;
}

}  // namespace

HelloReading read_client_hello(ByteView datagram) {
  RecordReader records(datagram);
  const std::optional<Record> record = records.next();
  if (!record) {
    const bool handshake = claims(datagram, static_cast<std::uint8_t>(ContentType::handshake));
    return refused(handshake ? HelloProblem::malformed : HelloProblem::not_a_hello);
  }
  if (record->type != ContentType::handshake || record->epoch != 0) {
    return refused(HelloProblem::not_a_hello);
  }

  FragmentReader fragments(record->body);
  const std::optional<HandshakeFragment> fragment = fragments.next();
  if (!fragment) {
    const bool hello = claims(record->body, static_cast<std::uint8_t>(HandshakeType::client_hello));
    return refused(hello ? HelloProblem::malformed : HelloProblem::not_a_hello);
  }
  if (fragment->type != HandshakeType::client_hello || fragment->message_seq > 1) {
    return refused(HelloProblem::not_a_hello);
  }
  // Our epoch-0 numbers go on from this one, and must not wrap.
  if (record->sequence > max_sequence - room_for_our_numbers) {
    return refused(HelloProblem::malformed);
  }
  if (!fragment->is_first()) {
    return refused(HelloProblem::later_fragment);
  }

  HelloReading reading;
  ClientHello& hello = reading.hello;
  hello.record_sequence = record->sequence;
  hello.message_seq = fragment->message_seq;
  hello.whole = fragment->is_whole();

  ByteReader reader(fragment->body);
  hello.client_version = reader.u16();
  hello.random = reader.take(random_size);
  const std::size_t session_id_size = reader.u8();
  hello.session_id = reader.take(session_id_size);
  const std::size_t covered_size = reader.position();
  const std::size_t cookie_size = reader.u8();
  hello.cookie = reader.take(cookie_size);
  if (!reader.ok() || session_id_size > max_session_id) {
    return refused(HelloProblem::malformed);
  }
  hello.covered = fragment->body.sub(0, covered_size);

  const std::size_t suites_size = reader.u16();
  const ByteView suites = reader.take(suites_size);
  if (reader.ok()) {
    hello.cipher_suite_count = static_cast<unsigned>(suites.size() / 2);
  }
  return reading;
}

std::array<std::uint8_t, 32> ClientHello::random_array() const {
  std::array<std::uint8_t, 32> copy{};
  std::copy(random.begin(), random.end(), copy.begin());
  return copy;
}

HelloVerifyRequest::HelloVerifyRequest(std::uint64_t record_sequence, ByteView cookie) {
  const std::size_t body_size = 2 + 1 + cookie.size();
  size_ = record_header_size + handshake_header_size + body_size;
  put_record_header(bytes_.data(), ContentType::handshake, dtls_1_0, 0, record_sequence,
                    handshake_header_size + body_size);
  std::uint8_t* message = bytes_.data() + record_header_size;
  put_number(message, static_cast<std::uint8_t>(HandshakeType::hello_verify_request), 1);
  put_number(message + 1, body_size, 3);
  put_number(message + 4, 0, 2);  // message_seq
  put_number(message + 6, 0, 3);  // fragment_offset
  put_number(message + 9, body_size, 3);
  put_number(message + 12, dtls_1_0, 2);
  put_number(message + 14, cookie.size(), 1);
  std::memcpy(message + 15, cookie.data(), cookie.size());
}

}  // namespace dtls
