// An SSL object whose records pass through our hands: it reads the one record that we offer, and what it
// writes is collected for us to number, keep and send.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/alert.h"
#include "core/bytes.h"
#include "core/growing_buffer.h"
#include "core/openssl_ptr.h"
#include "core/record.h"

namespace dtls {

// Told of each handshake message and alert as OpenSSL handles it.
class MessageObserver {
 public:
  virtual void on_handshake_message(bool sent, ByteView message) = 0;  // with its 12-byte header
  virtual void on_alert(bool sent, AlertMessage alert) = 0;
  virtual void on_key_log(std::string_view /*line*/) {}  // a secret, in NSS's format; only if asked for

 protected:
  ~MessageObserver() = default;
};

class SslConduit {
 public:
  // Throws std::bad_alloc if OpenSSL can't make the object.
  SslConduit(SSL_CTX* ctx, std::size_t mtu);
  SslConduit(const SslConduit&) = delete;
  SslConduit& operator=(const SslConduit&) = delete;

  SSL* ssl() const { return ssl_.get(); }

  // Makes `body` the next record that SSL reads; valid until the SSL call that follows.
  void offer(ContentType type, std::uint16_t version, std::uint16_t epoch, std::uint64_t sequence,
             ByteView body);
  void withdraw() { input_body_ = {}, input_pending_ = false; }

  // All records SSL has written since clear_written(), back to back.
  ByteView written() const { return {written_.data(), written_.size()}; }
  void clear_written() { written_.clear(); }
  void replace_written(ByteView records) {
    written_.clear();
    written_.append(records);
  }

  // After a read that failed: true if it was only interrupted, by a warning that is of no consequence.
  bool resume_interrupted_read();

  void observe(MessageObserver* observer) { observer_ = observer; }
  // For SSL_CTX_set_keylog_callback.
  static void on_key_log(const SSL* ssl, const char* line) noexcept;

  // Since reset_alerts().
  AlertMessage alert_received() const { return alert_received_; }
  AlertMessage alert_sent() const { return alert_sent_; }
  void reset_alerts() { alert_received_ = alert_sent_ = {}; }

 private:
  void interrupt_read(SSL* ssl);
  static BIO_METHOD* bio_method();
  // OpenSSL's frames can't be unwound: out of memory in these ends the process, as it does in Node itself.
  static int bio_read(BIO* bio, char* to, int size) noexcept;
  static int bio_write(BIO* bio, const char* from, int size) noexcept;
  static long bio_control(BIO* bio, int command, long number, void* pointer) noexcept;
  static void on_message(int sent, int version, int content_type, const void* bytes, std::size_t size,
                         SSL* ssl, void* conduit) noexcept;

  std::array<std::uint8_t, record_header_size> input_header_{};
  ByteView input_body_;
  bool input_pending_ = false;
  bool read_interrupted_ = false;
  GrowingBuffer written_;
  MessageObserver* observer_ = nullptr;
  AlertMessage alert_received_;
  AlertMessage alert_sent_;
  SslPtr ssl_;  // last: freeing it may still write
};

}  // namespace dtls
