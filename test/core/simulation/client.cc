#include "simulation/client.h"

#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "core/record.h"
#include "simulation/virtual_clock.h"

namespace simulation {

namespace {

void require(bool condition, const char* what) {
  if (!condition) {
    throw std::runtime_error(std::string(what) + ": " + dtls::take_openssl_reason());
  }
}

int trust(int /*preverified*/, X509_STORE_CTX* /*store*/) { return 1; }

// A list of protocol names of `size` bytes.
Bytes padding_names(std::size_t size) {
  Bytes names;
  while (names.size() < size) {
    const std::size_t length = std::min<std::size_t>(255, std::max<std::size_t>(1, size - names.size() - 1));
    names.push_back(static_cast<std::uint8_t>(length));
    names.insert(names.end(), length, 'p');
  }
  return names;
}

}  // namespace

SSL_CTX* Client::shared_context() {
  static const dtls::SslCtxPtr context = [] {
    dtls::SslCtxPtr made(SSL_CTX_new(DTLS_client_method()));
    require(made != nullptr, "client context");
    SSL_CTX_set_min_proto_version(made.get(), DTLS1_2_VERSION);
    SSL_CTX_set_max_proto_version(made.get(), DTLS1_2_VERSION);
    SSL_CTX_set_options(made.get(), SSL_OP_NO_QUERY_MTU);
    SSL_CTX_set_read_ahead(made.get(), 1);
    SSL_CTX_set_info_callback(made.get(), on_state);
    // SSL_CTX_add_client_custom_ext would not look at a resumed session's ServerHello.
    SSL_CTX_add_custom_ext(made.get(), 15,
                           SSL_EXT_CLIENT_HELLO | SSL_EXT_TLS1_2_SERVER_HELLO | SSL_EXT_DTLS_ONLY,
                           write_heartbeat_mode, nullptr, nullptr, read_heartbeat_mode, nullptr);
    return made;
  }();
  return context.get();
}

const SSL_CIPHER* Client::suite(std::uint16_t number) {
  static const dtls::SslPtr ssl(SSL_new(shared_context()));
  std::array<std::uint8_t, 2> bytes{};
  dtls::put_number(bytes.data(), number, bytes.size());
  return SSL_CIPHER_find(ssl.get(), bytes.data());
}

Client::Client(const ClientOptions& options)
    : options_(options),
      heartbeat_extension_{static_cast<unsigned char>(options.heartbeat_mode), 0},
      ssl_(SSL_new(shared_context())) {
  SSL* const ssl = ssl_.get();
  require(ssl != nullptr, "client");
  SSL_set_app_data(ssl, reinterpret_cast<char*>(this));
  SSL_set_mtu(ssl, options.mtu);
  SSL_set_verify(ssl, SSL_VERIFY_PEER, options.trusts_server ? trust : nullptr);
  if (options.dtls_1_0) {
    require(SSL_set_min_proto_version(ssl, DTLS1_VERSION) == 1, "DTLS 1.0");
    require(SSL_set_max_proto_version(ssl, DTLS1_VERSION) == 1, "DTLS 1.0 alone");
  }
  if (!options.cipher_list.empty()) {
    require(SSL_set_cipher_list(ssl, options.cipher_list.c_str()) == 1, "suites");
  }
  if (options.identity != nullptr) {
    require(SSL_use_certificate(ssl, options.identity->certificate.get()) == 1, "client certificate");
    require(SSL_use_PrivateKey(ssl, options.identity->key.get()) == 1, "client key");
    for (const dtls::X509Ptr& link : options.identity->chain) {
      require(SSL_add1_chain_cert(ssl, link.get()) == 1, "client chain");
    }
  }
  if (options.hello_padding > 0) {
    const Bytes names = padding_names(options.hello_padding);
    require(SSL_set_alpn_protos(ssl, names.data(), static_cast<unsigned>(names.size())) == 0, "ALPN");
  }
  if (options.max_fragment_length > 0) {
    SSL_set_tlsext_max_fragment_length(ssl, static_cast<std::uint8_t>(options.max_fragment_length));
  }
  if (!options.encrypt_then_mac) {
    SSL_set_options(ssl, SSL_OP_NO_ENCRYPT_THEN_MAC);
  }
  if (options.legacy_server) {
    SSL_set_options(ssl, SSL_OP_LEGACY_SERVER_CONNECT);
  }
  if (!options.tickets) {
    SSL_set_options(ssl, SSL_OP_NO_TICKET);
  }
  if (options.session != nullptr) {
    require(SSL_set_session(ssl, options.session) == 1, "session");
  }
  BIO* const bio = BIO_new(bio_method());
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl, bio, bio);
  SSL_set_connect_state(ssl);
}

void Client::start() {
  started_ = true;
  drive();
}

void Client::receive(dtls::ByteView datagram) {
  if (!started_) {
    return;
  }
  incoming_.push_back(datagram.copy());
  drive();
}

// Steps OpenSSL until it has read all that came. It may ask for more although datagrams wait, after one that
// it has discarded.
void Client::drive() {
  int fruitless = 0;
  while (!failed_ && fruitless < 3) {
    const std::size_t waiting = incoming_.size();
    const bool fruitful = connected() ? read_message() : went_on(SSL_do_handshake(ssl_.get()));
    fruitless = fruitful || incoming_.size() < waiting ? 0 : fruitless + 1;
  }
  incoming_.clear();
}

bool Client::read_message() {
  Bytes data(dtls::max_plaintext);
  std::size_t length = 0;
  if (!went_on(SSL_read_ex(ssl_.get(), data.data(), data.size(), &length))) {
    return false;
  }
  data.resize(length);
  received_.push_back(std::move(data));
  return true;
}

// Remembers a failure. False also when there is nothing to do without another datagram.
bool Client::went_on(int result) {
  if (result == 1) {
    return true;
  }
  const int error = SSL_get_error(ssl_.get(), result);
  if (error == SSL_ERROR_SSL || error == SSL_ERROR_SYSCALL) {
    failed_ = true;
    failure_ = dtls::take_openssl_reason();
  }
  ERR_clear_error();
  return false;
}

bool Client::send(dtls::ByteView data) {
  ERR_clear_error();
  std::size_t written = 0;
  return SSL_write_ex(ssl_.get(), data.data(), data.size(), &written) == 1;
}

void Client::close() {
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
}

dtls::Instant Client::next_timeout() {
  timeval left{};
  if (!started_ || failed_ || DTLSv1_get_timeout(ssl_.get(), &left) != 1) {
    return dtls::Instant::never();
  }
  return VirtualClock::now() + dtls::Duration{std::int64_t{left.tv_sec} * 1'000'000 + left.tv_usec};
}

void Client::handle_timeout() {
  ERR_clear_error();
  if (DTLSv1_handle_timeout(ssl_.get()) < 0) {
    failed_ = true;
    failure_ = dtls::take_openssl_reason();
  }
}

std::vector<Bytes> Client::take_outgoing() {
  std::vector<Bytes> taken;
  taken.swap(outgoing_);
  return taken;
}

void Client::on_state(const SSL* ssl, int where, int value) {
  if ((where & SSL_CB_READ_ALERT) != SSL_CB_READ_ALERT) {
    return;
  }
  reinterpret_cast<Client*>(SSL_get_app_data(ssl))->alert_received_ = value & 0xff;
}

int Client::write_heartbeat_mode(SSL* ssl, unsigned /*type*/, unsigned /*context*/, const unsigned char** out,
                                 std::size_t* size, X509* /*certificate*/, std::size_t /*index*/,
                                 int* /*alert*/, void* /*unused*/) {
  const Client& self = *reinterpret_cast<Client*>(SSL_get_app_data(ssl));
  *out = self.heartbeat_extension_.data();
  *size = self.options_.heartbeat_extension_size;
  return self.options_.heartbeat_mode == 0 ? 0 : 1;
}

int Client::read_heartbeat_mode(SSL* ssl, unsigned /*type*/, unsigned /*context*/, const unsigned char* in,
                                std::size_t size, X509* /*certificate*/, std::size_t /*index*/,
                                int* /*alert*/, void* /*unused*/) {
  reinterpret_cast<Client*>(SSL_get_app_data(ssl))->server_heartbeat_mode_ = size == 1 ? in[0] : -1;
  return 1;
}

BIO_METHOD* Client::bio_method() {
  static const dtls::BioMethodPtr method = [] {
    dtls::BioMethodPtr made(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "simulated datagrams"));
    BIO_meth_set_read(made.get(), bio_read);
    BIO_meth_set_write(made.get(), bio_write);
    BIO_meth_set_ctrl(made.get(), bio_control);
    return made;
  }();
  return method.get();
}

int Client::bio_read(BIO* bio, char* to, int size) {
  auto& incoming = static_cast<Client*>(BIO_get_data(bio))->incoming_;
  BIO_clear_retry_flags(bio);
  if (incoming.empty()) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const Bytes datagram = std::move(incoming.front());
  incoming.pop_front();
  const std::size_t length = std::min(datagram.size(), static_cast<std::size_t>(size));
  std::copy_n(datagram.begin(), length, reinterpret_cast<std::uint8_t*>(to));
  return static_cast<int>(length);
}

int Client::bio_write(BIO* bio, const char* from, int size) {
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(from);
  static_cast<Client*>(BIO_get_data(bio))->outgoing_.emplace_back(bytes, bytes + size);
  return size;
}

long Client::bio_control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
  return command == BIO_CTRL_FLUSH || command == BIO_CTRL_DGRAM_SET_NEXT_TIMEOUT ? 1 : 0;
}

}  // namespace simulation
