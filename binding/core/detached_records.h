// Records of a connection that has left OpenSSL behind: its keys, its sequence numbers and its replay window.
#pragma once

#include <cstdint>
#include <vector>

#include "core/connection_id.h"
#include "core/record_channel.h"
#include "core/record_protection.h"
#include "core/replay_window.h"

namespace dtls {

class DetachedRecords final : public RecordChannel {
 public:
  DetachedRecords(const ProtectionSuite& suite, KeyBlock keys, ConnectionId owner);

  // --- while OpenSSL still has the handshake
  // OpenSSL has sealed this record with the same keys: we go on behind its numbers.
  void follow(const Record& sealed_by_openssl);
  // Whether the record is authentic and new. authenticate() marks the replay window: it can't be opened
  // later.
  bool is_authentic(const Record& record, RecordContexts& contexts);
  bool authenticate(const Record& record, RecordContexts& contexts);
  void set_max_data(std::size_t bytes) { max_data_ = static_cast<std::uint16_t>(bytes); }
  void number_next(std::uint64_t sequence) { next_sequence_ = sequence; }  // AttachedRecords keeps it unique
  std::uint64_t next_sequence() const { return next_sequence_; }
  const ProtectionSuite& suite() const { return *suite_; }

  // --- established
  Opened open(const Record& record, std::uint8_t* out, const Io& io) override;
  bool send(ByteView data, const Io& io) override { return send(ContentType::application_data, data, io); }
  bool send(ContentType type, ByteView data, const Io& io);
  void send_alert(std::uint8_t level, std::uint8_t description, const Io& io) override;
  std::size_t max_data() const override { return max_data_; }
  Failure failure() const override { return {fault_, alert_, reason_}; }
  std::uint64_t unlimited_forgeries() const override {
    return suite_->forgery_limit == ProtectionSuite::no_limit ? forgeries_ : 0;
  }
  DetachedRecords* detached() override { return this; }

  // A whole record under the next number, for a flight that is sent again. Empty if that can't be.
  std::vector<std::uint8_t> seal(ContentType type, ByteView plaintext, RecordContexts& contexts);

 private:
  friend struct RecordStateForTests;

  Opened open_alert(ByteView message);
  Opened refuse_forgery();
  bool seal_into(ContentType type, ByteView plaintext, RecordContexts& contexts, std::uint8_t* out);
  bool may_seal(std::size_t plaintext_size, std::uint64_t last_sequence);
  bool fail(Fault fault, const char* reason);
  DirectionKeys keys_of(Writer writer) const { return {*suite_, keys_, writer, owner_}; }

  const ProtectionSuite* suite_;
  KeyBlock keys_;
  ConnectionId owner_;
  std::uint64_t next_sequence_ = 0;
  std::uint64_t next_nonce_ = 0;  // the explicit part, of GCM and CCM
  std::uint64_t sealed_blocks_ = 0;
  std::uint64_t forgeries_ = 0;
  ReplayWindow window_;
  const char* reason_ = "";
  Fault fault_ = Fault::none;
  std::int16_t alert_ = -1;
  std::uint16_t max_data_ = max_plaintext;
};

}  // namespace dtls
