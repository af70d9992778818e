#include "node/environment.h"

namespace dtls {

namespace {

uv_loop_t* loop_of(Napi::Env env) {
  uv_loop_t* loop = nullptr;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok) {
    throw Napi::Error::New(env, "this environment has no libuv event loop");
  }
  return loop;
}

void close_all_at_exit(Napi::Env env) {
  const auto process = env.Global().Get("process").As<Napi::Object>();
  const auto listener = Napi::Function::New(
      env, [](const Napi::CallbackInfo& info) { Environment::of(info.Env()).loop_context()->close_all(); });
  process.Get("on").As<Napi::Function>().Call(process, {Napi::String::New(env, "exit"), listener});
}

}  // namespace

void Environment::install(Napi::Env env) {
  auto* environment = new Environment(loop_of(env));
  env.SetInstanceData(environment);  // owns it from here on
  close_all_at_exit(env);
  if (napi_add_async_cleanup_hook(env, on_cleanup, environment, nullptr) != napi_ok) {
    throw Napi::Error::New(env, "the clean-up hook of this environment cannot be set");
  }
}

void Environment::on_cleanup(napi_async_cleanup_hook_handle hook, void* data) {
  static_cast<Environment*>(data)->loop_context_->abandon_all(
      [hook] { napi_remove_async_cleanup_hook(hook); });
}

}  // namespace dtls
