#include "load/client.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace load {

void fail(const std::string& what) {
  std::fprintf(stderr, "%s: %s\n", program_invocation_short_name, what.c_str());
  ERR_print_errors_fp(stderr);
  std::exit(1);
}

Words::Words(int count, char** words) {
  for (int i = 1; i + 1 < count; i += 2) {
    given_[words[i]] = words[i + 1];
  }
}

std::size_t Words::number(const std::string& name, std::size_t otherwise) const {
  const auto found = given_.find(name);
  return found == given_.end() ? otherwise : static_cast<std::size_t>(std::stoul(found->second));
}

std::string Words::text(const std::string& name, const std::string& otherwise) const {
  const auto found = given_.find(name);
  return found == given_.end() ? otherwise : found->second;
}

void raise_open_file_limit() {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

int open_socket(const sockaddr_in& source, std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  if (fd < 0) {
    fail("can't open a socket");
  }
  if (bind(fd, reinterpret_cast<const sockaddr*>(&source), sizeof source) != 0) {
    if (errno != EADDRINUSE) {
      fail("can't bind a socket");
    }
    close(fd);
    return -1;
  }
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) {
    fail("can't connect a socket");
  }
  return fd;
}

SslCtxPtr client_context(const std::string& cipher_list, const std::string& groups) {
  SslCtxPtr ctx(SSL_CTX_new(DTLS_client_method()));
  if (!ctx || SSL_CTX_set_max_proto_version(ctx.get(), DTLS1_2_VERSION) != 1) {
    fail("this OpenSSL has no DTLS 1.2");
  }
  SSL_CTX_set_verify(ctx.get(), SSL_VERIFY_NONE, nullptr);
  if (!cipher_list.empty() && SSL_CTX_set_cipher_list(ctx.get(), cipher_list.c_str()) != 1) {
    fail("no such cipher suite: " + cipher_list);
  }
  if (!groups.empty() && SSL_CTX_set1_groups_list(ctx.get(), groups.c_str()) != 1) {
    fail("no such group: " + groups);
  }
  return ctx;
}

void use_certificate(SSL_CTX* ctx, const std::string& certificate_and_key) {
  const char* const file = certificate_and_key.c_str();
  if (SSL_CTX_use_certificate_chain_file(ctx, file) != 1 ||
      SSL_CTX_use_PrivateKey_file(ctx, file, SSL_FILETYPE_PEM) != 1) {
    fail("no certificate with its key in " + certificate_and_key);
  }
}

SslPtr open_ssl(SSL_CTX* ctx, int fd, std::uint16_t port) {
  SslPtr ssl(SSL_new(ctx));
  BIO* bio = BIO_new_dgram(fd, BIO_NOCLOSE);
  BIO_ADDR* peer = BIO_ADDR_new();
  if (!ssl || !bio || !peer) {
    fail("OpenSSL is out of memory");
  }
  in_addr loopback{};
  loopback.s_addr = htonl(INADDR_LOOPBACK);
  BIO_ADDR_rawmake(peer, AF_INET, &loopback, sizeof loopback, htons(port));
  BIO_ctrl(bio, BIO_CTRL_DGRAM_SET_CONNECTED, 0, peer);
  BIO_ADDR_free(peer);
  SSL_set_bio(ssl.get(), bio, bio);
  SSL_set_connect_state(ssl.get());
  return ssl;
}

bool advance(SSL* ssl) {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl);
  if (result == 1) {
    return true;
  }
  if (SSL_get_error(ssl, result) != SSL_ERROR_WANT_READ) {
    fail("a handshake failed");
  }
  return false;
}

}  // namespace load
