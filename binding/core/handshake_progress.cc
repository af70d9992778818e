#include "core/handshake_progress.h"

#include "core/certificate.h"
#include "core/distinguished_name.h"
#include "core/key_exchange.h"
#include "core/record.h"

namespace dtls {

namespace {

void report(Events& events, ConnectionId id, ProgressStep step, std::string_view detail = {},
            std::int32_t number = 0) {
  events.add(EventKind::progress, id, detail, static_cast<std::int32_t>(step), number);
}

// A client may send a subject of any length, and nobody has vouched for it yet.
std::string shortened(std::string text) {
  constexpr std::size_t most = 256;
  if (text.size() <= most) {
    return text;
  }
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) {
    --end;  // within a character of UTF-8
  }
  return text.erase(end) + "...";
}

void report_client_certificate(ByteView body, Events& events, ConnectionId id) {
  ByteReader reader(body);
  reader.take(3);  // length of the list
  const ByteView leaf = reader.take(reader.u24());
  const X509Ptr certificate = reader.ok() ? read_certificate(leaf) : nullptr;
  report(events, id, ProgressStep::received_certificate,
         certificate ? shortened(distinguished_name(X509_get_subject_name(certificate.get()))) : "none");
}

}  // namespace

void report_handshake_message(bool sent, ByteView message, SSL* ssl, ConnectionId id, Events& events) {
  const ByteView body = message.from(handshake_header_size);
  switch (static_cast<HandshakeType>(message[0])) {
    case HandshakeType::server_hello: {
      const SSL_CIPHER* cipher = SSL_get_pending_cipher(ssl);
      return report(events, id, ProgressStep::sent_server_hello,
                    cipher ? SSL_CIPHER_standard_name(cipher) : "");
    }
    case HandshakeType::certificate:
      if (sent) {
        return report(events, id, ProgressStep::sent_certificate);
      }
      return report_client_certificate(body, events, id);
    case HandshakeType::server_key_exchange: {
      const KeyExchange exchange = read_server_key_exchange(body);
      return report(events, id, ProgressStep::sent_server_key_exchange, exchange.group, exchange.bits);
    }
    case HandshakeType::certificate_request:
      return report(events, id, ProgressStep::sent_certificate_request);
    case HandshakeType::server_hello_done:
      return report(events, id, ProgressStep::sent_server_hello_done);
    case HandshakeType::client_key_exchange:
      return report(events, id, ProgressStep::received_client_key_exchange);
    case HandshakeType::certificate_verify:
      return report(events, id, ProgressStep::received_certificate_verify);
    case HandshakeType::finished:
      return report(events, id, sent ? ProgressStep::sent_finished : ProgressStep::received_finished);
    default:
      return;
  }
}

}  // namespace dtls
