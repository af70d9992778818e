// A UDP socket's descriptor, and its watch by libuv.
#pragma once

#ifdef __linux__

#include <uv.h>

#include <cstdint>
#include <memory>
#include <utility>

#include "core/address.h"
#include "core/connection_id.h"
#include "net/socket_address.h"
#include "net/udp_socket.h"
#include "net/uv_handle.h"

namespace dtls {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor();
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  const int number_;
};

// Bound, with the options' marks and buffers, its errors queued and its drops counted; `destinations` as
// receive_destinations(). Throws SystemError.
std::unique_ptr<Descriptor> bind_descriptor(const SocketAddress& address, int family,
                                            const BindOptions& options, bool destinations);
void set_descriptor_buffers(int descriptor, int receive, int send);

class WatchedDescriptor {
 public:
  class Watcher {
   public:
    // May destroy the watch.
    virtual void on_readable(WatchedDescriptor& from) = 0;
    virtual void on_writable() = 0;
    virtual void on_errors(WatchedDescriptor& from) = 0;  // in its queue

   protected:
    ~Watcher() = default;
  };

  WatchedDescriptor(uv_loop_t* loop, const std::shared_ptr<OpenHandles>& open_handles,
                    std::unique_ptr<Descriptor> descriptor, ConnectionId id, Watcher& watcher);
  ~WatchedDescriptor() { handle_.close(); }
  WatchedDescriptor(const WatchedDescriptor&) = delete;
  WatchedDescriptor& operator=(const WatchedDescriptor&) = delete;

  int number() const { return descriptor_->number(); }
  // The connection whose own socket it is; 0: everybody's.
  ConnectionId id() const { return id_; }
  // The system counts what the socket drops, in 32 bits: how many more that is than the last time.
  std::uint32_t drops_since(std::uint32_t count) { return count - std::exchange(drops_, count); }
  // Also tell when it takes datagrams again.
  void watch_writable(bool writable);

 private:
  static void on_poll(uv_poll_t* handle, int status, int events);
  void start();

  // The watch ends before the descriptor is closed: members go in reverse order, and ~WatchedDescriptor
  // first.
  const std::unique_ptr<Descriptor> descriptor_;
  const ConnectionId id_;
  Watcher& watcher_;
  UvHandle<uv_poll_t> handle_;
  bool writable_ = false;
  std::uint32_t drops_ = 0;
};

}  // namespace dtls

#endif
