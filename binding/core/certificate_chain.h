// Who has issued whom among certificates that were found together (RFC 5246 7.4.2).
#pragma once

#include <cstddef>
#include <vector>

#include "core/openssl_ptr.h"

namespace dtls {

// Those above `leaf`, from its issuer upwards, as far as they are there, to one that is self-signed. Where
// several have the issuer's name, as an authority has that was renewed, it is the one whose key has signed.
std::vector<std::size_t> chain_above(const std::vector<X509Ptr>& certificates, std::size_t leaf);

}  // namespace dtls
