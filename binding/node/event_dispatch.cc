#include "node/event_dispatch.h"

#include <algorithm>
#include <string>

#include "node/seam.h"

namespace dtls {

namespace {

// Plain Node-API below, not node-addon-api: when a worker is being terminated its calls fail without an
// exception to show for it, and node-addon-api makes an Error of each failure, which fails in turn.
class HandleScope {
 public:
  explicit HandleScope(napi_env env) : env_(env), open_(napi_open_handle_scope(env, &scope_) == napi_ok) {}
  ~HandleScope() {
    if (open_) {
      napi_close_handle_scope(env_, scope_);
    }
  }
  HandleScope(const HandleScope&) = delete;
  HandleScope& operator=(const HandleScope&) = delete;

 private:
  napi_env env_;
  napi_handle_scope scope_ = nullptr;
  bool open_;
};

// As if a callback of Node's own had thrown it: 'uncaughtException', or the end of the process.
void surface_exception(napi_env env) {
  bool pending = false;
  napi_value exception = nullptr;
  if (napi_is_exception_pending(env, &pending) == napi_ok && pending &&
      napi_get_and_clear_last_exception(env, &exception) == napi_ok) {
    napi_fatal_exception(env, exception);
  }
}

std::int32_t low_half(ConnectionId id) { return static_cast<std::int32_t>(static_cast<std::uint32_t>(id)); }
std::int32_t high_half(ConnectionId id) { return static_cast<std::int32_t>(id >> 32); }

}  // namespace

EventDispatch::EventDispatch(Napi::Object owner, const Napi::Value& table, const Napi::Value& callback)
    : env_(owner.Env()) {
  if (!table.IsTypedArray() || table.As<Napi::TypedArray>().TypedArrayType() != napi_int32_array ||
      table.As<Napi::Int32Array>().ElementLength() < seam::Field::stride) {
    throw Napi::TypeError::New(env_, "table must be an Int32Array with room for an event");
  }
  if (!callback.IsFunction()) {
    throw Napi::TypeError::New(env_, "dispatch must be a function");
  }
  table_capacity_ = table.As<Napi::Int32Array>().ElementLength() / seam::Field::stride;
  const std::initializer_list<napi_value> kept{table, callback};
  Napi::Array keeper = Napi::Array::New(env_, kept.size());
  keeper[std::uint32_t{0}] = table;
  keeper[std::uint32_t{1}] = callback;
  owner.DefineProperty(
      Napi::PropertyDescriptor::Value(Napi::Symbol::New(env_, "dispatch"), keeper, napi_default));
  owner_ = Napi::Weak(owner);
  table_ = Napi::Weak(table.As<Napi::Int32Array>());
  callback_ = Napi::Weak(callback.As<Napi::Function>());
}

void EventDispatch::open() {
  owner_.Ref();
  table_.Ref();
  callback_.Ref();
  ring_fields_ = table_.Value().Data();
  // Not Napi::AsyncContext: that gives Node-API an object of its own as resource, which Node then holds
  // weakly; AsyncLocalStorage loses its store with the first garbage collection. Without one Node makes a
  // strong one.
  const Napi::String name = Napi::String::New(env_, "DTLSEndpoint");
  NAPI_THROW_IF_FAILED_VOID(env_, napi_async_init(env_, nullptr, name, &async_context_));
}

void EventDispatch::finish() {
  call({}, 0, {});
  destroy_async_context();
  ring_fields_ = nullptr;
  callback_.Unref();
  table_.Unref();
  owner_.Unref();
}

void EventDispatch::deliver(const Events& events) {
  std::size_t next = 0;
  while (next < events.list().size()) {
    const Share share = share_from(events, next);
    if (!call(events, next, share)) {
      return;  // the environment is ending
    }
    next += share.count;
  }
}

void EventDispatch::destroy_async_context() {
  if (async_context_ != nullptr) {
    napi_async_destroy(env_, async_context_);
    async_context_ = nullptr;
  }
}

EventDispatch::Share EventDispatch::share_from(const Events& events, std::size_t first) const {
  const std::vector<Event>& list = events.list();
  Share share;
  while (first + share.count < list.size() && share.count < table_capacity_) {
    const std::size_t more = list[first + share.count].length;
    if (share.count > 0 && share.bytes + more > seam::slab_size) {
      break;
    }
    share.bytes += more;
    ++share.count;
  }
  return share;
}

bool EventDispatch::call(const Events& events, std::size_t first, Share share) {
  const HandleScope scope(env_);
  napi_value buffer = nullptr;
  napi_value slab = nullptr;
  void* slab_bytes = nullptr;
  if (share.bytes == 0) {
    if (napi_get_undefined(env_, &slab) != napi_ok) {
      return false;
    }
  } else if (napi_create_arraybuffer(env_, share.bytes, &slab_bytes, &buffer) != napi_ok ||
             napi_create_typedarray(env_, napi_uint8_array, share.bytes, buffer, 0, &slab) != napi_ok) {
    return false;
  }

  std::int32_t* fields = ring_fields_;
  std::size_t offset = 0;
  for (std::size_t i = first; i < first + share.count; ++i) {
    const Event& event = events.list()[i];
    if (event.length > 0) {
      std::copy_n(events.bytes().data() + event.offset, event.length,
                  static_cast<std::uint8_t*>(slab_bytes) + offset);
    }
    fields[seam::kind] = static_cast<std::int32_t>(event.kind);
    fields[seam::id_low] = low_half(event.id);
    fields[seam::id_high] = high_half(event.id);
    fields[seam::a] = event.a;
    fields[seam::b] = event.b;
    fields[seam::c] = event.c;
    fields[seam::offset] = static_cast<std::int32_t>(offset);
    fields[seam::length] = static_cast<std::int32_t>(event.length);
    fields += seam::stride;
    offset += event.length;
  }

  napi_value count = nullptr;
  if (napi_create_uint32(env_, static_cast<std::uint32_t>(share.count), &count) != napi_ok) {
    return false;
  }
  const napi_value arguments[] = {count, slab};
  const napi_status status =
      napi_make_callback(env_, async_context_, owner_.Value(), callback_.Value(), 2, arguments, nullptr);
  if (status != napi_ok) {
    surface_exception(env_);
  }
  return true;
}

}  // namespace dtls
