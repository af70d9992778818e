// What a full DTLS 1.2 handshake costs a server without sockets and JavaScript: OpenSSL alone, and our core
// with the same OpenSSL. A client of the same thread has its datagrams passed on in memory.
//
//   memory-handshake --certificate both.pem [--groups X25519:P-256] [--handshakes 2000] [--tickets 0]
//
// Counts the CPU time of the server's side, cookie exchange (DTLSv1_listen there, our own here) and the SSL
// object's making and freeing included. The two take turns, so that a drifting machine slows both alike.
// Prints one line of JSON, microseconds per handshake.

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <deque>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/endpoint.h"
#include "core/key_store.h"
#include "core/security_context.h"

namespace {

using dtls::ByteView;

constexpr int turn = 100;  // handshakes of one server, before it is the other's turn

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "memory-handshake: %s\n", what);
  ERR_print_errors_fp(stderr);
  std::exit(1);
}

struct Deleter {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(SSL_CTX* ctx) const { SSL_CTX_free(ctx); }
  void operator()(BIO_METHOD* method) const { BIO_meth_free(method); }
  void operator()(BIO_ADDR* address) const { BIO_ADDR_free(address); }
};
template <typename Type>
using Owned = std::unique_ptr<Type, Deleter>;

struct Options {
  std::string certificate;
  std::string groups;
  bool tickets;
};

double thread_cpu_microseconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

// The datagrams on their way to one of the two. The buffers of those that have been read serve again.
class Wire {
 public:
  void put(ByteView datagram) {
    if (count_ == datagrams_.size()) {
      datagrams_.emplace_back();
    }
    datagrams_.at(count_++).assign(datagram.begin(), datagram.end());
  }
  // Empty when there is none. Valid until the next put().
  ByteView take() {
    if (next_ == count_) {
      next_ = count_ = 0;
      return {};
    }
    return datagrams_.at(next_++);
  }

 private:
  std::deque<std::vector<std::uint8_t>> datagrams_;
  std::size_t next_ = 0;
  std::size_t count_ = 0;
};

struct End {
  Wire& in;
  Wire& out;
};

// SSL objects at the end of a wire.
class Wired {
 public:
  Wired() : method_(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "wire")) {
    BIO_meth_set_write(method_.get(), [](BIO* bio, const char* from, int size) {
      end_of(bio).out.put({reinterpret_cast<const std::uint8_t*>(from), static_cast<std::size_t>(size)});
      return size;
    });
    BIO_meth_set_read(method_.get(), [](BIO* bio, char* to, int size) {
      BIO_clear_retry_flags(bio);
      const ByteView datagram = end_of(bio).in.take();
      if (datagram.empty()) {
        BIO_set_retry_read(bio);
        return -1;
      }
      const std::size_t length = std::min(datagram.size(), static_cast<std::size_t>(size));
      std::copy_n(datagram.begin(), length, to);
      return static_cast<int>(length);
    });
    BIO_meth_set_ctrl(method_.get(), [](BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
      return command == BIO_CTRL_FLUSH ? 1L : 0L;
    });
    BIO_meth_set_create(method_.get(), [](BIO* bio) {
      BIO_set_init(bio, 1);
      return 1;
    });
  }

  Owned<SSL> open(SSL_CTX* ctx, End& end) const {
    Owned<SSL> ssl(SSL_new(ctx));
    BIO* bio = BIO_new(method_.get());
    if (!ssl || !bio) {
      fail("OpenSSL is out of memory");
    }
    BIO_set_data(bio, &end);
    SSL_set_bio(ssl.get(), bio, bio);
    SSL_set_mtu(ssl.get(), 1200);  // the server's default HandshakeMTU
    return ssl;
  }

 private:
  static End& end_of(BIO* bio) { return *static_cast<End*>(BIO_get_data(bio)); }

  Owned<BIO_METHOD> method_;
};

class Server {
 public:
  virtual ~Server() = default;
  virtual void begin(End& end) = 0;
  // Works off what has come. True when its handshake is complete.
  virtual bool step() = 0;
  virtual void end() = 0;
  // Not measured.
  virtual void tidy() {}
};

// OpenSSL alone, under the settings of binding/core/security_context.cc.
class BareServer final : public Server {
 public:
  BareServer(const Options& options, const Wired& wired)
      : wired_(wired), ctx_(SSL_CTX_new(DTLS_server_method())) {
    SSL_CTX* ctx = ctx_.get();
    SSL_CTX_set_max_proto_version(ctx, DTLS1_2_VERSION);
    SSL_CTX_set_options(ctx, SSL_OP_NO_QUERY_MTU | SSL_OP_COOKIE_EXCHANGE | SSL_OP_NO_RENEGOTIATION |
                                 SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    if (!options.tickets) {
      SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
      SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    }
    SSL_CTX_set_cookie_generate_cb(ctx, [](SSL* /*ssl*/, unsigned char* cookie, unsigned int* length) {
      *length = 16;
      std::fill_n(cookie, *length, std::uint8_t{7});
      return 1;
    });
    SSL_CTX_set_cookie_verify_cb(ctx, [](SSL* /*ssl*/, const unsigned char* /*cookie*/, unsigned int length) {
      return length == 16 ? 1 : 0;
    });
    if (SSL_CTX_set1_groups_list(ctx, options.groups.c_str()) != 1) {
      fail("no such group");
    }
    if (SSL_CTX_use_certificate_chain_file(ctx, options.certificate.c_str()) != 1 ||
        SSL_CTX_use_PrivateKey_file(ctx, options.certificate.c_str(), SSL_FILETYPE_PEM) != 1) {
      fail("the certificate can't be used");
    }
  }

  void begin(End& end) override {
    ssl_ = wired_.open(ctx_.get(), end);
    SSL_set_accept_state(ssl_.get());
    peer_.reset(BIO_ADDR_new());
    listening_ = true;
  }
  bool step() override {
    listening_ = listening_ && DTLSv1_listen(ssl_.get(), peer_.get()) <= 0;
    return !listening_ && SSL_do_handshake(ssl_.get()) == 1;
  }
  void end() override {
    ssl_.reset();
    peer_.reset();
  }

 private:
  const Wired& wired_;
  Owned<SSL_CTX> ctx_;
  Owned<SSL> ssl_;
  Owned<BIO_ADDR> peer_;
  bool listening_ = true;
};

std::shared_ptr<const dtls::SecurityContext> security_context(const Options& options) {
  std::ifstream file(options.certificate, std::ios::binary);
  const std::vector<char> text{std::istreambuf_iterator<char>(file), {}};
  const ByteView pem{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
  const std::vector<dtls::StoreEntry> entries = dtls::open_store(pem, {}, dtls::StoreFormat::pem);
  dtls::SecuritySettings settings;
  settings.certificates = {entries.front().certificate};
  settings.private_key = entries.front().private_key.view();
  settings.groups = options.groups;
  settings.resumption = options.tickets;
  return std::make_shared<dtls::SecurityContext>(settings);
}

// The core as the addon uses it. Its connections stay open until it tidies up.
class CoreServer final : public Server {
 public:
  explicit CoreServer(const Options& options) : endpoint_(settings(), 1, now_) {
    endpoint_.set_security_context(security_context(options));
  }

  void begin(End& end) override {
    end_ = &end;
    connected_ = false;
    ++peer_.port;
  }
  bool step() override {
    for (ByteView datagram = end_->in.take(); !datagram.empty(); datagram = end_->in.take()) {
      endpoint_.receive(datagram, peer_, now_);
    }
    const std::vector<dtls::Event> events = endpoint_.events().list();
    endpoint_.events().clear();
    for (const dtls::Event& event : events) {
      if (event.kind == dtls::EventKind::connection_request) {
        endpoint_.answer_request(event.id, true, now_);
      }
      connected_ = connected_ || event.kind == dtls::EventKind::connected;
    }
    for (const dtls::OutgoingDatagram& datagram : endpoint_.outbox().list()) {
      end_->out.put(endpoint_.outbox().bytes_of(datagram));
    }
    endpoint_.outbox().clear();
    return connected_;
  }
  void end() override {}
  void tidy() override {
    endpoint_.close_all(now_);
    for (const dtls::Event& event : endpoint_.events().list()) {
      if (event.kind == dtls::EventKind::disconnected) {
        endpoint_.end_told(event.id);
      }
    }
    endpoint_.events().clear();
    endpoint_.outbox().clear();
  }

 private:
  static dtls::EndpointSettings settings() {
    dtls::EndpointSettings settings;
    settings.max_connections = 2 * turn;
    return settings;
  }

  const dtls::Instant now_{};
  dtls::Endpoint endpoint_;
  dtls::Address peer_ = dtls::Address::ipv4(192, 0, 2, 1, 0);
  End* end_ = nullptr;
  bool connected_ = false;
};

class Handshakes {
 public:
  Handshakes(const Options& options, const Wired& wired)
      : wired_(wired), clients_(SSL_CTX_new(DTLS_client_method())) {
    SSL_CTX_set_options(clients_.get(), SSL_OP_NO_QUERY_MTU);
    SSL_CTX_set_max_proto_version(clients_.get(), DTLS1_2_VERSION);
    SSL_CTX_set_cipher_list(clients_.get(), "ECDHE-ECDSA-AES128-GCM-SHA256");
    SSL_CTX_set1_groups_list(clients_.get(), options.groups.c_str());
  }

  // CPU time of the server, for `turn` handshakes.
  double run(Server& server) {
    double sum = 0;
    for (int i = 0; i < turn; ++i) {
      sum += run_one(server);
    }
    server.tidy();
    return sum;
  }

 private:
  double run_one(Server& server) {
    Wire to_client;
    Wire to_server;
    End client_end{to_client, to_server};
    End server_end{to_server, to_client};
    const Owned<SSL> client = wired_.open(clients_.get(), client_end);
    SSL_set_connect_state(client.get());
    SSL_do_handshake(client.get());

    double sum = -thread_cpu_microseconds();
    server.begin(server_end);
    for (int flight = 0; flight < 10; ++flight) {
      const bool server_done = server.step();
      sum += thread_cpu_microseconds();
      const bool client_done = SSL_do_handshake(client.get()) == 1;
      sum -= thread_cpu_microseconds();
      if (server_done && client_done) {
        server.end();
        return sum + thread_cpu_microseconds();
      }
    }
    fail("a handshake did not come to its end");
  }

  const Wired& wired_;
  Owned<SSL_CTX> clients_;
};

}  // namespace

int main(int count, char** words) {
  std::map<std::string, std::string> given{
      {"--groups", "X25519:P-256"}, {"--handshakes", "2000"}, {"--tickets", "0"}};
  for (int i = 1; i + 1 < count; i += 2) {
    given[words[i]] = words[i + 1];
  }
  const Options options{given["--certificate"], given["--groups"], given["--tickets"] == "1"};
  const int turns = std::max(1, std::atoi(given["--handshakes"].c_str()) / turn);
  const Wired wired;
  Handshakes handshakes(options, wired);
  BareServer bare(options, wired);
  CoreServer core(options);
  for (int i = 0; i < 2; ++i) {
    handshakes.run(bare);
    handshakes.run(core);
  }
  double bare_time = 0;
  double core_time = 0;
  for (int i = 0; i < turns; ++i) {
    bare_time += handshakes.run(bare);
    core_time += handshakes.run(core);
  }
  const int total = turns * turn;
  std::printf("{\"openssl\":\"%s\",\"bare\":%.2f,\"core\":%.2f}\n", OpenSSL_version(OPENSSL_VERSION),
              bare_time / total, core_time / total);
}
