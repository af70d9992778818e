// Where datagrams arrive. A batch is handled whole inside libuv's receive callback, so the endpoints of a
// loop share one buffer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace dtls {

class ReceiveBuffer {
 public:
  // libuv cuts what it gets into chunks of 64 KiB, the longest datagram, and reads up to 20 of them with one
  // recvmmsg.
  static constexpr std::size_t chunk_size = std::size_t{64} * 1024;
  static constexpr std::size_t size = 20 * chunk_size;

  // Left uninitialized on purpose: of 1.25 MiB only the pages that datagrams touch become resident.
  char* data() {
    if (!bytes_) {
      bytes_.reset(new char[size]);
    }
    return bytes_.get();
  }

 private:
  std::unique_ptr<char[]> bytes_;
};

}  // namespace dtls
