// Hello extensions that OpenSSL leaves to us (heartbeat) or negotiates without telling (encrypt-then-MAC).
#pragma once

#include <openssl/ssl.h>

#include "core/bytes.h"
#include "core/heartbeat.h"

namespace dtls {

struct HelloExtensions {
  // What we announce if the client's hello has the extension; none: we don't.
  HeartbeatMode offered_heartbeat = HeartbeatMode::none;
  // What the client has announced.
  HeartbeatMode client_heartbeat = HeartbeatMode::none;
  // Announced by both: heartbeats may flow.
  bool heartbeat_agreed = false;

  bool client_offers_encrypt_then_mac = false;
  bool encrypt_then_mac = false;  // RFC 7366; from our ServerHello

  // `message` with its 12-byte header.
  void read_server_hello(ByteView message);
};

// Makes OpenSSL, which always answers it, overlook renegotiation_info (RFC 5746) in a ClientHello that it is
// about to read, header included. The transcript has the hello as it came.
void hide_renegotiation_info(ByteView hello);

// For all handshakes of this context.
void register_hello_extensions(SSL_CTX* ctx);

// Where this handshake keeps them; must outlive the hellos.
void bind_hello_extensions(SSL* ssl, HelloExtensions* extensions);

}  // namespace dtls
