// What a socket sends when it closes: there is no later for what does not fit its send buffer.
#pragma once

#include <uv.h>

#include <cstddef>
#include <vector>

#include "core/outbox.h"
#include "net/udp_socket.h"

namespace dtls {

// A close_notify to each of thousands overruns the send buffer; a network drains it within milliseconds.
// `send_from(next)` returns the index of the first datagram that did not fit, `wait(milliseconds)` returns
// when there may be room. What has found none in the end is refused.
template <typename SendFrom, typename Wait>
void send_last(const Outbox& outbox, SendFrom send_from, Wait wait, std::vector<Refusal>& refused) {
  constexpr int most_waits = 20;
  constexpr int wait_ms = 10;
  const auto& datagrams = outbox.list();
  std::size_t next = send_from(0);
  for (int waits = 0; next < datagrams.size() && waits < most_waits; ++waits) {
    wait(wait_ms);
    next = send_from(next);
  }
  for (; next < datagrams.size(); ++next) {
    refused.push_back({datagrams[next].id, UV_EAGAIN, datagrams[next].length});
  }
}

}  // namespace dtls
