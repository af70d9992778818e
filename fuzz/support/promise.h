// How a target says that the code under test broke its word.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace fuzz {

// A broken promise is a finding like any crash: libFuzzer keeps the input and prints the stack.
inline void promise(bool kept, const char* what) {
  if (kept) {
    return;
  }
  std::fprintf(stderr, "broken promise: %s\n", what);
  std::abort();
}

}  // namespace fuzz
