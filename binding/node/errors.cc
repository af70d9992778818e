#include "node/errors.h"

namespace dtls {

Napi::Error to_error(Napi::Env env, const SystemError& error) {
  const Napi::Error result = Napi::Error::New(env, error.what());
  Napi::Object object = result.Value();
  object["code"] = Napi::String::New(env, error_code(error.status));
  object["errno"] = Napi::Number::New(env, error.status);
  object["syscall"] = Napi::String::New(env, error.syscall);
  return result;
}

Napi::Error problem(Napi::Env env, const char* problem, const char* message) {
  const Napi::Error result = Napi::Error::New(env, message);
  result.Value()["problem"] = Napi::String::New(env, problem);
  return result;
}

}  // namespace dtls
