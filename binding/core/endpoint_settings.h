// What an endpoint lets its owner set. Ranges are checked where the settings are named for people.
#pragma once

#include <cstddef>

#include "core/clock.h"

namespace dtls {

struct EndpointSettings {
  std::size_t max_connections = 1000;  // addresses with a connection or a handshake past the cookie
  std::size_t max_handshakes = 1000;   // requests and handshakes in progress
  std::size_t max_handshakes_per_host = 32;
  std::size_t max_connections_per_host = 0;  // connections and handshakes past the cookie; 0 = no limit
  std::size_t max_packet_size = 65535;       // longer datagrams are dropped
  std::size_t handshake_mtu = 1200;          // largest UDP payload of a flight; at least 256
  Duration handshake_timeout = Duration::seconds(60);
  Duration idle_timeout = Duration::seconds(0);  // 0 = never
  // RFC 6520: 0 off, the extension is not offered, no heartbeat sent or answered; 1 peer_allowed_to_send;
  // 2 peer_not_allowed_to_send. A handshake offers what is set when it answers its hello; 0 acts at once.
  int heartbeat_mode = 0;
  Duration keep_alive_time = Duration::seconds(60);     // without an authentic record, to the first request
  Duration keep_alive_interval = Duration::seconds(2);  // from a request to its repetition; at least 1 ms
  std::size_t keep_alive_max_retries = 0;  // requests sent in a row without an answer; 0 = no end
  std::size_t pause_bound = 65536;         // bytes of application data kept for a paused connection
  // Whether the owner decides on requests. Without, all are accepted at once, which saves a turn to the owner
  // and back for each handshake.
  bool ask_requests = true;
  bool report_requests = true;   // `connection_request` events of requests that were accepted at once
  bool report_progress = false;  // `progress` events
  // `dropped` events: of what a user may have wanted (is_loss), and of all else.
  bool report_losses = false;
  bool report_drops = false;
  bool report_records = false;  // `record` events
};

}  // namespace dtls
