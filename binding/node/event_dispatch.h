// Hands batches of events to JavaScript: copied into the table and a slab made for the call, so that nothing
// a listener does can disturb the batch, and no slab is touched again once JavaScript has seen it.
#pragma once

#include <napi.h>

#include <cstddef>
#include <cstdint>

#include "core/events.h"

namespace dtls {

class EventDispatch {
 public:
  // `owner` keeps table and callback alive as long as it is itself reachable. Throws a TypeError.
  EventDispatch(Napi::Object owner, const Napi::Value& table, const Napi::Value& callback);
  ~EventDispatch() { destroy_async_context(); }
  EventDispatch(const EventDispatch&) = delete;
  EventDispatch& operator=(const EventDispatch&) = delete;

  // Between these the dispatch keeps table, callback and owner alive on its own account. open() remembers the
  // asynchronous context it is called in: AsyncLocalStorage gives its listeners that one. finish() makes the
  // last call, with no events in it.
  void open();
  void finish();

  // One call to JavaScript, or more if table or slab are too small. What a call throws surfaces as an
  // uncaught exception, and the rest is delivered. Must be open.
  void deliver(const Events& events);

 private:
  // How many events, from `first` on, one call takes, and the size of their bytes.
  struct Share {
    std::size_t count = 0;
    std::size_t bytes = 0;
  };
  void destroy_async_context();
  Share share_from(const Events& events, std::size_t first) const;
  bool call(const Events& events, std::size_t first, Share share);

  Napi::Env env_;
  // Weak until opened: the callback refers to its owner, which would never be collected otherwise.
  Napi::ObjectReference owner_;
  Napi::Reference<Napi::Int32Array> table_;
  Napi::FunctionReference callback_;
  napi_async_context async_context_ = nullptr;
  std::int32_t* ring_fields_ = nullptr;  // while open
  std::size_t table_capacity_;           // events
};

}  // namespace dtls
