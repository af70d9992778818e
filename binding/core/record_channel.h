// The record layer of an established connection, whoever runs it: our own protection (detached_records), or
// OpenSSL where a connection has to stay attached to it (attached_records).
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/alert.h"
#include "core/bytes.h"
#include "core/fault.h"
#include "core/outbox.h"
#include "core/record.h"
#include "core/record_protection.h"
#include "core/record_sender.h"

namespace dtls {

class DetachedRecords;

struct Opened {
  enum class Kind {
    nothing,        // not authentic, or a replay: as if it had not come
    data,           // `length` bytes of application data
    heartbeat,      // `length` bytes of a heartbeat message (detached connections only)
    control,        // authentic and of no further consequence, or answered already
    finished,       // the client repeats its Finished: it lacks our final flight
    renegotiation,  // a protected ClientHello
    closed,         // close_notify
    failed,         // the connection is over: see RecordChannel::failure()
  };
  Kind kind = Kind::nothing;
  std::size_t length = 0;
  AlertMessage alert = {};  // the one that came
  bool answered = false;    // of `finished` and `renegotiation`: by OpenSSL, attached
};

class RecordChannel {
 public:
  // What a channel works with for the length of a call; it keeps nothing of it.
  struct Io {
    RecordContexts& contexts;
    RecordSender& sender;
    Outbox& outbox;
  };

  virtual ~RecordChannel() = default;

  // Opens a record of epoch 1 into `out`, which has room for max_plaintext bytes.
  virtual Opened open(const Record& record, std::uint8_t* out, const Io& io) = 0;
  // One application record. False if the record layer can't (then see failure()).
  virtual bool send(ByteView data, const Io& io) = 0;
  virtual void send_alert(std::uint8_t level, std::uint8_t description, const Io& io) = 0;

  // Most application bytes in one record: 2^14 or the negotiated max_fragment_length (RFC 6066).
  virtual std::size_t max_data() const = 0;
  virtual Failure failure() const = 0;

  // Records that failed to authenticate, where the suite sets no limit for them: worth a word in the log.
  virtual std::uint64_t unlimited_forgeries() const = 0;

  // What only detached connections have; null for the others.
  virtual DetachedRecords* detached() { return nullptr; }
};

}  // namespace dtls
