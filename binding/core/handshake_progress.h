// Turning the handshake messages that pass into `progress` events, for people who watch.
#pragma once

#include <openssl/ssl.h>

#include "core/bytes.h"
#include "core/progress.h"

namespace dtls {

// `message` is one whole handshake message with its 12-byte header. The ClientHello is reported where it is
// read (DTLSv1_listen shows OpenSSL's observer only some of them).
void report_handshake_message(bool sent, ByteView message, SSL* ssl, const Progress& progress);

}  // namespace dtls
