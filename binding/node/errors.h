// The errors that JavaScript gets from native calls, as src/native/errors.ts declares them.
#pragma once

#include <napi.h>

#include "net/system_error.h"

namespace dtls {

// NativeSystemError: code, errno and syscall as Node's own errors have them.
Napi::Error to_error(Napi::Env env, const SystemError& error);

// NativeProblem: `problem` is one of the words that src/native/errors.ts lists.
Napi::Error problem(Napi::Env env, const char* problem, const char* message);

}  // namespace dtls
