// What the endpoints of one event loop share, and the end of them all.
#pragma once

#include <uv.h>

#include <functional>
#include <memory>
#include <unordered_set>

#include "net/linux_messages.h"
#include "net/receive_buffer.h"
#include "net/uv_handle.h"

namespace dtls {

class EndpointDriver;

class LoopContext {
 public:
  explicit LoopContext(uv_loop_t* loop) : loop_(loop) {}
  LoopContext(const LoopContext&) = delete;
  LoopContext& operator=(const LoopContext&) = delete;

  uv_loop_t* loop() const { return loop_; }
  const std::shared_ptr<OpenHandles>& open_handles() const { return open_handles_; }
  ReceiveBuffer& receive_buffer() { return receive_buffer_; }
#ifdef __linux__
  MessageReceiver& message_receiver() {
    if (!message_receiver_) {
      message_receiver_ = std::make_unique<MessageReceiver>();
    }
    return *message_receiver_;
  }
#endif

  void add(EndpointDriver& driver) { drivers_.insert(&driver); }
  void remove(EndpointDriver& driver) { drivers_.erase(&driver); }

  // The process is about to exit, but scripts still run: closes all endpoints.
  void close_all();
  // The environment ends: as above, but no owner is called any more. `when_done` runs when libuv has returned
  // the last handle, which may be at once.
  void abandon_all(std::function<void()> when_done);

 private:
  uv_loop_t* const loop_;
  const std::shared_ptr<OpenHandles> open_handles_ = std::make_shared<OpenHandles>();
  ReceiveBuffer receive_buffer_;
#ifdef __linux__
  std::unique_ptr<MessageReceiver> message_receiver_;
#endif
  std::unordered_set<EndpointDriver*> drivers_;  // those with open handles
};

}  // namespace dtls
