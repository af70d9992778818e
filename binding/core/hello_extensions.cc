#include "core/hello_extensions.h"

#include <openssl/tls1.h>

#include "core/record.h"

namespace dtls {

namespace {

int data_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

HelloExtensions* extensions_of(const SSL* ssl) {
  return static_cast<HelloExtensions*>(SSL_get_ex_data(ssl, data_index()));
}

bool is_cbc(SSL* ssl) {
  const SSL_CIPHER* suite = SSL_get_pending_cipher(ssl);
  return suite && SSL_CIPHER_is_aead(suite) == 0;
}

int read_client_heartbeat(SSL* ssl, unsigned int /*type*/, unsigned int /*context*/, const unsigned char* in,
                          std::size_t size, X509* /*certificate*/, std::size_t /*index*/, int* alert,
                          void* /*unused*/) {
  HelloExtensions* extensions = extensions_of(ssl);
  if (!extensions) {
    return 1;
  }
  if (size != 1) {
    *alert = SSL_AD_DECODE_ERROR;
    return 0;
  }
  if (in[0] != 1 && in[0] != 2) {
    *alert = SSL_AD_ILLEGAL_PARAMETER;  // RFC 6520 2
    return 0;
  }
  extensions->client_heartbeat = static_cast<HeartbeatMode>(in[0]);
  return 1;
}

// OpenSSL asks only if the client's hello has the extension.
int write_heartbeat_mode(SSL* ssl, unsigned int /*type*/, unsigned int /*context*/, const unsigned char** out,
                         std::size_t* size, X509* /*certificate*/, std::size_t /*index*/, int* /*alert*/,
                         void* /*unused*/) {
  HelloExtensions* extensions = extensions_of(ssl);
  if (!extensions || extensions->offered_heartbeat == HeartbeatMode::none) {
    return 0;
  }
  // On a MAC-then-encrypt connection heartbeats would make us a padding oracle: the type of a record stands
  // in clear text, and whether we answer would tell whether its padding was right.
  if (is_cbc(ssl) && !extensions->client_offers_encrypt_then_mac) {
    return 0;
  }
  static constexpr unsigned char modes[] = {0, 1, 2};
  *out = &modes[static_cast<std::size_t>(extensions->offered_heartbeat)];
  *size = 1;
  extensions->heartbeat_agreed = true;
  return 1;
}

// The version has not been chosen yet. Those of DTLS count down.
bool will_be_dtls_1_0(SSL* ssl) {
  return SSL_client_hello_get0_legacy_version(ssl) == dtls_1_0 ||
         SSL_get_max_proto_version(ssl) == DTLS1_VERSION;
}

int look_at_client_hello(SSL* ssl, int* /*alert*/, void* /*unused*/) {
  HelloExtensions* const extensions = extensions_of(ssl);
  if (!extensions) {
    return SSL_CLIENT_HELLO_SUCCESS;
  }
  // Such a connection stays attached to OpenSSL, which one forged record would make end it.
  if (will_be_dtls_1_0(ssl)) {
    SSL_set_options(ssl, SSL_OP_NO_ENCRYPT_THEN_MAC);
    return SSL_CLIENT_HELLO_SUCCESS;
  }
  const unsigned char* unused = nullptr;
  std::size_t size = 0;
  extensions->client_offers_encrypt_then_mac =
      SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_encrypt_then_mac, &unused, &size) == 1;
  return SSL_CLIENT_HELLO_SUCCESS;
}

}  // namespace

void HelloExtensions::read_server_hello(ByteView message) {
  ByteReader reader(message);
  reader.take(handshake_header_size + 2 + SSL3_RANDOM_SIZE);  // version and random
  reader.take(reader.u8());                                   // session id
  reader.take(2 + 1);                                         // cipher suite, compression
  ByteReader list(reader.take(reader.u16()));
  while (reader.ok() && list.remaining() > 0) {
    const std::uint16_t type = list.u16();
    list.take(list.u16());
    encrypt_then_mac = encrypt_then_mac || (list.ok() && type == TLSEXT_TYPE_encrypt_then_mac);
  }
}

// OpenSSL hashes a message, shows it to its observer, and then parses it out of the same buffer
// (dtls_get_message_body, in 3.0 as in 4.0): what is changed in between is what it reads. Both signs, the
// suite TLS_EMPTY_RENEGOTIATION_INFO_SCSV and the extension, become values that are reserved for nobody (RFC
// 8701).
void hide_renegotiation_info(ByteView hello) {
  constexpr std::uint16_t signaling_suite = 0x00ff;
  constexpr std::uint16_t reserved = 0x0a0a;
  const auto overwrite = [](const std::uint8_t* at) {
    put_number(const_cast<std::uint8_t*>(at), reserved, 2);
  };
  ByteReader reader(hello);
  reader.take(handshake_header_size + 2 + SSL3_RANDOM_SIZE);  // version and random
  reader.take(reader.u8());                                   // session id
  reader.take(reader.u8());                                   // cookie
  ByteView suites = reader.take(reader.u16());
  for (; suites.size() >= 2; suites = suites.from(2)) {
    if (number_at(suites.data(), 2) == signaling_suite) {
      overwrite(suites.data());
    }
  }
  reader.take(reader.u8());  // compression
  const ByteView extensions = reader.take(reader.u16());
  ByteReader list(extensions);
  while (list.ok() && list.remaining() > 0) {
    const std::uint8_t* const at = extensions.data() + list.position();
    const std::uint16_t type = list.u16();
    list.take(list.u16());
    if (list.ok() && type == TLSEXT_TYPE_renegotiate) {
      overwrite(at);
    }
  }
}

void register_hello_extensions(SSL_CTX* ctx) {
  SSL_CTX_set_client_hello_cb(ctx, look_at_client_hello, nullptr);
  SSL_CTX_add_custom_ext(ctx, heartbeat_extension,
                         SSL_EXT_CLIENT_HELLO | SSL_EXT_TLS1_2_SERVER_HELLO | SSL_EXT_DTLS_ONLY,
                         write_heartbeat_mode, nullptr, nullptr, read_client_heartbeat, nullptr);
}

void bind_hello_extensions(SSL* ssl, HelloExtensions* extensions) {
  SSL_set_ex_data(ssl, data_index(), extensions);
}

}  // namespace dtls
