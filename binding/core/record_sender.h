// Puts records on their way to one peer, in clear text or protected.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/address.h"
#include "core/bytes.h"
#include "core/connection_id.h"
#include "core/outbox.h"
#include "core/record.h"

namespace dtls {

// Epoch-0 records are not authenticated, so their numbers are ours to give: each time a record leaves it
// gets a fresh one, retransmissions included (RFC 6347 4.1, 4.2.4). The first ServerHello record takes the
// number of the second hello's record. Records of later epochs keep theirs.
class RecordSender {
 public:
  RecordSender(const Address& peer, ConnectionId id, std::uint64_t first_sequence, std::size_t mtu)
      : peer_(peer), id_(id), next_sequence_(first_sequence), mtu_(static_cast<std::uint16_t>(mtu)) {}

  // Of the alerts; what OpenSSL writes has it already.
  void set_version(std::uint16_t version) { version_ = version; }

  // Whole records, back to back. They are packed into datagrams of at most the MTU; a record that is longer
  // has a datagram of its own. Returns the number of datagrams.
  std::size_t send(ByteView records, Outbox& outbox);
  // One datagram that has been written into room reserved in the outbox.
  void send_reserved(std::size_t size, Outbox& outbox) { outbox.add_reserved(peer_, id_, size); }
  // In clear text.
  void send_alert(std::uint8_t level, std::uint8_t description, Outbox& outbox);

  const Address& peer() const { return peer_; }
  ConnectionId id() const { return id_; }
  std::size_t mtu() const { return mtu_; }

 private:
  Address peer_;
  ConnectionId id_;
  std::uint64_t next_sequence_;
  std::uint16_t mtu_;
  std::uint16_t version_ = dtls_1_2;
};

}  // namespace dtls
