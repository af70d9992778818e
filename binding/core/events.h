// What the endpoint reports to its owner: a list of small fixed records, and their bytes in one buffer.
// The rim copies both across the seam once per batch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/bytes.h"
#include "core/connection_id.h"
#include "core/growing_buffer.h"

namespace dtls {

// Crosses the seam as a number: append only. The comment gives the meaning of a, b, c and the bytes.
// clang-format off
#define DTLS_EVENT_KINDS(X)                                                                            \
  X(connection_request)  /* a: peer's port; b: 1 if it was accepted at once, else it wants */          \
                         /* Endpoint::answer_request; bytes: peer's IP text */                         \
  X(client_certificate)  /* a: CertificateReason bits, 0 if it is good; bytes: DER certificate. */     \
                         /* Wants Endpoint::answer_certificate */                                      \
  X(connected)           /* a: peer's port; bytes: peer's IP text */                                   \
  X(handshake_failed)    /* a: peer's port; b: Fault; c: alert or -1; bytes: IP text, NUL, reason */   \
  X(data)                /* bytes: one application record, may be empty */                             \
  X(disconnected)        /* b: Fault; c: alert or -1; bytes: reason */                                 \
  X(error)               /* b: Fault; c: system error number or 0; bytes: reason. Id 0: the socket */  \
  X(progress)            /* a: ProgressStep; b: number; bytes: detail. Only if asked for */            \
  X(limit_reached)       /* a: Counter; b: ones left out; bytes: "ip:port". At most one a second */   \
  X(dropped)             /* a: Counter; b: ones left out; c: 1 for what a user may have wanted; */     \
                         /* bytes: "ip:port". Only if asked for, 10/s. Id 0: of no connection */       \
  X(keep_alive_inert)    /* bytes: why no heartbeat will be sent. At most one per connection */        \
  X(forged_records)      /* b: records that failed to authenticate so far, INT32_MAX at most. At */    \
                         /* 128 and each doubling, for suites without a limit to it (CCM_8, CBC) */     \
  X(hello_verify_request) /* b: ones left out; bytes: "ip:port". Only if progress is asked for, 10/s */ \
  X(key_log)             /* bytes: a line of NSS's key log, a secret. Only if asked for */             \
  X(record)              /* a: 1 sent, 0 received; bytes: the record's header and up to 64 bytes more. */ \
                         /* Only if asked for */

#define DTLS_PROGRESS_STEPS(X)                                                                        \
  X(handshake_started)             /* detail: "ip:port" */                                            \
  X(received_client_hello)         /* detail: version offered; number: cipher suites offered */       \
  X(sent_server_hello)             /* detail: suite, IANA name */                                     \
  X(sent_certificate)                                                                                 \
  X(sent_server_key_exchange)      /* detail: group, "" for finite-field DH; number: its bits */      \
  X(sent_certificate_request)                                                                         \
  X(sent_server_hello_done)                                                                           \
  X(received_certificate)          /* detail: subject */                                              \
  X(received_client_key_exchange)                                                                     \
  X(received_certificate_verify)                                                                      \
  X(received_finished)                                                                                \
  X(sent_finished)                                                                                    \
  X(handshake_complete)            /* detail: "<version>, <suite>"; number: strength in bits */       \
  X(sent_alert)                    /* detail: "<level> <name>"; number: description */                \
  X(received_alert)                /* detail: "<level> <name>"; number: description */                \
  X(flight_retransmitted)          /* number: datagrams */                                            \
  X(sent_heartbeat_request)        /* number: how often since the client was heard, from 1 on */      \
  X(received_heartbeat_response)   /* to the request outstanding */                                   \
  X(answered_heartbeat_request)                                                                       \
  X(refused_renegotiation)         /* a no_renegotiation warning was sent */                          \
  X(session_resumed)               /* in place of the certificate steps */                            \
  X(timer_expired)                 /* detail: which one */
// clang-format on

enum class EventKind : std::int32_t {
  none = 0,
#define DTLS_EVENT_ENUM(name) name,
  DTLS_EVENT_KINDS(DTLS_EVENT_ENUM)
#undef DTLS_EVENT_ENUM
};

enum class ProgressStep : std::int32_t {
#define DTLS_PROGRESS_ENUM(name) name,
  DTLS_PROGRESS_STEPS(DTLS_PROGRESS_ENUM)
#undef DTLS_PROGRESS_ENUM
};

struct Event {
  EventKind kind = EventKind::none;
  ConnectionId id = 0;
  std::int32_t a = 0;
  std::int32_t b = 0;
  std::int32_t c = 0;
  std::uint32_t offset = 0;  // of its bytes
  std::uint32_t length = 0;
};

class Events {
 public:
  void add(EventKind kind, ConnectionId id, ByteView bytes = {}, std::int32_t a = 0, std::int32_t b = 0,
           std::int32_t c = 0);
  void add(EventKind kind, ConnectionId id, std::string_view text, std::int32_t a = 0, std::int32_t b = 0,
           std::int32_t c = 0);

  // For `data`: room to decrypt into, and the event over what came.
  std::uint8_t* reserve_data(std::size_t size) { return bytes_.reserve(size); }
  void add_reserved(EventKind kind, ConnectionId id, std::size_t length);

  bool empty() const { return list_.empty(); }
  const std::vector<Event>& list() const { return list_; }
  ByteView bytes() const { return {bytes_.data(), bytes_.size()}; }
  void clear();

 private:
  std::vector<Event> list_;
  GrowingBuffer bytes_;
};

}  // namespace dtls
