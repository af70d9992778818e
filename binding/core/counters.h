// What the endpoint counts, and what each number means.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace dtls {

// clang-format off
#define DTLS_COUNTERS(X)                                                                          \
  X(datagrams_received)          /* handed to the endpoint, of any kind */                        \
  X(bytes_received)                                                                               \
  X(datagrams_sent)                                                                               \
  X(bytes_sent)                                                                                   \
  X(hello_verify_requests)       /* first hellos answered statelessly */                          \
  X(connection_requests)         /* hellos with a good cookie that were offered to the owner */   \
  X(connection_requests_refused)                                                                  \
  X(handshakes_started)                                                                           \
  X(handshakes_completed)                                                                         \
  X(handshakes_failed)           /* with requests that were not answered in time */               \
  X(handshakes_timed_out)        /* unanswered requests too; also counted as failed */            \
  X(handshakes_replaced)         /* gave way to a newer one; also as failed if it had started */  \
  X(handshakes_resumed)          /* of the completed ones: a session was taken up again */        \
  X(restarts)                    /* an established connection gave way to a new handshake */      \
  X(flights_retransmitted)                                                                        \
  X(final_flights_resent)        /* a retransmitted Finished was answered */                      \
  X(renegotiations_refused)                                                                       \
  X(application_records_received)                                                                 \
  X(application_bytes_received)                                                                   \
  X(application_records_sent)                                                                     \
  X(application_bytes_sent)                                                                       \
  X(heartbeat_requests_received) /* well-formed, and allowed now */                               \
  X(heartbeat_requests_sent)     /* with repetitions */                                           \
  X(heartbeat_responses_received)/* those that answered a request */                              \
  X(heartbeat_responses_sent)                                                                     \
  X(connections_closed)                                                                           \
  X(connections_idle)            /* closed for idleness; also counted as closed */                \
  X(keep_alive_ended)            /* closed for unanswered heartbeats; also counted as closed */   \
  X(sends_blocked)               /* refused because the outgoing queue was full */                \
  X(sends_failed)                /* datagrams that the socket refused */                          \
  X(icmp_errors)                 /* about datagrams that have left, true or forged; Linux's path */  \
  X(kernel_drops)                /* the receive buffer was full; told of by Linux's path alone */  \
  X(drop_empty)                  /* datagram without a byte */                                    \
  X(drop_oversized)              /* longer than the largest packet accepted */                    \
  X(drop_unknown_peer)           /* no ClientHello, from an address without a connection */       \
  X(drop_malformed_hello)        /* a handshake record that is no readable ClientHello */         \
  X(drop_hello_fragment)         /* a later fragment of a hello from an unknown peer */           \
  X(drop_not_accepting)          /* a ClientHello while not listening */                          \
  X(drop_max_connections)                                                                         \
  X(drop_max_handshakes)                                                                          \
  X(drop_max_handshakes_per_host)                                                                 \
  X(drop_max_connections_per_host)                                                                \
  X(drop_bad_cookie)             /* a second hello without a valid cookie: answered like a first */\
  X(drop_duplicate_hello)                                                                         \
  X(drop_malformed_record)       /* from a known peer: header, version or length is wrong */      \
  X(drop_wrong_epoch)                                                                             \
  X(drop_unauthenticated)        /* not authentic, or a replay */                                 \
  X(drop_spoofable)              /* clear-text records that have no place now */                  \
  X(drop_unexpected_handshake)   /* a handshake message of a wrong type or number */              \
  X(drop_held_overflow)          /* more early records than are kept during a handshake */        \
  X(drop_heartbeat)              /* RFC 6520: malformed, not negotiated, not allowed now, or */   \
                                 /* answering nothing */                                          \
  X(drop_paused)                 /* application data past the bound of a paused connection */     \
  X(alerts_ignored)              /* clear-text alerts, which only shorten a deadline */
// clang-format on

enum class Counter : std::size_t {
#define DTLS_COUNTER_ENUM(name) name,
  DTLS_COUNTERS(DTLS_COUNTER_ENUM)
#undef DTLS_COUNTER_ENUM
      count_
};

constexpr std::size_t counter_count = static_cast<std::size_t>(Counter::count_);

// Of what is dropped: what a user may have wanted. All else is of strangers, of forgers or of broken clients.
constexpr bool is_loss(Counter counter) {
  return counter == Counter::drop_oversized || counter == Counter::drop_paused;
}

class Counters {
 public:
  void add(Counter counter, std::uint64_t amount = 1) {
    values_[static_cast<std::size_t>(counter)] += amount;
  }
  std::uint64_t operator[](Counter counter) const { return values_[static_cast<std::size_t>(counter)]; }
  const std::array<std::uint64_t, counter_count>& values() const { return values_; }

 private:
  std::array<std::uint64_t, counter_count> values_{};
};

// Names in the order of the values, as in the list above.
extern const std::array<const char*, counter_count> counter_names;

}  // namespace dtls
