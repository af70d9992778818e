// A heap of OpenSSL's own. A handshake takes and returns a thousand blocks, and AddressSanitizer's malloc
// made up half of its time. OpenSSL's code is not instrumented, so this one finds as much: the bounds and the
// end of a block are poisoned for our code and for memcpy and its like, a block is released once, and all are
// counted.
#pragma once

#include <openssl/crypto.h>
#include <sanitizer/asan_interface.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "support/promise.h"

namespace fuzz {

namespace openssl_heap {

struct Header {
  std::size_t size;   // asked for
  std::size_t order;  // the block is 2^order bytes with its header
  Header* next;       // of those that are free
  std::uint64_t state;
};
constexpr std::uint64_t in_use = 0x75736564;
constexpr std::uint64_t released = 0x66726565;
constexpr std::size_t least_order = 6;
constexpr std::size_t redzone = 8;  // at least

struct Heap {
  std::array<Header*, 64> free_blocks{};
  std::vector<std::unique_ptr<std::uint8_t[]>> slabs;
  std::uint8_t* rest = nullptr;
  std::size_t rest_size = 0;
  std::ptrdiff_t live_blocks = 0;
};
// Never destroyed: OpenSSL releases until the very end.
inline Heap& heap = *new Heap;

inline std::uint8_t* bytes_of(Header* block) { return reinterpret_cast<std::uint8_t*>(block + 1); }
inline Header* block_of(void* bytes) { return static_cast<Header*>(bytes) - 1; }

inline std::size_t order_of(std::size_t size) {
  std::size_t order = least_order;
  while ((std::size_t{1} << order) < size + sizeof(Header) + redzone) {
    ++order;
  }
  return order;
}

inline Header* carve(std::size_t order) {
  constexpr std::size_t least_slab = std::size_t{1} << 22;
  const std::size_t size = std::size_t{1} << order;
  if (heap.rest_size < size) {
    heap.rest_size = std::max(least_slab, size);
    heap.slabs.emplace_back(new std::uint8_t[heap.rest_size]);
    heap.rest = heap.slabs.back().get();
  }
  auto* const block = reinterpret_cast<Header*>(heap.rest);
  heap.rest += size;
  heap.rest_size -= size;
  block->order = order;
  return block;
}

inline void* allocate(std::size_t size, const char*, int) {
  if (size == 0) {
    return nullptr;
  }
  const std::size_t order = order_of(size);
  Header* block = heap.free_blocks[order];
  if (block != nullptr) {
    heap.free_blocks[order] = block->next;
  } else {
    block = carve(order);
  }
  block->size = size;
  block->state = in_use;
  ++heap.live_blocks;
  std::uint8_t* const bytes = bytes_of(block);
  ASAN_UNPOISON_MEMORY_REGION(bytes, size);
  ASAN_POISON_MEMORY_REGION(bytes + size, (std::size_t{1} << order) - sizeof(Header) - size);
  return bytes;
}

inline void release(void* bytes, const char*, int) {
  if (bytes == nullptr) {
    return;
  }
  Header* const block = block_of(bytes);
  promise(block->state == in_use, "a block of OpenSSL's is released once");
  block->state = released;
  block->next = heap.free_blocks[block->order];
  heap.free_blocks[block->order] = block;
  --heap.live_blocks;
  ASAN_POISON_MEMORY_REGION(bytes, block->size);
}

inline void* resize(void* bytes, std::size_t size, const char* file, int line) {
  void* const moved = allocate(size, file, line);
  if (bytes != nullptr && moved != nullptr) {
    std::memcpy(moved, bytes, std::min(size, block_of(bytes)->size));
  }
  release(bytes, file, line);
  return moved;
}

}  // namespace openssl_heap

// Before anything else of OpenSSL's.
inline void give_openssl_its_heap() {
  promise(CRYPTO_set_mem_functions(openssl_heap::allocate, openssl_heap::resize, openssl_heap::release) == 1,
          "OpenSSL takes our heap");
}

inline std::ptrdiff_t live_openssl_blocks() { return openssl_heap::heap.live_blocks; }

}  // namespace fuzz
