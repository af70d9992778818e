// Counts what is allocated in this process.
#pragma once

#include <cstddef>

struct AllocationCount {
  std::size_t ours = 0;             // calls of operator new so far
  std::ptrdiff_t openssl_live = 0;  // blocks of OpenSSL's that have not been freed
};

AllocationCount count_allocations();
