// How much may wait for a socket to become writable. Bounded: a peer must not make us keep more by asking
// faster than the network takes the answers.
#pragma once

#include <cstddef>

namespace dtls::queue_bounds {

// Past these a queue is full: no application data is accepted for it.
constexpr std::size_t max_bytes = std::size_t{256} * 1024;
constexpr std::size_t max_datagrams = 1024;
// What was accepted before and is sealed already, a batch at most, still finds room.
constexpr std::size_t spare_bytes = std::size_t{96} * 1024;
constexpr std::size_t spare_datagrams = 64;

constexpr bool is_full(std::size_t bytes, std::size_t datagrams) {
  return bytes >= max_bytes || datagrams >= max_datagrams;
}
constexpr bool has_room(std::size_t bytes, std::size_t datagrams, std::size_t more_bytes) {
  return bytes + more_bytes <= max_bytes + spare_bytes && datagrams < max_datagrams + spare_datagrams;
}

}  // namespace dtls::queue_bounds
