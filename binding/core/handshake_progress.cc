#include "core/handshake_progress.h"

#include "core/certificate.h"
#include "core/distinguished_name.h"
#include "core/key_exchange.h"
#include "core/record.h"

namespace dtls {

namespace {

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

void report_client_certificate(ByteView body, const Progress& progress) {
  ByteReader reader(body);
  reader.take(3);  // length of the list
  const ByteView leaf = reader.take(reader.u24());
  const X509Ptr certificate = reader.ok() ? read_certificate(leaf) : nullptr;
  progress.add(
      ProgressStep::received_certificate,
      certificate ? shortened(distinguished_name(X509_get_subject_name(certificate.get()))) : "none");
}

}  // namespace

void report_handshake_message(bool sent, ByteView message, SSL* ssl, const Progress& progress) {
  const ByteView body = message.from(handshake_header_size);
  switch (static_cast<HandshakeType>(message[0])) {
    case HandshakeType::server_hello: {
      const SSL_CIPHER* cipher = SSL_get_pending_cipher(ssl);
      return progress.add(ProgressStep::sent_server_hello, cipher ? SSL_CIPHER_standard_name(cipher) : "");
    }
    case HandshakeType::certificate:
      if (sent) {
        return progress.add(ProgressStep::sent_certificate);
      }
      return report_client_certificate(body, progress);
    case HandshakeType::server_key_exchange: {
      const KeyExchange exchange = read_server_key_exchange(body);
      return progress.add(ProgressStep::sent_server_key_exchange, exchange.group, exchange.bits);
    }
    case HandshakeType::certificate_request:
      return progress.add(ProgressStep::sent_certificate_request);
    case HandshakeType::server_hello_done:
      return progress.add(ProgressStep::sent_server_hello_done);
    case HandshakeType::client_key_exchange:
      return progress.add(ProgressStep::received_client_key_exchange);
    case HandshakeType::certificate_verify:
      return progress.add(ProgressStep::received_certificate_verify);
    case HandshakeType::finished:
      return progress.add(sent ? ProgressStep::sent_finished : ProgressStep::received_finished);
    default:
      return;
  }
}

}  // namespace dtls
