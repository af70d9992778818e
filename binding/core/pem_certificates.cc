#include "core/pem_certificates.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <climits>
#include <memory>
#include <string>

namespace dtls {

namespace {

struct OpenSslFree {
  void operator()(void* memory) const { OPENSSL_free(memory); }
};
template <typename T>
using OpenSslMemory = std::unique_ptr<T, OpenSslFree>;

bool holds_certificate(const std::string& name) {
  return name == PEM_STRING_X509 || name == PEM_STRING_X509_OLD || name == PEM_STRING_X509_TRUSTED;
}

}  // namespace

PemCertificates read_pem_certificates(ByteView text) {
  PemCertificates read;
  const BioPtr bio(text.size() > INT_MAX ? nullptr
                                         : BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  while (bio && BIO_eof(bio.get()) == 0) {
    char* name = nullptr;
    char* header = nullptr;
    unsigned char* data = nullptr;
    long size = 0;
    if (PEM_read_bio(bio.get(), &name, &header, &data, &size) != 1) {
      const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
      ERR_clear_error();
      if (at_end) {
        break;
      }
      ++read.unreadable;
      continue;
    }
    const OpenSslMemory<char> owned_name(name);
    const OpenSslMemory<char> owned_header(header);
    const OpenSslMemory<unsigned char> owned_data(data);
    if (!holds_certificate(name)) {
      continue;
    }
    // Behind a trusted certificate stands what it is trusted for, which nobody here asks.
    const unsigned char* at = data;
    X509Ptr certificate(d2i_X509(nullptr, &at, size));
    if (certificate) {
      read.certificates.push_back(std::move(certificate));
    } else {
      ++read.unreadable;
    }
  }
  ERR_clear_error();
  return read;
}

}  // namespace dtls
