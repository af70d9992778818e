#include "allocations.h"

#include <openssl/crypto.h>

#include <cstdio>
#include <cstdlib>
#include <new>

namespace {

std::size_t news = 0;
std::ptrdiff_t openssl_blocks = 0;

void* openssl_malloc(std::size_t size, const char* /*file*/, int /*line*/) {
  ++openssl_blocks;
  return std::malloc(size);
}

void* openssl_realloc(void* block, std::size_t size, const char* /*file*/, int /*line*/) {
  if (block == nullptr) {
    ++openssl_blocks;
  }
  return std::realloc(block, size);
}

void openssl_free(void* block, const char* /*file*/, int /*line*/) {
  if (block != nullptr) {
    --openssl_blocks;
  }
  std::free(block);
}

// OpenSSL takes other allocators only before its first allocation.
const bool openssl_is_counted = CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free) == 1;

}  // namespace

AllocationCount count_allocations() {
  if (!openssl_is_counted) {
    std::fputs("OpenSSL has allocated before main\n", stderr);
    std::abort();
  }
  return {news, openssl_blocks};
}

void* operator new(std::size_t size) {
  ++news;
  if (void* const block = std::malloc(size == 0 ? 1 : size)) {
    return block;
  }
  throw std::bad_alloc();
}

void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t /*size*/) noexcept { std::free(block); }
