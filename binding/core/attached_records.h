// Records of a connection that stays attached to OpenSSL.
#pragma once

#include <memory>

#include "core/protection_suite.h"
#include "core/record_channel.h"
#include "core/ssl_conduit.h"

namespace dtls {

class AttachedRecords final : public RecordChannel {
 public:
  explicit AttachedRecords(std::unique_ptr<SslConduit> conduit);

  Opened open(const Record& record, std::uint8_t* out) override;
  bool seal(ByteView data) override;
  void close_notify() override;
  ByteView written() const override { return conduit_->written(); }
  void clear_written() override { conduit_->clear_written(); }
  std::size_t max_data() const override { return max_data_; }
  const Failure& failure() const override { return failure_; }

 private:
  Opened classify(int result);
  bool seal_empty();

  std::unique_ptr<SslConduit> conduit_;
  std::size_t max_data_;
  const ProtectionSuite* suite_;
  int final_flight_resends_ = 0;
  Failure failure_;
};

}  // namespace dtls
