// The record layer of an established connection, whoever runs it: OpenSSL now, our own protection where
// connections are detached.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/bytes.h"
#include "core/fault.h"
#include "core/record.h"

namespace dtls {

struct Opened {
  enum class Kind {
    nothing,  // not authentic, or a replay: as if it had not come
    data,     // `length` bytes of application data
    control,  // authentic and handled (a warning, a retransmitted Finished)
    closed,   // close_notify
    failed,   // the connection is over: see RecordChannel::failure()
  };
  Kind kind = Kind::nothing;
  std::size_t length = 0;
};

class RecordChannel {
 public:
  virtual ~RecordChannel() = default;

  // Opens a record of epoch 1 into `out`, which has room for max_plaintext bytes.
  virtual Opened open(const Record& record, std::uint8_t* out) = 0;
  // One application record. False if the record layer can't (then see failure()).
  virtual bool seal(ByteView data) = 0;
  virtual void close_notify() = 0;

  // Whole records to send, from the calls above.
  virtual ByteView written() const = 0;
  virtual void clear_written() = 0;

  // Most application bytes in one record: 2^14 or the negotiated max_fragment_length (RFC 6066).
  virtual std::size_t max_data() const = 0;
  virtual const Failure& failure() const = 0;
};

}  // namespace dtls
