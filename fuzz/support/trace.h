// FUZZ_TRACE=1 makes a run tell its story on the standard error, to be retold in a test.
#pragma once

#include <array>
#include <cstddef>
#include <cstdio>
#include <cstdlib>

#include "core/events.h"

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

inline const char* name_of(dtls::EventKind kind) {
#define FUZZ_KIND_NAME(name) #name,
  static constexpr std::array names = {"none", DTLS_EVENT_KINDS(FUZZ_KIND_NAME)};
#undef FUZZ_KIND_NAME
  return names.at(static_cast<std::size_t>(kind));
}

}  // namespace fuzz
