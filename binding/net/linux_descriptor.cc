#ifdef __linux__

#include "net/linux_descriptor.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "net/linux_error_queue.h"
#include "net/socket_address.h"
#include "net/socket_options.h"
#include "net/system_error.h"

namespace dtls {

Descriptor::~Descriptor() { ::close(number_); }

std::unique_ptr<Descriptor> bind_descriptor(const SocketAddress& address, int family,
                                            const BindOptions& options, bool destinations) {
  const int number = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (number < 0) {
    throw SystemError(uv_translate_sys_error(errno), "socket");
  }
  auto descriptor = std::make_unique<Descriptor>(number);
  set_options_before_bind(number, family, options);
  receive_drop_counts(number);
  queue_errors(number, family);
  if (destinations) {
    receive_destinations(number, family);
  }
  if (bind(number, &address.any, socket_address_size(family)) != 0) {
    throw SystemError(uv_translate_sys_error(errno), "bind", bind_text(options));
  }
  set_descriptor_buffers(number, options.receive_buffer, options.send_buffer);
  return descriptor;
}

void set_descriptor_buffers(int descriptor, int receive, int send) {
  // What the system refuses is no error: it keeps its own.
  if (receive > 0) {
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receive, sizeof receive);
  }
  if (send > 0) {
    setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &send, sizeof send);
  }
}

WatchedDescriptor::WatchedDescriptor(uv_loop_t* loop, const std::shared_ptr<OpenHandles>& open_handles,
                                     std::unique_ptr<Descriptor> descriptor, ConnectionId id,
                                     Watcher& watcher)
    : descriptor_(std::move(descriptor)), id_(id), watcher_(watcher) {
  handle_ = UvHandle<uv_poll_t>(open_handles, "epoll_ctl", this, [&](uv_poll_t* handle) {
    return uv_poll_init(loop, handle, descriptor_->number());
  });
  start();
}

void WatchedDescriptor::watch_writable(bool writable) {
  if (writable != writable_) {
    writable_ = writable;
    start();
  }
}

void WatchedDescriptor::start() {
  const int events = UV_READABLE | (writable_ ? UV_WRITABLE : 0);
  if (const int status = uv_poll_start(handle_.get(), events, on_poll); status < 0) {
    throw SystemError(status, "epoll_ctl");
  }
}

void WatchedDescriptor::on_poll(uv_poll_t* handle, int status, int events) {
  auto* watch = static_cast<WatchedDescriptor*>(handle->data);
  if (status < 0) {
    // Something waits in the queue of errors: libuv calls any error EBADF, says nothing of what else there
    // is, and stops to watch.
    uv_poll_start(handle, UV_READABLE | (watch->writable_ ? UV_WRITABLE : 0), on_poll);
    watch->watcher_.on_errors(*watch);
    if (watch->writable_) {
      watch->watcher_.on_writable();
    }
    return watch->watcher_.on_readable(*watch);
  }
  // Before reading: a user who is called may end the watch.
  if ((events & UV_WRITABLE) != 0) {
    watch->watcher_.on_writable();
  }
  if ((events & UV_READABLE) != 0) {
    watch->watcher_.on_readable(*watch);
  }
}

}  // namespace dtls

#endif
