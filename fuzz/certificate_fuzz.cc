// Any bytes as a client's certificate, and as stores of certificates: what is described of it, and what is
// sorted into chains. Stores with a password stay away: a few bytes can ask for minutes of key derivation.
#include <openssl/err.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "core/certificate.h"
#include "core/key_store.h"
#include "support/promise.h"

using dtls::ByteView;
using dtls::StoreFormat;
using fuzz::promise;

namespace {

bool is_oid(const std::string& text) {
  return text == "?" || text.find_first_not_of("0123456789.") == std::string::npos;
}

bool is_hex(const std::string& text) {
  const std::string digits = !text.empty() && text[0] == '-' ? text.substr(1) : text;
  return digits.size() % 2 == 0 && digits.find_first_not_of("0123456789ABCDEF") == std::string::npos;
}

void check_description(X509* certificate) {
  const dtls::CertificateDescription description = dtls::describe_certificate(certificate);
  promise(is_hex(description.serial_number), "a serial number is pairs of hex digits");
  promise(is_oid(description.signature_algorithm), "a signature algorithm is an object identifier");
  promise(is_oid(description.public_key.algorithm), "a key's algorithm is an object identifier");
  promise(description.public_key.bits >= 0, "a key has no negative size");
  promise(description.key_usage >= 0 && description.key_usage <= 0xff, "a usage is one byte");
  promise(std::all_of(description.extended_key_usage.begin(), description.extended_key_usage.end(), is_oid),
          "purposes are object identifiers");
  promise(std::none_of(description.alternative_names.begin(), description.alternative_names.end(),
                       [](const std::string& name) { return name.empty(); }),
          "a name that is told is not empty");
}

void check_store(ByteView bytes, StoreFormat format) {
  try {
    for (const dtls::StoreEntry& entry : dtls::open_store(bytes, {}, format)) {
      promise(entry.private_key.empty(), "a store of certificates has no keys");
      const dtls::X509Ptr leaf = dtls::read_certificate(entry.certificate);
      promise(leaf != nullptr, "a certificate of a store can be read");
      check_description(leaf.get());
      for (const auto& link : entry.chain) {
        promise(dtls::read_certificate(link) != nullptr, "a certificate of a chain can be read");
        promise(link != entry.certificate, "no certificate is its own chain");
      }
    }
  } catch (const dtls::StoreError& error) {
    promise(*error.what() != '\0', "a store that is refused says why");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  if (const dtls::X509Ptr certificate = dtls::read_certificate(bytes)) {
    check_description(certificate.get());
  }
  check_store(bytes, StoreFormat::certificate);
  check_store(bytes, StoreFormat::pkcs7);
  promise(ERR_peek_error() == 0, "OpenSSL's queue is left empty");
  return 0;
}
