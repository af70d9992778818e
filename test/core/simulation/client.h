// A DTLS client: OpenSSL's own, over datagrams in memory and the virtual clock.
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/clock.h"
#include "core/openssl_ptr.h"
#include "simulation/identity.h"

namespace simulation {

struct ClientOptions {
  const Identity* identity = nullptr;  // shown if the server asks for one
  std::string cipher_list;
  bool dtls_1_0 = false;  // that version alone; wants a cipher list with @SECLEVEL=0
  int mtu = 1200;
  std::size_t hello_padding = 0;             // bytes of ALPN names, to make the hello long
  int max_fragment_length = 0;               // TLSEXT_max_fragment_length_*
  int heartbeat_mode = 0;                    // RFC 6520; 0: no extension. Others than 1 and 2 break the rules
  std::size_t heartbeat_extension_size = 1;  // up to 2 bytes; others than 1 break the rules
  bool encrypt_then_mac = true;              // RFC 7366
  bool tickets = true;                       // RFC 5077
  SSL_SESSION* session = nullptr;            // to resume
  bool legacy_server = false;                // takes one that does not answer renegotiation_info (RFC 5746)
  bool trusts_server = true;                 // false: answers the certificate with a fatal alert
};

class Client {
 public:
  // By its number in hellos; null if OpenSSL has none of it.
  static const SSL_CIPHER* suite(std::uint16_t number);

  explicit Client(const ClientOptions& options = {});
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void start();
  void receive(dtls::ByteView datagram);
  bool send(dtls::ByteView data);
  void close();  // close_notify

  // Its retransmission timer, in virtual time.
  dtls::Instant next_timeout();
  void handle_timeout();

  bool connected() const { return SSL_is_init_finished(ssl_.get()) == 1; }
  bool failed() const { return failed_; }
  bool closed_by_peer() const { return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0; }
  int alert_received() const { return alert_received_; }  // its description, -1 if there was none
  const std::string& failure() const { return failure_; }
  const std::vector<Bytes>& received() const { return received_; }
  SSL* ssl() { return ssl_.get(); }
  int server_heartbeat_mode() const { return server_heartbeat_mode_; }  // 0: it has not answered ours
  bool encrypts_then_macs() const {
    return options_.encrypt_then_mac && !options_.dtls_1_0 &&
           SSL_CIPHER_is_aead(SSL_get_current_cipher(ssl_.get())) == 0;
  }

  std::vector<Bytes> take_outgoing();

 private:
  // One for all clients: an SSL_CTX for each took a quarter of the endpoint fuzzer's time.
  static SSL_CTX* shared_context();
  static BIO_METHOD* bio_method();
  static int bio_read(BIO* bio, char* to, int size);
  static int bio_write(BIO* bio, const char* from, int size);
  static long bio_control(BIO* bio, int command, long number, void* pointer);
  static void on_state(const SSL* ssl, int where, int value);
  static int write_heartbeat_mode(SSL* ssl, unsigned type, unsigned context, const unsigned char** out,
                                  std::size_t* size, X509* certificate, std::size_t index, int* alert,
                                  void* unused);
  static int read_heartbeat_mode(SSL* ssl, unsigned type, unsigned context, const unsigned char* in,
                                 std::size_t size, X509* certificate, std::size_t index, int* alert,
                                 void* unused);
  void drive();
  bool read_message();
  bool went_on(int result);

  const ClientOptions options_;
  std::array<unsigned char, 2> heartbeat_extension_;
  int server_heartbeat_mode_ = 0;
  std::deque<Bytes> incoming_;
  std::vector<Bytes> outgoing_;
  std::vector<Bytes> received_;
  bool started_ = false;
  bool failed_ = false;
  int alert_received_ = -1;
  std::string failure_;
  dtls::SslPtr ssl_;  // last: freeing it may still write
};

}  // namespace simulation
