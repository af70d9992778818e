// Owners of libuv handles. A handle may be freed only in its close callback, a turn of the loop or more after
// uv_close: the handle lives in a block of its own, which its close callback deletes.
#pragma once

#include <uv.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

#include "net/system_error.h"

namespace dtls {

// Counts the handles of one loop that are open or still closing, so that the end of an environment can wait
// for the last of them.
class OpenHandles {
 public:
  void opened() { ++count_; }
  void closed() {
    if (--count_ == 0 && when_none_) {
      std::exchange(when_none_, nullptr)();
    }
  }
  // Calls back at once if none is open.
  void when_none(std::function<void()> callback) {
    if (count_ == 0) {
      callback();
    } else {
      when_none_ = std::move(callback);
    }
  }

 private:
  std::size_t count_ = 0;
  std::function<void()> when_none_;
};

template <typename Handle>
class UvHandle {
 public:
  UvHandle() = default;

  // `init(Handle*)` is one of libuv's uv_*_init functions; where it fails libuv knows nothing of the handle.
  // Throws SystemError.
  template <typename Init>
  UvHandle(std::shared_ptr<OpenHandles> open_handles, const char* syscall, void* data, Init init) {
    auto block = std::make_unique<Block>();
    const int status = init(&block->handle);
    if (status < 0) {
      throw SystemError(status, syscall);
    }
    block->handle.data = data;
    block->open_handles = std::move(open_handles);
    block->open_handles->opened();
    block_.reset(block.release());
  }

  Handle* get() const { return &block_->handle; }
  explicit operator bool() const { return block_ != nullptr; }
  // No callback of the handle but those of its pending requests comes after this.
  void close() { block_.reset(); }

 private:
  struct Block {
    Handle handle{};
    std::shared_ptr<OpenHandles> open_handles;
  };
  struct Close {
    void operator()(Block* block) const {
      // The handle is the block's first member, and its data is nobody's from here on.
      block->handle.data = block;
      uv_close(reinterpret_cast<uv_handle_t*>(&block->handle), [](uv_handle_t* handle) {
        const std::unique_ptr<Block> closed(static_cast<Block*>(handle->data));
        closed->open_handles->closed();
      });
    }
  };

  std::unique_ptr<Block, Close> block_;
};

}  // namespace dtls
