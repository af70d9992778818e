// Records of a connection that stays attached to OpenSSL: MAC-then-encrypt, whose decoding needs constant
// time.
#pragma once

#include <memory>

#include "core/detached_records.h"
#include "core/record_channel.h"
#include "core/replay_window.h"
#include "core/ssl_conduit.h"

namespace dtls {

class AttachedRecords final : public RecordChannel {
 public:
  // `sealer` has the keys, to seal what OpenSSL can't send (none: it is not sent). The first `used` numbers
  // that OpenSSL would take have served records that we sealed. `read`: the numbers that it has read.
  AttachedRecords(std::unique_ptr<SslConduit> conduit, std::unique_ptr<DetachedRecords> sealer,
                  std::size_t max_data, std::uint64_t used, const ReplayWindow& read);
  ~AttachedRecords() override;

  Opened open(const Record& record, std::uint8_t* out, const Io& io) override;
  bool send(ByteView data, const Io& io) override;
  void send_alert(std::uint8_t level, std::uint8_t description, const Io& io) override;
  std::size_t max_data() const override { return max_data_; }
  Failure failure() const override { return failure_; }
  std::uint64_t unlimited_forgeries() const override { return forgeries_; }

 private:
  bool takes_handshake_records() const;
  Opened classify(int result, ContentType type);
  bool write(ByteView data);
  bool send_sealed(ContentType type, ByteView plaintext, const Io& io);
  void note_outcome(const Record& record, Opened::Kind kind);
  void flush(const Io& io);

  std::unique_ptr<SslConduit> conduit_;
  std::unique_ptr<DetachedRecords> sealer_;
  std::size_t max_data_;
  // OpenSSL has a window of its own, but says of no record why it ignores it.
  ReplayWindow window_;
  std::uint64_t forgeries_ = 0;
  int final_flight_resends_ = 0;
  bool renegotiation_refused_ = false;
  Failure failure_;
};

}  // namespace dtls
