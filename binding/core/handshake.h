// One server handshake: the SSL object while it lives, and what may reach it.
//
// Anybody can send clear text from a peer's address, and OpenSSL ends a handshake at the first record that
// does not belong. So it gets only records that can be the client's next: handshake messages of the right
// type and number, one well-formed ChangeCipherSpec once it is expected, and after that epoch-1 handshake
// records that authenticate under our own copy of the keys (DetachedRecords), whose replay window they mark.
// All else waits (early epoch-1 records, within bounds) or is dropped and counted.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/clock.h"
#include "core/detached_records.h"
#include "core/drops.h"
#include "core/fault.h"
#include "core/hello_extensions.h"
#include "core/negotiated.h"
#include "core/record.h"
#include "core/record_protection.h"
#include "core/replay_window.h"
#include "core/resumable_session.h"
#include "core/security_context.h"
#include "core/session_data.h"
#include "core/ssl_conduit.h"

namespace dtls {

class Handshake final : private MessageObserver {
 public:
  enum class Status { in_progress, complete, failed };

  // Early records that are kept per handshake.
  static constexpr std::size_t max_held_records = 16;
  static constexpr std::size_t max_held_bytes = 8192;

  struct Options {
    std::size_t mtu;
    ConnectionId id;  // the connection to be; names its keys
    HeartbeatMode heartbeat_mode = HeartbeatMode::none;
    WallTime now;  // of tickets
  };

  // Throws std::bad_alloc.
  Handshake(std::shared_ptr<const SecurityContext> security, RecordContexts& contexts, const Options& options,
            MessageObserver& observer);

  // The second hello, whose cookie has been checked: whole, or its first fragment.
  Status begin(const Record& hello);
  // Any later record. What is not taken goes to `drops`. After completion, as long as the final
  // flight is withheld, the client can only repeat itself, which is dropped, or close, which is held.
  Status receive(const Record& record, const PeerDrops& drops);
  Status status() const { return status_; }
  bool change_cipher_spec_read() const { return change_cipher_spec_fed_; }

  SSL* ssl() const { return conduit_->ssl(); }
  // What OpenSSL has to say, back to back.
  ByteView written() const { return conduit_->written(); }
  void clear_written() { conduit_->clear_written(), followed_ = 0; }
  // A flight begins in it, not only an alert: to be kept for retransmission.
  bool has_flight_written() const;
  // A written flight, as it goes out again: under a fresh number where it has a protected record.
  std::vector<std::uint8_t> flight_again(ByteView records);

  const Failure& failure() const { return failure_; }
  const HelloExtensions& extensions() const { return extensions_; }
  bool is_resumed() const { return SSL_session_reused(ssl()) != 0; }
  std::uint16_t version() const;                         // as negotiated, once the hello has been read
  Negotiated negotiated() const;                         // once complete
  std::vector<std::uint8_t> client_certificate() const;  // DER; empty if there is none
  // Bits of CertificateReason, if clients are asked for a certificate and this one has shown one.
  std::uint32_t verify_client_certificate(WallTime now) const;
  bool wants_client_certificate() const { return security_->requests_client_certificate(); }
  void forget_session();  // it can't be resumed
  std::unique_ptr<ResumableSession> cached_session() const { return ResumableSession::of(ssl(), security_); }
  ByteView finished_message() const { return finished_; }  // the server's, in clear text

  // Early application data and alerts of epoch 1, in the order they came, back to back.
  ByteView held_records() const { return held_; }

  // After completion. The SSL object is freed, or goes on as the record layer where it has to.
  std::unique_ptr<RecordChannel> take_channel();

 private:
  void on_handshake_message(bool sent, ByteView message) override;
  void on_alert(bool sent, AlertMessage alert) override { observer_.on_alert(sent, alert); }
  void on_key_log(std::string_view line) override { observer_.on_key_log(line); }

  Status step();
  Status feed(ContentType type, std::uint16_t epoch, std::uint64_t sequence, ByteView body);
  Status feed_epoch_zero(ContentType type, ByteView body);
  Status feed_finished(const Record& record, const PeerDrops& drops);
  Status receive_handshake(const Record& record, const PeerDrops& drops);
  bool is_clients_turn(const HandshakeFragment& fragment) const;
  bool fits_its_message(const HandshakeFragment& fragment);
  bool awaits_change_cipher_spec() const;
  Status try_change_cipher_spec(const PeerDrops& drops);
  void hold(const Record& record, const PeerDrops& drops);
  void exchange_session_data();
  bool take_keys();
  bool follow_written();
  Status fail_for_keys();
  std::size_t negotiated_max_data() const;

  std::shared_ptr<const SecurityContext> security_;
  RecordContexts& contexts_;
  MessageObserver& observer_;
  const ConnectionId id_;
  const WallTime started_;
  HelloExtensions extensions_;
  std::unique_ptr<SslConduit> conduit_;
  std::unique_ptr<DetachedRecords> protection_;  // from the moment the keys are known
  Status status_ = Status::in_progress;
  Failure failure_;
  // Spoofed records must not close OpenSSL's replay window of epoch 0, so it sees numbers of ours.
  std::uint64_t next_fed_sequence_ = 0;
  bool cookie_exchanged_ = false;
  bool change_cipher_spec_seen_ = false;
  bool change_cipher_spec_fed_ = false;
  std::uint64_t openssl_sequence_ = 0;  // the next one OpenSSL would write in epoch 1
  std::size_t followed_ = 0;            // of written()
  // Total length of each message by its number, as its first fragment told: OpenSSL ends the handshake
  // without a word when another fragment tells another.
  std::array<std::optional<std::uint32_t>, 5> message_lengths_;
  std::size_t held_count_ = 0;
  std::vector<std::uint8_t> held_finished_;  // epoch-1 handshake records that came before their time
  std::vector<std::uint8_t> held_;
  ReplayWindow read_by_openssl_;  // of epoch 1
  std::vector<std::uint8_t> finished_;
  std::uint16_t key_exchange_bits_ = 0;
  bool is_too_large_to_resume_ = false;
  CertificatesPtr resumed_chain_;  // of the client, from its session
};

}  // namespace dtls
