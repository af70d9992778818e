// Two SSL objects that talk in memory: handshakes and records as OpenSSL makes them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/key_block.h"
#include "core/openssl_ptr.h"
#include "simulation/wire.h"

namespace simulation {

struct SslPairOptions {
  std::string suite;
  bool extended_master_secret = true;
  bool encrypt_then_mac = true;
};

class SslPair {
 public:
  // Names of the suites of DTLS 1.2 that both can agree on at security level 0. Not those that want a DSA
  // certificate or SRP, whose records are those of other suites.
  static std::vector<std::string> suites();

  explicit SslPair(const SslPairOptions& options);

  bool connected() const;
  SSL* ssl(dtls::Writer end) { return end == dtls::Writer::client ? client_.get() : server_.get(); }
  bool encrypt_then_mac() const { return encrypt_then_mac_; }

  // The record in which this end sends the data.
  Bytes seal(dtls::Writer writer, dtls::ByteView data);
  // What the other end reads from a record; none if it is not authentic.
  std::optional<Bytes> open(dtls::Writer writer, dtls::ByteView record);

 private:
  static void on_message(int sent, int version, int content_type, const void* bytes, std::size_t size,
                         SSL* ssl, void* pair);
  void pass(SSL* from, SSL* to);

  dtls::SslPtr client_;
  dtls::SslPtr server_;
  bool encrypt_then_mac_ = false;
};

}  // namespace simulation
