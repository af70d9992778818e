// A crowd of clients that connect and then stay silent, each from an address of its own.
//
//   crowd --port 4433 [--hosts N] [--at-once 128] [--greet 1] [--keep-every 250] [--groups X25519]
//         [--certificate both.pem]
//
// Reads commands from its standard input and answers each with a line of JSON:
//
//   connect N    makes connections until there are N, some at once
//   echo         has every connection that it kept echo one datagram
//
// Once established, a client sends nothing more and nothing is sent to it, so its SSL object and socket are
// given up without a word; all but each `keep-every`th, which shows later that the connections still live.
// With `greet` each client first has a datagram echoed, as one that has something to say.
//
// Client i is 127.x.y.z of the i modulo `hosts`th host, and no address is used twice: a second handshake from
// one would be a restart.
//
// What the clients have to say is sent in bursts, once all that had come in has been worked off: a client
// costs more CPU than the server, which would otherwise be woken for each datagram alone and never be busy.

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "load/client.h"

namespace {

using load::fail;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr auto handshake_deadline = std::chrono::seconds(30);
constexpr auto echo_deadline = std::chrono::seconds(10);
// A datagram of a greeting or an echo may be lost; nobody else repeats it.
constexpr auto echo_repeat = milliseconds(500);

struct Options {
  explicit Options(const load::Words& words)
      : port(static_cast<std::uint16_t>(words.number("--port", 4433))),
        hosts(words.number("--hosts", 1 << 20)),
        at_once(words.number("--at-once", 128)),
        greet(words.number("--greet", 1) != 0),
        keep_every(words.number("--keep-every", 250)),
        groups(words.text("--groups", "")),
        certificate(words.text("--certificate", "")) {}

  std::uint16_t port;
  std::size_t hosts;
  std::size_t at_once;
  bool greet;
  std::size_t keep_every;  // 0: none
  std::string groups;
  std::string certificate;  // of the clients; "": none
};

struct Client {
  enum class Phase { handshaking, greeting, silent, echoing };

  std::size_t number = 0;
  load::SslPtr ssl;
  Phase phase = Phase::handshaking;
  Clock::time_point began;
  Clock::time_point asked;  // when it last sent what is to be echoed
};

// Datagrams that wait for the end of a round.
class Burst {
 public:
  Burst() : method_(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "burst")) {
    BIO_meth_set_write(method_.get(), [](BIO* bio, const char* from, int size) {
      const auto* end = static_cast<const End*>(BIO_get_data(bio));
      end->burst.datagrams_.push_back({end->fd, {from, from + size}});
      return size;
    });
    BIO_meth_set_ctrl(method_.get(), [](BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
      return command == BIO_CTRL_FLUSH ? 1L : 0L;
    });
    BIO_meth_set_destroy(method_.get(), [](BIO* bio) {
      delete static_cast<End*>(BIO_get_data(bio));
      return 1;
    });
  }

  // From now on what `ssl` writes waits here and is sent by `fd`.
  void take_over(SSL* ssl, int fd) {
    BIO* bio = BIO_new(method_.get());
    if (!bio) {
      fail("OpenSSL is out of memory");
    }
    BIO_set_data(bio, new End{*this, fd});
    BIO_set_init(bio, 1);
    SSL_set0_wbio(ssl, bio);
    SSL_set_options(ssl, SSL_OP_NO_QUERY_MTU);
    SSL_set_mtu(ssl, 1200);
  }

  // A datagram that the socket does not take is lost, as on any network.
  void send() {
    for (const Datagram& datagram : datagrams_) {
      static_cast<void>(::send(datagram.fd, datagram.bytes.data(), datagram.bytes.size(), 0));
    }
    datagrams_.clear();
  }

 private:
  struct End {
    Burst& burst;
    int fd;
  };
  struct Datagram {
    int fd;
    std::vector<char> bytes;
  };
  struct MethodDeleter {
    void operator()(BIO_METHOD* method) const { BIO_meth_free(method); }
  };

  std::unique_ptr<BIO_METHOD, MethodDeleter> method_;
  std::vector<Datagram> datagrams_;
};

class Crowd {
 public:
  explicit Crowd(const Options& options)
      : options_(options), ctx_(load::client_context("ECDHE-ECDSA-AES128-GCM-SHA256", options.groups)) {
    if (!options.certificate.empty()) {
      load::use_certificate(ctx_.get(), options.certificate);
    }
  }

  void connect(std::size_t total) {
    const auto start = Clock::now();
    const std::size_t before = established_;
    while (established_ < total) {
      while (busy_ < options_.at_once && established_ + busy_ < total) {
        open_next();
      }
      wait();
    }
    const std::chrono::duration<double> took = Clock::now() - start;
    std::printf("{\"established\":%zu,\"seconds\":%.2f,\"timeouts\":%zu}\n", established_ - before,
                took.count(), std::exchange(timeouts_, 0));
  }

  void echo() {
    for (auto& [fd, client] : clients_) {
      client.phase = Client::Phase::echoing;
      client.began = Clock::now();
      ask(client);
      ++busy_;
    }
    while (busy_ > 0) {
      wait();
    }
    std::printf("{\"echoed\":%zu,\"repeated\":%zu}\n", clients_.size(), std::exchange(timeouts_, 0));
  }

 private:
  void open_next() {
    int fd = -1;
    while (fd < 0) {
      const std::size_t host = next_address_ % options_.hosts;
      const std::size_t port = 20000 + next_address_ / options_.hosts;
      ++next_address_;
      if (port > 65535) {
        fail("there are too few hosts for so many clients");
      }
      sockaddr_in source{};
      source.sin_family = AF_INET;
      source.sin_port = htons(static_cast<std::uint16_t>(port));
      source.sin_addr.s_addr = htonl(0x7f010000U + static_cast<std::uint32_t>(host));
      fd = load::open_socket(source, options_.port);
    }
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
    Client& client = clients_[fd];
    client.number = opened_++;
    client.ssl = load::open_ssl(ctx_.get(), fd, options_.port);
    burst_.take_over(client.ssl.get(), fd);
    client.began = Clock::now();
    ++busy_;
    load::advance(client.ssl.get());
  }

  void wait() {
    burst_.send();
    std::array<epoll_event, 256> events;
    const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 50);
    for (int i = 0; i < count; ++i) {
      go_on(events.at(static_cast<std::size_t>(i)).data.fd);
    }
    const auto now = Clock::now();
    if (now < next_look_) {
      return;
    }
    next_look_ = now + milliseconds(100);
    for (auto& [fd, client] : clients_) {
      look_at_time(client, now);
    }
  }

  void go_on(int fd) {
    const auto found = clients_.find(fd);
    if (found == clients_.end()) {
      return;
    }
    Client& client = found->second;
    if (client.phase == Client::Phase::handshaking && load::advance(client.ssl.get())) {
      if (!options_.greet) {
        return finish(fd, client);
      }
      client.phase = Client::Phase::greeting;
      ask(client);
    }
    if (client.phase != Client::Phase::handshaking && was_echoed(client)) {
      finish(fd, client);
    }
  }

  void finish(int fd, Client& client) {
    const Client::Phase done = std::exchange(client.phase, Client::Phase::silent);
    if (done == Client::Phase::silent) {
      return;  // an echo that was asked for twice
    }
    --busy_;
    if (done == Client::Phase::echoing) {
      return;
    }
    ++established_;
    if (options_.keep_every > 0 && client.number % options_.keep_every == 0) {
      return;
    }
    SSL_set_quiet_shutdown(client.ssl.get(), 1);
    clients_.erase(fd);
    close(fd);  // it has nothing left in the burst: the server spoke last
  }

  void look_at_time(Client& client, Clock::time_point now) {
    switch (client.phase) {
      case Client::Phase::handshaking:
        if (now - client.began > handshake_deadline) {
          fail("a handshake was not done in 30 s");
        }
        if (DTLSv1_handle_timeout(client.ssl.get()) > 0) {
          ++timeouts_;
        }
        return;
      case Client::Phase::greeting:
      case Client::Phase::echoing:
        if (now - client.began > handshake_deadline + echo_deadline) {
          fail("connection " + std::to_string(client.number) + " no longer echoes");
        }
        if (now - client.asked > echo_repeat) {
          ++timeouts_;
          ask(client);
        }
        return;
      case Client::Phase::silent:
        return;
    }
  }

  static void ask(Client& client) {
    const std::uint64_t number = client.number;
    client.asked = Clock::now();
    if (SSL_write(client.ssl.get(), &number, sizeof number) != sizeof number) {
      fail("connection " + std::to_string(number) + " can't send");
    }
  }

  static bool was_echoed(Client& client) {
    std::array<std::uint8_t, 2048> buffer;
    bool any = false;
    for (;;) {
      const int size = SSL_read(client.ssl.get(), buffer.data(), static_cast<int>(buffer.size()));
      if (size <= 0) {
        if (SSL_get_error(client.ssl.get(), size) != SSL_ERROR_WANT_READ) {
          fail("connection " + std::to_string(client.number) + " has ended");
        }
        return any;
      }
      std::uint64_t number = 0;
      if (size != sizeof number) {
        fail("an echo has the wrong length");
      }
      std::memcpy(&number, buffer.data(), sizeof number);
      if (number != client.number) {
        fail("connection " + std::to_string(client.number) + " got another one's echo");
      }
      any = true;
    }
  }

  const Options options_;
  const load::SslCtxPtr ctx_;
  const int epoll_ = epoll_create1(0);
  Burst burst_;                              // before the clients: their BIOs are its
  std::unordered_map<int, Client> clients_;  // by socket: those at work and those kept
  std::size_t next_address_ = 0;
  std::size_t opened_ = 0;
  std::size_t established_ = 0;
  std::size_t busy_ = 0;
  std::size_t timeouts_ = 0;
  Clock::time_point next_look_{};
};

}  // namespace

int main(int count, char** words) {
  load::raise_open_file_limit();
  Crowd crowd(Options(load::Words(count, words)));
  std::string command;
  while (std::cin >> command) {
    if (command == "connect") {
      std::size_t total = 0;
      std::cin >> total;
      crowd.connect(total);
    } else if (command == "echo") {
      crowd.echo();
    } else {
      fail("unknown command: " + command);
    }
    std::fflush(stdout);
  }
}
