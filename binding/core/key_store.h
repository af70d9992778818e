// Containers of certificates and keys (PFX, PEM, PKCS#7), opened into plain data.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "core/bytes.h"

namespace dtls {

// Crosses the seam as a number: append only. clang-format off
#define DTLS_STORE_FORMATS(X)                                                  \
  X(detect)                                                                    \
  X(pfx)                                                                       \
  X(pem)                                                                       \
  X(certificate) /* one X.509 certificate in DER, or any in PEM, and no key */ \
  X(pkcs7)       /* the certificates of a PKCS#7, DER or PEM */
// clang-format on

enum class StoreFormat : std::int32_t {
#define DTLS_STORE_FORMAT_ENUM(name) name,
  DTLS_STORE_FORMATS(DTLS_STORE_FORMAT_ENUM)
#undef DTLS_STORE_FORMAT_ENUM
};

// Wipes its bytes when it goes: private keys and passwords.
class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(std::vector<std::uint8_t> bytes) : bytes_(std::move(bytes)) {}
  ~SecretBytes() { wipe(); }
  SecretBytes(SecretBytes&& other) noexcept : bytes_(std::move(other.bytes_)) { other.bytes_.clear(); }
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;

  ByteView view() const { return bytes_; }
  bool empty() const { return bytes_.empty(); }

 private:
  void wipe();
  std::vector<std::uint8_t> bytes_;
};

// One leaf certificate with its key, or one of the two alone.
struct StoreEntry {
  std::string subject;                           // of the certificate, as distinguished_name has it
  std::vector<std::uint8_t> certificate;         // DER, empty for a bare key
  SecretBytes private_key;                       // PKCS#8 DER, empty for a bare certificate
  std::vector<std::vector<std::uint8_t>> chain;  // DER, from the leaf's issuer upwards, as the store has them
};

enum class StoreProblem { unreadable, wrong_password };

class StoreError : public std::runtime_error {
 public:
  StoreError(StoreProblem kind, const std::string& what) : std::runtime_error(what), problem(kind) {}
  const StoreProblem problem;
};

// Entries in the order of the store, those with certificate and key first. A PEM key that fits none of the
// certificates is an entry of its own. Throws StoreError; the text says what to do ("the password is wrong").
//
// `more` are certificates in DER from elsewhere, which count as if they stood in the store: they find their
// keys and their chains there.
std::vector<StoreEntry> open_store(ByteView bytes, ByteView password, StoreFormat format,
                                   const std::vector<std::vector<std::uint8_t>>& more = {});

}  // namespace dtls
