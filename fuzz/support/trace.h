// FUZZ_TRACE=1 makes a run tell its story on the standard error, to be retold in a test.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace fuzz {

inline bool is_traced() {
  static const bool traced = std::getenv("FUZZ_TRACE") != nullptr;
  return traced;
}

template <typename... Arguments>
void trace(const char* format, Arguments... arguments) {
  if (is_traced()) {
    std::fprintf(stderr, format, arguments...);
    std::fputc('\n', stderr);
  }
}

}  // namespace fuzz
