#include "core/handshake_progress.h"

#include <string>

#include "core/certificate.h"
#include "core/distinguished_name.h"
#include "core/record.h"

namespace dtls {

namespace {

struct Group {
  std::uint16_t number;
  const char* name;
  std::int32_t bits;
};

// RFC 8422 5.1.1.
constexpr Group groups[] = {
    {23, "secp256r1", 256}, {24, "secp384r1", 384}, {25, "secp521r1", 521},
    {29, "x25519", 253},    {30, "x448", 448},
};

void report(Events& events, ConnectionId id, ProgressStep step, std::string_view detail = {},
            std::int32_t number = 0) {
  events.add(EventKind::progress, id, detail, static_cast<std::int32_t>(step), number);
}

void report_key_exchange(ByteView body, Events& events, ConnectionId id) {
  constexpr std::uint8_t named_curve = 3;  // ECCurveType, RFC 8422 5.4
  ByteReader reader(body);
  if (reader.u8() == named_curve) {
    const std::uint16_t number = reader.u16();
    for (const Group& group : groups) {
      if (group.number == number) {
        return report(events, id, ProgressStep::sent_server_key_exchange, group.name, group.bits);
      }
    }
    return report(events, id, ProgressStep::sent_server_key_exchange, "group " + std::to_string(number));
  }
  ByteReader dh(body);
  const std::int32_t bits = dh.u16() * 8;
  report(events, id, ProgressStep::sent_server_key_exchange, {}, bits);
}

void report_client_certificate(ByteView body, Events& events, ConnectionId id) {
  ByteReader reader(body);
  reader.take(3);  // length of the list
  const ByteView leaf = reader.take(reader.u24());
  const X509Ptr certificate = reader.ok() ? read_certificate(leaf) : nullptr;
  report(events, id, ProgressStep::received_certificate,
         certificate ? distinguished_name(X509_get_subject_name(certificate.get())) : "none");
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
    case HandshakeType::server_key_exchange:
      return report_key_exchange(body, events, id);
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
