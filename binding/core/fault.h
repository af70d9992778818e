// Why a handshake failed, a connection ended or something went wrong, in terms of the protocol. The
// numbers that users see are made of these in TypeScript.
#pragma once

#include <cstdint>
#include <string>

namespace dtls {

// Crosses the seam as a number: append only. clang-format off
#define DTLS_FAULTS(X)                                                                       \
  X(none)                  /* ended normally: locally, or by the peer's close_notify */      \
  X(idle)                  /* no application data or heartbeat for the idle timeout */       \
  X(replaced)              /* a new handshake from the same address took its place */        \
  X(timed_out)             /* the handshake deadline passed */                               \
  X(aborted)               /* we stopped while the handshake was in progress */              \
  X(closed_in_handshake)   /* the client sent close_notify before the handshake was done */  \
  X(malformed)             /* a datagram of a known peer is no sequence of DTLS records */   \
  X(unexpected_message)    /* a message that the protocol does not allow here */             \
  X(unsupported)           /* no common version, suite, group or signature algorithm */      \
  X(handshake_failed)      /* any other failure of the handshake; the alert sent tells */    \
  X(certificate_refused)   /* the client's certificate is missing or was refused */          \
  X(fatal_alert)           /* the peer sent a fatal alert */                                 \
  X(send_failed)           /* the socket refused a datagram; the event's c has the errno */  \
  X(internal)              /* OpenSSL failed for a reason of its own (memory, say) */        \
  X(no_heartbeat_response) /* keep_alive_max_retries requests in a row had no answer */      \
  X(keys_used_up)          /* closed before a record number or the cipher's limit is hit */  \
  X(too_many_forgeries)    /* more forged records than the keys of the suite may bear */     \
  X(no_own_socket)         /* the rim has none to give to a connection; the common serves */ \
  X(oversized)             /* a datagram of a known peer is longer than is accepted */       \
  X(network_error)         /* ICMP says that one has not arrived; the event's c has the errno */
// clang-format on

enum class Fault : std::int32_t {
#define DTLS_FAULT_ENUM(name) name,
  DTLS_FAULTS(DTLS_FAULT_ENUM)
#undef DTLS_FAULT_ENUM
};

// What is known of a failure. `alert` is the description number of the alert received (fatal_alert,
// closed_in_handshake) or sent (the others), -1 if there was none.
struct Failure {
  Fault fault = Fault::none;
  int alert = -1;
  std::string reason;  // OpenSSL's reason text, or ours
};

}  // namespace dtls
