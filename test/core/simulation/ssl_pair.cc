#include "simulation/ssl_pair.h"

#include <openssl/err.h>
#include <openssl/objects.h>

#include <algorithm>
#include <stdexcept>

#include "simulation/identity.h"
#include "simulation/server_hello.h"

namespace simulation {

namespace {

void require(bool condition, const char* what) {
  if (!condition) {
    throw std::runtime_error(std::string(what) + ": " + dtls::take_openssl_reason());
  }
}

unsigned client_psk(SSL* /*ssl*/, const char* /*hint*/, char* identity, unsigned /*identity_size*/,
                    unsigned char* key, unsigned /*key_size*/) {
  identity[0] = 'x';
  identity[1] = '\0';
  key[0] = 1;
  return 1;
}

unsigned server_psk(SSL* /*ssl*/, const char* /*identity*/, unsigned char* key, unsigned /*key_size*/) {
  key[0] = 1;
  return 1;
}

dtls::SslCtxPtr make_context(const SSL_METHOD* method) {
  dtls::SslCtxPtr context(SSL_CTX_new(method));
  require(context != nullptr, "context");
  SSL_CTX_set_security_level(context.get(), 0);
  SSL_CTX_set_min_proto_version(context.get(), DTLS1_2_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), DTLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET);
  require(SSL_CTX_set_cipher_list(context.get(), "ALL:COMPLEMENTOFALL:@SECLEVEL=0") == 1, "suites");
  return context;
}

SSL_CTX* client_context() {
  static const dtls::SslCtxPtr context = [] {
    dtls::SslCtxPtr made = make_context(DTLS_client_method());
    SSL_CTX_set_psk_client_callback(made.get(), client_psk);
    return made;
  }();
  return context.get();
}

SSL_CTX* server_context() {
  static const dtls::SslCtxPtr context = [] {
    dtls::SslCtxPtr made = make_context(DTLS_server_method());
    const Identity& ec = plain_identity();
    const dtls::EvpPkeyPtr rsa = rsa_key();
    const dtls::X509Ptr certificate = make_certificate(rsa.get(), "rsa");
    require(SSL_CTX_use_certificate(made.get(), ec.certificate.get()) == 1 &&
                SSL_CTX_use_PrivateKey(made.get(), ec.key.get()) == 1 &&
                SSL_CTX_use_certificate(made.get(), certificate.get()) == 1 &&
                SSL_CTX_use_PrivateKey(made.get(), rsa.get()) == 1,
            "certificates");
    SSL_CTX_set_dh_auto(made.get(), 1);
    SSL_CTX_set_psk_server_callback(made.get(), server_psk);
    return made;
  }();
  return context.get();
}

dtls::SslPtr make_ssl(SSL_CTX* context, const SslPairOptions& options) {
  dtls::SslPtr ssl(SSL_new(context));
  require(ssl != nullptr, "ssl");
  require(SSL_set_cipher_list(ssl.get(), (options.suite + ":@SECLEVEL=0").c_str()) == 1, "suite");
  SSL_set_mtu(ssl.get(), 16000);
  if (!options.extended_master_secret) {
    SSL_set_options(ssl.get(), SSL_OP_NO_EXTENDED_MASTER_SECRET);
  }
  if (!options.encrypt_then_mac) {
    SSL_set_options(ssl.get(), SSL_OP_NO_ENCRYPT_THEN_MAC);
  }
  BIO* const in = BIO_new(BIO_s_mem());
  BIO* const out = BIO_new(BIO_s_mem());
  BIO_set_mem_eof_return(in, -1);
  SSL_set_bio(ssl.get(), in, out);
  return ssl;
}

Bytes take_written(SSL* ssl) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(SSL_get_wbio(ssl), &bytes);
  const Bytes taken(bytes, bytes + size);
  BIO_reset(SSL_get_wbio(ssl));
  return taken;
}

void give(SSL* ssl, dtls::ByteView bytes) {
  if (!bytes.empty()) {
    BIO_write(SSL_get_rbio(ssl), bytes.data(), static_cast<int>(bytes.size()));
  }
}

}  // namespace

std::vector<std::string> SslPair::suites() {
  const dtls::SslPtr ssl(SSL_new(client_context()));
  require(ssl != nullptr, "ssl");
  STACK_OF(SSL_CIPHER)* const supported = SSL_get1_supported_ciphers(ssl.get());
  std::vector<std::string> names;
  for (int i = 0; i < sk_SSL_CIPHER_num(supported); ++i) {
    const SSL_CIPHER* const cipher = sk_SSL_CIPHER_value(supported, i);
    const int exchange = SSL_CIPHER_get_kx_nid(cipher);
    if (SSL_CIPHER_get_auth_nid(cipher) != NID_auth_dss && exchange != NID_kx_srp && exchange != NID_kx_any) {
      names.emplace_back(SSL_CIPHER_get_name(cipher));
    }
  }
  sk_SSL_CIPHER_free(supported);
  return names;
}

SslPair::SslPair(const SslPairOptions& options)
    : client_(make_ssl(client_context(), options)), server_(make_ssl(server_context(), options)) {
  SSL_set_connect_state(client_.get());
  SSL_set_accept_state(server_.get());
  SSL_set_msg_callback(client_.get(), on_message);
  SSL_set_msg_callback_arg(client_.get(), this);
  for (int round = 0; round < 8 && !connected(); ++round) {
    pass(client_.get(), server_.get());
    pass(server_.get(), client_.get());
  }
}

void SslPair::on_message(int sent, int /*version*/, int content_type, const void* bytes, std::size_t size,
                         SSL* /*ssl*/, void* pair) {
  if (sent == 0 && content_type == SSL3_RT_HANDSHAKE &&
      grants_encrypt_then_mac({static_cast<const std::uint8_t*>(bytes), size})) {
    static_cast<SslPair*>(pair)->encrypt_then_mac_ = true;
  }
}

void SslPair::pass(SSL* from, SSL* to) {
  SSL_do_handshake(from);
  ERR_clear_error();
  give(to, take_written(from));
}

bool SslPair::connected() const {
  return SSL_is_init_finished(client_.get()) == 1 && SSL_is_init_finished(server_.get()) == 1;
}

Bytes SslPair::seal(dtls::Writer writer, dtls::ByteView data) {
  std::size_t written = 0;
  require(SSL_write_ex(ssl(writer), data.data(), data.size(), &written) == 1, "SSL_write");
  return take_written(ssl(writer));
}

std::optional<Bytes> SslPair::open(dtls::Writer writer, dtls::ByteView record) {
  SSL* const reader = ssl(writer == dtls::Writer::client ? dtls::Writer::server : dtls::Writer::client);
  give(reader, record);
  Bytes data(dtls::max_plaintext);
  std::size_t size = 0;
  const bool opened = SSL_read_ex(reader, data.data(), data.size(), &size) == 1;
  ERR_clear_error();
  if (!opened) {
    return std::nullopt;
  }
  data.resize(size);
  return data;
}

}  // namespace simulation
