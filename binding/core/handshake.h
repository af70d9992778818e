// One server handshake: the SSL object while it lives, and what may reach it.
//
// Anybody can send clear text from a peer's address, and OpenSSL ends a handshake at the first record that
// does not belong. So it gets only records that can be the client's next: handshake messages of the right
// type and number, one well-formed ChangeCipherSpec once it is expected, and epoch-1 handshake records after
// that. All else waits (early epoch-1 records, within bounds) or is dropped and counted.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/counters.h"
#include "core/fault.h"
#include "core/record.h"
#include "core/security_context.h"
#include "core/ssl_conduit.h"

namespace dtls {

class Handshake {
 public:
  enum class Status { in_progress, complete, failed };

  // Early records that are kept per handshake.
  static constexpr std::size_t max_held_records = 16;
  static constexpr std::size_t max_held_bytes = 8192;

  // Throws std::bad_alloc.
  Handshake(std::shared_ptr<const SecurityContext> security, std::size_t mtu);

  // The second hello, whose cookie has been checked: whole, or its first fragment.
  Status begin(const Record& hello);
  // Any later record. What is not taken is counted in `counters`. After completion, as long as the final
  // flight is withheld, the client can only repeat itself, which is dropped, or close, which is held.
  Status receive(const Record& record, Counters& counters);
  Status status() const { return status_; }
  bool change_cipher_spec_read() const { return change_cipher_spec_fed_; }

  // Its written() is what OpenSSL has to say.
  SslConduit& conduit() { return *conduit_; }
  // A flight begins in it, not only an alert: to be kept for retransmission.
  bool has_flight_written() const;

  const Failure& failure() const { return failure_; }
  std::vector<std::uint8_t> client_certificate() const;  // DER; empty if there is none

  // Early application data and alerts of epoch 1, in the order they came, back to back.
  ByteView held_records() const { return held_; }

  // After completion: the SSL goes on as the connection's record layer.
  std::unique_ptr<SslConduit> take_conduit() { return std::move(conduit_); }

 private:
  Status step();
  Status feed(ContentType type, std::uint16_t epoch, std::uint64_t sequence, ByteView body);
  Status feed_epoch_zero(ContentType type, ByteView body);
  Status receive_handshake(const Record& record, Counters& counters);
  bool is_clients_turn(const HandshakeFragment& fragment) const;
  bool fits_its_message(const HandshakeFragment& fragment);
  bool awaits_change_cipher_spec() const;
  Status try_change_cipher_spec();
  void hold(const Record& record, Counters& counters);

  std::shared_ptr<const SecurityContext> security_;
  std::unique_ptr<SslConduit> conduit_;
  Status status_ = Status::in_progress;
  Failure failure_;
  // Spoofed records must not close OpenSSL's replay window of epoch 0, so it sees numbers of ours.
  std::uint64_t next_fed_sequence_ = 0;
  bool change_cipher_spec_seen_ = false;
  bool change_cipher_spec_fed_ = false;
  // Total length of each message by its number, as its first fragment told: OpenSSL ends the handshake
  // without a word when another fragment tells another.
  std::array<std::optional<std::uint32_t>, 5> message_lengths_;
  std::size_t held_count_ = 0;
  std::vector<std::uint8_t> held_finished_;  // epoch-1 handshake records that came before their time
  std::vector<std::uint8_t> held_;
};

}  // namespace dtls
