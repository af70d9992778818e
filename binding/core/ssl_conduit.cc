#include "core/ssl_conduit.h"

#include <algorithm>
#include <new>

namespace dtls {

namespace {

// OpenSSL's own retransmission timer reads the wall clock. It sleeps for as long as its 32 bits of
// microseconds allow, beyond any handshake deadline, and we retransmit (findings: a callback that returns
// a short time makes SSL_do_handshake burn all its retransmissions at once).
unsigned int sleep_timer(SSL* /*ssl*/, unsigned int /*timer_us*/) { return 4200u * 1000000u; }

}  // namespace

SslConduit::SslConduit(SSL_CTX* ctx, std::size_t mtu) : ssl_(SSL_new(ctx)) {
  BioPtr bio(BIO_new(bio_method()));
  if (!ssl_ || !bio) {
    throw std::bad_alloc();
  }
  BIO_set_data(bio.get(), this);
  BIO_set_init(bio.get(), 1);
  BIO* shared = bio.release();
  SSL_set_bio(ssl_.get(), shared, shared);
  SSL_set_mtu(ssl_.get(), static_cast<long>(mtu));
  DTLS_set_timer_cb(ssl_.get(), sleep_timer);
  SSL_set_msg_callback(ssl_.get(), &SslConduit::on_message);
  SSL_set_msg_callback_arg(ssl_.get(), this);
}

void SslConduit::offer(ContentType type, std::uint16_t version, std::uint16_t epoch, std::uint64_t sequence,
                       ByteView body) {
  put_record_header(input_header_.data(), type, version, epoch, sequence, body.size());
  input_body_ = body;
  input_pending_ = true;
}

BIO_METHOD* SslConduit::bio_method() {
  // Never freed: a thread that outlives main() may still use it.
  static BIO_METHOD* const method = [] {
    BioMethodPtr made(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "dtls record conduit"));
    if (!made) {
      throw std::bad_alloc();
    }
    BIO_meth_set_read(made.get(), &SslConduit::bio_read);
    BIO_meth_set_write(made.get(), &SslConduit::bio_write);
    BIO_meth_set_ctrl(made.get(), &SslConduit::bio_control);
    return made.release();
  }();
  return method;
}

int SslConduit::bio_read(BIO* bio, char* to, int size) noexcept {
  SslConduit& self = *static_cast<SslConduit*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (!self.input_pending_) {
    BIO_set_retry_read(bio);
    return -1;
  }
  self.input_pending_ = false;
  const std::size_t room = size > 0 ? static_cast<std::size_t>(size) : 0;
  const std::size_t header = std::min(room, self.input_header_.size());
  const std::size_t body = std::min(room - header, self.input_body_.size());
  std::memcpy(to, self.input_header_.data(), header);
  if (body > 0) {
    std::memcpy(to + header, self.input_body_.data(), body);
  }
  return static_cast<int>(header + body);
}

int SslConduit::bio_write(BIO* bio, const char* from, int size) noexcept {
  SslConduit& self = *static_cast<SslConduit*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (size > 0) {
    self.written_.append({reinterpret_cast<const std::uint8_t*>(from), static_cast<std::size_t>(size)});
  }
  return size;
}

long SslConduit::bio_control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) noexcept {
  // DUP is asked for nowhere in DTLS; the MTU is set, not queried; everything else (peer address,
  // timeouts, kernel TLS) is declined by 0.
  return command == BIO_CTRL_FLUSH || command == BIO_CTRL_DUP ? 1 : 0;
}

void SslConduit::on_message(int sent, int /*version*/, int content_type, const void* bytes, std::size_t size,
                            SSL* ssl, void* conduit) noexcept {
  SslConduit& self = *static_cast<SslConduit*>(conduit);
  const ByteView message(static_cast<const std::uint8_t*>(bytes), size);
  if (content_type == SSL3_RT_ALERT && size >= 2) {
    const AlertMessage alert{message[0], message[1]};
    (sent ? self.alert_sent_ : self.alert_received_) = alert;
    // This warning, which nobody has asked for, is fatal to OpenSSL: the read has to fail.
    const bool is_fatal_to_openssl = alert.description == alert::no_renegotiation;
    if (!sent && alert.is_ignorable() && !is_fatal_to_openssl) {
      self.interrupt_read(ssl);
    }
    if (self.observer_) {
      self.observer_->on_alert(sent != 0, alert);
    }
  } else if (content_type == SSL3_RT_HANDSHAKE && size >= handshake_header_size && self.observer_) {
    self.observer_->on_handshake_message(sent != 0, message);
  }
}

void SslConduit::on_key_log(const SSL* ssl, const char* line) noexcept {
  const auto* const self = static_cast<const SslConduit*>(BIO_get_data(SSL_get_rbio(ssl)));
  if (self != nullptr && self->observer_) {
    self->observer_->on_key_log(line);
  }
}

// OpenSSL 3.0 does not consume a warning: it handles the same record again until it has counted too many and
// ends the connection. A received shutdown, which this is not, makes it throw the record away and return.
void SslConduit::interrupt_read(SSL* ssl) {
  if (SSL_is_init_finished(ssl) == 0) {
    return;
  }
  SSL_set_shutdown(ssl, SSL_get_shutdown(ssl) | SSL_RECEIVED_SHUTDOWN);
  read_interrupted_ = true;
}

bool SslConduit::resume_interrupted_read() {
  if (!read_interrupted_) {
    return false;
  }
  read_interrupted_ = false;
  SSL_set_shutdown(ssl(), SSL_get_shutdown(ssl()) & ~SSL_RECEIVED_SHUTDOWN);
  return true;
}

}  // namespace dtls
