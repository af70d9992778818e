// What the load programs share: their options and DTLS clients on sockets of their own.
#pragma once

#include <netinet/in.h>
#include <openssl/ssl.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace load {

struct SslDeleter {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
struct SslCtxDeleter {
  void operator()(SSL_CTX* ctx) const { SSL_CTX_free(ctx); }
};
using SslPtr = std::unique_ptr<SSL, SslDeleter>;
using SslCtxPtr = std::unique_ptr<SSL_CTX, SslCtxDeleter>;

// Prints "<program>: <what>" with OpenSSL's errors and exits with 1.
[[noreturn]] void fail(const std::string& what);

// `--name value` words.
class Words {
 public:
  Words(int count, char** words);
  std::size_t number(const std::string& name, std::size_t otherwise) const;
  std::string text(const std::string& name, const std::string& otherwise) const;

 private:
  std::map<std::string, std::string> given_;
};

// As many as the system lets this process have.
void raise_open_file_limit();

// A non-blocking socket from `source` to 127.0.0.1, -1 where the source is taken.
int open_socket(const sockaddr_in& source, std::uint16_t port);

// Takes any certificate: who it belongs to is not what is measured. "" leaves OpenSSL's default.
SslCtxPtr client_context(const std::string& cipher_list, const std::string& groups);
// What it shows to a server that asks: a file of PEM with both.
void use_certificate(SSL_CTX* ctx, const std::string& certificate_and_key);

// A client about to begin its handshake over a connected socket, which stays the caller's.
SslPtr open_ssl(SSL_CTX* ctx, int fd, std::uint16_t port);

// Goes on with a handshake: true once it is done. A refused one ends the program.
bool advance(SSL* ssl);

}  // namespace load
