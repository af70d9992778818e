#include "simulation/base64.h"

#include <openssl/evp.h>

#include <algorithm>
#include <stdexcept>

namespace simulation {

Bytes from_base64(const std::string& text) {
  Bytes bytes(text.size());
  const int size = EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  if (size <= 0) {
    throw std::runtime_error("this is no Base64");
  }
  const auto padding = static_cast<std::size_t>(std::count(text.begin(), text.end(), '='));
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

}  // namespace simulation
