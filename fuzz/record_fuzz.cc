// Any bytes as a datagram: records and handshake fragments (RFC 6347 4.1, 4.2.2).
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/record.h"
#include "support/promise.h"

using dtls::ByteView;
using fuzz::promise;

namespace {

void walk_fragments(ByteView body) {
  dtls::FragmentReader fragments(body);
  const std::uint8_t* expected = body.begin();
  while (const auto fragment = fragments.next()) {
    promise(fragment->body.begin() == expected + dtls::handshake_header_size, "fragments follow one another");
    promise(fragment->body.end() <= body.end(), "a fragment stays inside its record");
    promise(fragment->offset + fragment->body.size() <= fragment->length,
            "a fragment stays inside its message");
    promise(fragment->is_whole() == (fragment->body.size() == fragment->length),
            "a fragment is whole exactly if it has all bytes of its message");
    promise(fragment->is_first() || !fragment->is_whole(), "a later fragment is never whole");
    promise(!fragments.malformed(), "a fragment that was returned is not malformed");
    expected = fragment->body.end();
  }
  promise(fragments.malformed() || expected == body.end(),
          "the fragments are all of the record, or malformed");
  promise(!fragments.next().has_value(), "a walk that has ended stays ended");
}

void put_header_back(const dtls::Record& record) {
  std::array<std::uint8_t, dtls::record_header_size> header{};
  dtls::put_record_header(header.data(), record.type, record.version, record.epoch, record.sequence,
                          record.body.size());
  promise(ByteView(header.data(), header.size()) == record.whole.sub(0, dtls::record_header_size),
          "a header that is written reads like the one it was made from");
}

void walk_records(ByteView datagram) {
  dtls::RecordReader records(datagram);
  const std::uint8_t* expected = datagram.begin();
  while (const auto record = records.next()) {
    promise(record->whole.begin() == expected, "records follow one another");
    promise(record->whole.end() <= datagram.end(), "a record stays inside the datagram");
    promise(record->whole.size() == dtls::record_header_size + record->body.size(),
            "a record is its header and its body");
    promise(record->body.end() == record->whole.end(), "the body is the end of the record");
    promise(record->body.size() <= dtls::max_ciphertext, "no body is longer than the protocol's longest");
    promise(record->sequence <= dtls::max_sequence, "a sequence number has 48 bits");
    promise(!records.malformed(), "a record that was returned is not malformed");
    put_header_back(*record);
    walk_fragments(record->body);
    expected = record->whole.end();
  }
  promise(records.malformed() || expected == datagram.end(),
          "the records are all of the datagram, or malformed");
  promise(!records.next().has_value(), "a walk that has ended stays ended");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  walk_records({data, size});
  walk_fragments({data, size});
  return 0;
}
