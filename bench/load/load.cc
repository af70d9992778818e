// A load generator: many clients in one thread, each with some datagrams under way, every echo verified.
//
//   load --mode dtls|udp --port 4433 --connections 50 --window 4 --size 64 --seconds 5
//
// Speaks only to 127.0.0.1. Prints one line of JSON; exits with 1 if an echo was wrong or a handshake failed.
// When nothing has come back on a connection for 200 ms its window counts as lost and is sent anew.

#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <utility>
#include <vector>

#include "load/client.h"

namespace {

using load::fail;
using Clock = std::chrono::steady_clock;

struct Options {
  explicit Options(const load::Words& words)
      : dtls(words.text("--mode", "dtls") != "udp"),
        port(static_cast<std::uint16_t>(words.number("--port", 4433))),
        connections(words.number("--connections", 50)),
        window(words.number("--window", 4)),
        size(std::max<std::size_t>(16, words.number("--size", 64))),
        seconds(static_cast<int>(words.number("--seconds", 5))) {}

  bool dtls;
  std::uint16_t port;
  std::size_t connections;
  std::size_t window;
  std::size_t size;
  int seconds;
};

struct Client {
  int fd = -1;
  load::SslPtr ssl;
  bool established = false;
  std::uint64_t next_number = 0;
  std::size_t under_way = 0;
  Clock::time_point last_echo;
};

struct Totals {
  std::uint64_t echoed = 0;
  std::uint64_t lost = 0;
  std::uint64_t wrong = 0;
};

class Load {
 public:
  explicit Load(const Options& options) : options_(options), buffer_(65536), epoll_(epoll_create1(0)) {
    sockaddr_in any{};
    any.sin_family = AF_INET;
    clients_.resize(options.connections);
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      Client& client = clients_[i];
      client.fd = load::open_socket(any, options.port);
      client.established = !options.dtls;
      if (options.dtls) {
        client.ssl = load::open_ssl(ctx_.get(), client.fd, options.port);
      }
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.u64 = i;
      epoll_ctl(epoll_, EPOLL_CTL_ADD, client.fd, &event);
    }
  }

  // In slices, so that the handshakes of thousands do not overrun the receive buffer.
  void establish() {
    constexpr std::size_t slice = 64;
    for (std::size_t from = 0; from < clients_.size(); from += slice) {
      const std::size_t to = std::min(from + slice, clients_.size());
      for (std::size_t i = from; i < to; ++i) {
        advance(clients_[i]);
      }
      const auto deadline = Clock::now() + std::chrono::seconds(20);
      while (!all_established(from, to)) {
        if (Clock::now() > deadline) {
          fail("the handshakes were not done in 20 s");
        }
        wait(20, [this](std::size_t index) { advance(clients_[index]); });
        for (std::size_t i = from; i < to; ++i) {
          if (!clients_[i].established) {
            DTLSv1_handle_timeout(clients_[i].ssl.get());
          }
        }
      }
    }
  }

  Totals run() {
    Totals totals;
    const auto start = Clock::now();
    const auto end = start + std::chrono::seconds(options_.seconds);
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      fill(i);
    }
    auto next_check = start + std::chrono::milliseconds(100);
    for (auto now = start; now < end; now = Clock::now()) {
      wait(50, [&](std::size_t index) { receive(index, totals); });
      if (now < next_check) {
        continue;
      }
      next_check = now + std::chrono::milliseconds(100);
      for (std::size_t i = 0; i < clients_.size(); ++i) {
        if (now - clients_[i].last_echo < std::chrono::milliseconds(200)) {
          continue;
        }
        totals.lost += clients_[i].under_way;
        clients_[i].under_way = 0;
        fill(i);
      }
    }
    return totals;
  }

  void close() {
    for (Client& client : clients_) {
      if (client.ssl) {
        SSL_shutdown(client.ssl.get());
      }
    }
  }

 private:
  template <typename OnReadable>
  void wait(int milliseconds, OnReadable on_readable) {
    epoll_event events[256];
    const int count = epoll_wait(epoll_, events, 256, milliseconds);
    for (int i = 0; i < count; ++i) {
      on_readable(static_cast<std::size_t>(events[i].data.u64));
    }
  }

  static void advance(Client& client) {
    client.established = client.established || load::advance(client.ssl.get());
  }

  bool all_established(std::size_t from, std::size_t to) const {
    for (std::size_t i = from; i < to; ++i) {
      if (!clients_[i].established) {
        return false;
      }
    }
    return true;
  }

  void fill(std::size_t index) {
    Client& client = clients_[index];
    client.last_echo = Clock::now();
    while (client.under_way < options_.window) {
      std::memset(buffer_.data(), static_cast<int>(index & 0xff), options_.size);
      const std::uint64_t head[2] = {index, client.next_number++};
      std::memcpy(buffer_.data(), head, sizeof head);
      const auto size = static_cast<int>(options_.size);
      const auto sent = client.ssl ? SSL_write(client.ssl.get(), buffer_.data(), size)
                                   : send(client.fd, buffer_.data(), options_.size, 0);
      if (sent != size) {
        return;
      }
      ++client.under_way;
    }
  }

  void receive(std::size_t index, Totals& totals) {
    Client& client = clients_[index];
    for (;;) {
      const auto size = client.ssl
                            ? SSL_read(client.ssl.get(), buffer_.data(), static_cast<int>(buffer_.size()))
                            : recv(client.fd, buffer_.data(), buffer_.size(), 0);
      if (size <= 0) {
        break;
      }
      std::uint64_t head[2];
      std::memcpy(head, buffer_.data(), sizeof head);
      if (static_cast<std::size_t>(size) != options_.size || head[0] != index ||
          head[1] >= client.next_number) {
        ++totals.wrong;
      }
      ++totals.echoed;
      if (client.under_way > 0) {
        --client.under_way;
      }
    }
    fill(index);
  }

  const Options options_;
  const load::SslCtxPtr ctx_ = load::client_context("", "");
  std::vector<std::uint8_t> buffer_;
  int epoll_;
  std::vector<Client> clients_;
};

}  // namespace

int main(int count, char** words) {
  load::raise_open_file_limit();
  const Options options(load::Words(count, words));
  Load clients(options);
  clients.establish();
  std::printf("{\"established\":%zu}\n", options.connections);
  std::fflush(stdout);
  std::getchar();  // the server's CPU time is read in between
  const Totals totals = clients.run();
  std::printf("{\"echoed\":%llu,\"lost\":%llu,\"wrong\":%llu,\"seconds\":%d}\n",
              static_cast<unsigned long long>(totals.echoed), static_cast<unsigned long long>(totals.lost),
              static_cast<unsigned long long>(totals.wrong), options.seconds);
  std::fflush(stdout);
  std::getchar();
  clients.close();
  return totals.wrong == 0 && totals.echoed > 0 ? 0 : 1;
}
