// The certificates in a text of PEM blocks, as authorities are given.
#pragma once

#include <cstddef>
#include <vector>

#include "core/bytes.h"
#include "core/openssl_ptr.h"

namespace dtls {

struct PemCertificates {
  std::vector<X509Ptr> certificates;
  std::size_t unreadable = 0;  // certificate blocks that hold none
};

// Blocks of other kinds are passed over, and what stands between the blocks.
PemCertificates read_pem_certificates(ByteView text);

}  // namespace dtls
