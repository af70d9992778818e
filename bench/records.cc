// What a record costs: opened and sealed again, as an echo server does, by the core's own record protection
// and by OpenSSL's SSL objects. CPU time of this thread, no sockets.
//
//   records [--rounds 5] [--milliseconds 40] [--part slots|ssl|suites]
//
// A connection is drawn at random for each record. The records of a batch lie in one warm buffer, as after a
// read from a socket; the connections' keys are as warm as their number lets them be. Best of the rounds.

#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/openssl_library.h"
#include "core/openssl_ptr.h"
#include "core/record_protection.h"

namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t batch_size = 256;
constexpr const char* main_suite = "ECDHE-ECDSA-AES128-GCM-SHA256";

struct Options {
  int rounds = 5;
  double milliseconds = 40;  // of each measurement in each round
  std::string part = "all";
};

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "records: %s\n", what.c_str());
  ERR_print_errors_fp(stderr);
  std::exit(1);
}

void require(bool condition, const char* what) {
  if (!condition) {
    fail(what);
  }
}

Options parse(int count, char** words) {
  Options options;
  std::map<std::string, std::string> given;
  for (int i = 1; i + 1 < count; i += 2) {
    given[words[i]] = words[i + 1];
  }
  if (given.count("--rounds") > 0) {
    options.rounds = std::max(1, std::stoi(given["--rounds"]));
  }
  if (given.count("--milliseconds") > 0) {
    options.milliseconds = std::stod(given["--milliseconds"]);
  }
  if (given.count("--part") > 0) {
    options.part = given["--part"];
  }
  return options;
}

double cpu_nanoseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

// Draws that every run repeats.
class Draw {
 public:
  std::size_t below(std::size_t bound) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return static_cast<std::size_t>(state_ % bound);
  }

 private:
  std::uint64_t state_ = 0x9e3779b97f4a7c15;
};

std::vector<const SSL_CIPHER*> all_suites(SSL* ssl) {
  std::vector<const SSL_CIPHER*> suites;
  STACK_OF(SSL_CIPHER)* const ciphers = SSL_get_ciphers(ssl);
  for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); ++i) {
    suites.push_back(sk_SSL_CIPHER_value(ciphers, i));
  }
  return suites;
}

dtls::SslCtxPtr any_suite_context(const SSL_METHOD* method) {
  dtls::SslCtxPtr context(SSL_CTX_new(method));
  require(context != nullptr && SSL_CTX_set_cipher_list(context.get(), "ALL:@SECLEVEL=0") == 1, "context");
  return context;
}

// One connection under random keys, and the record that its client sends over and over.
struct Connection {
  std::uint64_t owner;
  dtls::KeyBlock keys;
  std::uint64_t next_sequence = 1;
  Bytes from_client;
};

class OwnRecords {
 public:
  OwnRecords(const dtls::ProtectionSuite& suite, std::size_t connections, std::size_t slots, std::size_t size)
      : suite_(suite), contexts_(slots), size_(size), text_(dtls::max_plaintext), sealed_(20'000) {
    dtls::RecordContexts clients(1);
    const Bytes text(size, 0x2a);
    for (std::size_t i = 0; i < connections; ++i) {
      auto connection = std::make_unique<Connection>();
      connection->owner = i;
      connection->keys = dtls::KeyBlock(suite.key_block_size());
      require(RAND_bytes(connection->keys.data(), static_cast<int>(suite.key_block_size())) == 1, "keys");
      connection->from_client.resize(suite.sealed_size(size));
      require(
          clients.seal({suite, connection->keys, dtls::Writer::client, i},
                       dtls::ContentType::application_data, 1, 1, 1, text, connection->from_client.data()),
          "seal");
      connections_.push_back(std::move(connection));
    }
  }

  // Nanoseconds for one record.
  double batch() {
    std::array<Connection*, batch_size> drawn{};
    incoming_.clear();
    for (Connection*& connection : drawn) {
      connection = connections_[draw_.below(connections_.size())].get();
      dtls::append(incoming_, connection->from_client);
    }
    dtls::RecordReader reader(incoming_);
    const double start = cpu_nanoseconds();
    for (Connection* const connection : drawn) {
      const auto record = reader.next();
      const auto opened = contexts_.open({suite_, connection->keys, dtls::Writer::client, connection->owner},
                                         *record, text_.data());
      require(opened == size_, "open");
      const std::uint64_t sequence = connection->next_sequence++;
      require(contexts_.seal({suite_, connection->keys, dtls::Writer::server, connection->owner},
                             dtls::ContentType::application_data, 1, sequence, sequence,
                             {text_.data(), *opened}, sealed_.data()),
              "seal");
    }
    return (cpu_nanoseconds() - start) / batch_size;
  }

 private:
  const dtls::ProtectionSuite& suite_;
  dtls::RecordContexts contexts_;
  std::size_t size_;
  std::vector<std::unique_ptr<Connection>> connections_;
  Draw draw_;
  Bytes incoming_;
  Bytes text_;
  Bytes sealed_;
};

// One end in memory: reads the datagram that it was given, and keeps the last that it wrote.
struct MemoryEnd {
  dtls::ByteView incoming;
  Bytes outgoing;
  dtls::SslPtr ssl;

  static int read(BIO* bio, char* to, int size) {
    auto& end = *static_cast<MemoryEnd*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    if (end.incoming.empty()) {
      BIO_set_retry_read(bio);
      return -1;
    }
    const auto length = std::min(end.incoming.size(), static_cast<std::size_t>(size));
    std::memcpy(to, end.incoming.data(), length);
    end.incoming = {};
    return static_cast<int>(length);
  }
  static int write(BIO* bio, const char* from, int size) {
    auto& end = *static_cast<MemoryEnd*>(BIO_get_data(bio));
    dtls::append(end.outgoing, {reinterpret_cast<const std::uint8_t*>(from), static_cast<std::size_t>(size)});
    return size;
  }
  static long control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
  }
  static BIO_METHOD* method() {
    static const dtls::BioMethodPtr made = [] {
      dtls::BioMethodPtr method(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "memory"));
      BIO_meth_set_read(method.get(), read);
      BIO_meth_set_write(method.get(), write);
      BIO_meth_set_ctrl(method.get(), control);
      return method;
    }();
    return made.get();
  }

  MemoryEnd(SSL_CTX* context, bool server) : ssl(SSL_new(context)) {
    BIO* const bio = BIO_new(method());
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl.get(), bio, bio);
    SSL_set_options(ssl.get(), SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET);
    SSL_set_mtu(ssl.get(), 16000);
    server ? SSL_set_accept_state(ssl.get()) : SSL_set_connect_state(ssl.get());
  }
  bool step(const Bytes& datagram) {
    incoming = datagram;
    outgoing.clear();
    const bool done = SSL_do_handshake(ssl.get()) == 1;
    incoming = {};
    return done;
  }
};

struct SslConnection {
  std::uint64_t owner;
  std::unique_ptr<MemoryEnd> server;
  dtls::KeyBlock keys;
  std::uint64_t next_sequence = 1;
};

class SslRecords {
 public:
  SslRecords(std::size_t connections, std::size_t size)
      : client_context_(any_suite_context(DTLS_client_method())),
        server_context_(any_suite_context(DTLS_server_method())),
        text_(size, 0x2a) {
    for (SSL_CTX* context : {client_context_.get(), server_context_.get()}) {
      SSL_CTX_set_max_proto_version(context, DTLS1_2_VERSION);
      require(SSL_CTX_set_cipher_list(context, "PSK-AES128-GCM-SHA256") == 1, "suite");
    }
    SSL_CTX_set_psk_client_callback(
        client_context_.get(),
        [](SSL*, const char*, char* identity, unsigned, unsigned char* key, unsigned) -> unsigned {
          identity[0] = 'a', identity[1] = 0, key[0] = 1;
          return 1;
        });
    SSL_CTX_set_psk_server_callback(server_context_.get(),
                                    [](SSL*, const char*, unsigned char* key, unsigned) -> unsigned {
                                      key[0] = 1;
                                      return 1;
                                    });
    for (std::size_t i = 0; i < connections; ++i) {
      connections_.push_back(connect(i));
    }
  }

  double batch() {
    std::array<SslConnection*, batch_size> drawn{};
    incoming_.clear();
    for (SslConnection*& connection : drawn) {
      connection = &connections_[draw_.below(connections_.size())];
      const std::size_t at = incoming_.size();
      incoming_.resize(at + suite_->sealed_size(text_.size()));
      const std::uint64_t sequence = connection->next_sequence++;
      require(clients_.seal({*suite_, connection->keys, dtls::Writer::client, connection->owner},
                            dtls::ContentType::application_data, 1, sequence, sequence, text_,
                            incoming_.data() + at),
              "seal");
    }
    dtls::RecordReader reader(incoming_);
    std::array<std::uint8_t, 16384> text{};
    const double start = cpu_nanoseconds();
    for (SslConnection* const connection : drawn) {
      MemoryEnd& server = *connection->server;
      server.incoming = reader.next()->whole;
      server.outgoing.clear();
      const int opened = SSL_read(server.ssl.get(), text.data(), static_cast<int>(text.size()));
      require(opened == static_cast<int>(text_.size()), "SSL_read");
      require(SSL_write(server.ssl.get(), text.data(), opened) == opened, "SSL_write");
    }
    return (cpu_nanoseconds() - start) / batch_size;
  }

 private:
  SslConnection connect(std::uint64_t owner) {
    SslConnection connection{owner, std::make_unique<MemoryEnd>(server_context_.get(), true), {}};
    MemoryEnd client(client_context_.get(), false);
    MemoryEnd& server = *connection.server;
    for (int flight = 0; flight < 8; ++flight) {
      const bool client_done = client.step(server.outgoing);
      if (server.step(client.outgoing) && client_done) {
        break;
      }
    }
    require(SSL_is_init_finished(server.ssl.get()) == 1, "handshake");
    suite_ = dtls::ProtectionSuite::of(SSL_get_current_cipher(server.ssl.get()), false);
    auto keys = dtls::KeyBlock::derive(server.ssl.get(), *suite_);
    require(keys.has_value(), "keys");
    connection.keys = std::move(*keys);
    return connection;
  }

  dtls::SslCtxPtr client_context_;
  dtls::SslCtxPtr server_context_;
  const dtls::ProtectionSuite* suite_ = nullptr;
  dtls::RecordContexts clients_{1};
  std::vector<SslConnection> connections_;
  Draw draw_;
  Bytes text_;
  Bytes incoming_;
};

// Nanoseconds for one record: the best round.
template <typename Records>
double best(const Options& options, Records&& records) {
  for (int i = 0; i < 20; ++i) {
    records.batch();  // every slot in use, every cache warm
  }
  double least = 1e9;
  for (int round = 0; round < options.rounds; ++round) {
    double sum = 0;
    int batches = 0;
    while (sum * batch_size < options.milliseconds * 1e6) {
      sum += records.batch();
      ++batches;
    }
    least = std::min(least, sum / batches);
  }
  return least;
}

const dtls::ProtectionSuite& suite_named(const std::string& name, const std::vector<const SSL_CIPHER*>& all) {
  for (const SSL_CIPHER* cipher : all) {
    if (SSL_CIPHER_get_name(cipher) == name) {
      return *dtls::ProtectionSuite::of(cipher, false);
    }
  }
  fail("no " + name);
}

void slots_table(const Options& options, const dtls::ProtectionSuite& suite) {
  std::printf("\nAES-128-GCM, ns for one record opened and one sealed, by slots\n%24s", "");
  constexpr std::array<std::size_t, 7> slots = {1, 16, 64, 256, 1024, 2048, 4096};
  for (const std::size_t count : slots) {
    std::printf("%8zu", count);
  }
  std::printf("\n");
  for (const std::size_t size : {std::size_t{64}, std::size_t{1200}}) {
    for (const std::size_t connections : {std::size_t{1}, std::size_t{50}, std::size_t{2000}}) {
      std::printf("%6zu B %5zu connections", size, connections);
      for (const std::size_t count : slots) {
        std::printf("%8.0f", best(options, OwnRecords(suite, connections, count, size)));
        std::fflush(stdout);
      }
      std::printf("\n");
    }
  }
}

void ssl_table(const Options& options) {
  std::printf("\nAES-128-GCM, ns for SSL_read and SSL_write\n");
  for (const std::size_t size : {std::size_t{64}, std::size_t{1200}}) {
    for (const std::size_t connections : {std::size_t{1}, std::size_t{50}, std::size_t{2000}}) {
      std::printf("%6zu B %5zu connections%8.0f\n", size, connections,
                  best(options, SslRecords(connections, size)));
      std::fflush(stdout);
    }
  }
}

void suites_table(const Options& options, const std::vector<const SSL_CIPHER*>& all) {
  std::printf("\nns for one record opened and one sealed, by suite     64 B          1200 B\n");
  std::printf("%48s%8s%8s%8s%8s\n", "", "keyed", "rekeyed", "keyed", "rekeyed");
  std::vector<const dtls::ProtectionSuite*> seen;
  for (const SSL_CIPHER* cipher : all) {
    const auto* const suite = dtls::ProtectionSuite::of(cipher, true);
    if (suite == nullptr || std::find(seen.begin(), seen.end(), suite) != seen.end()) {
      continue;
    }
    seen.push_back(suite);
    std::printf("%-48s", SSL_CIPHER_get_name(cipher));
    for (const std::size_t size : {std::size_t{64}, std::size_t{1200}}) {
      for (const std::size_t connections : {std::size_t{1}, std::size_t{50}}) {
        std::printf("%8.0f", best(options, OwnRecords(*suite, connections, 1, size)));
        std::fflush(stdout);
      }
    }
    std::printf("\n");
  }
}

}  // namespace

int main(int count, char** words) {
  dtls::initialize_openssl();
  const Options options = parse(count, words);
  const auto context = any_suite_context(DTLS_method());
  const dtls::SslPtr ssl(SSL_new(context.get()));
  const auto suites = all_suites(ssl.get());
  std::printf("%s\n", dtls::openssl_version().c_str());
  if (options.part == "all" || options.part == "slots") {
    slots_table(options, suite_named(main_suite, suites));
  }
  if (options.part == "all" || options.part == "ssl") {
    ssl_table(options);
  }
  if (options.part == "all" || options.part == "suites") {
    suites_table(options, suites);
  }
}
