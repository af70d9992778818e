// What the addon keeps for one Node.js environment (the main thread or a worker). There is no other state:
// workers load the same binary.
#pragma once

#include <napi.h>

#include <memory>

#include "net/loop_context.h"

namespace dtls {

class Environment {
 public:
  // Made once, when the addon is loaded into an environment. Two things end its endpoints: the process's
  // 'exit' event, for process.exit() on the main thread runs no clean-up hooks; and an asynchronous clean-up
  // hook, for worker.terminate() emits no event. libuv's loop must not end with our handles open, so the hook
  // is done when the last of them is.
  static void install(Napi::Env env);
  static Environment& of(Napi::Env env) { return *env.GetInstanceData<Environment>(); }

  // Endpoints share it: the order in which they and the environment are finalized is nobody's to choose.
  const std::shared_ptr<LoopContext>& loop_context() const { return loop_context_; }

 private:
  explicit Environment(uv_loop_t* loop) : loop_context_(std::make_shared<LoopContext>(loop)) {}

  static void on_cleanup(napi_async_cleanup_hook_handle hook, void* data);

  std::shared_ptr<LoopContext> loop_context_;
};

}  // namespace dtls
