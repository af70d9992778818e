// The OpenSSL that this code is linked with: its start and its version.
#pragma once

#include <string>

namespace dtls {

// "OpenSSL 3.0.17 1 Jul 2025": of the library that this code runs, which is not always Node's.
std::string openssl_version();
// Of the headers that this code was compiled with. Another one at run time means that somebody else's library
// answers, Node's most likely.
std::string openssl_headers_version();

// Once per process, before the first use of OpenSSL: no openssl.cnf, no atexit handlers.
void initialize_openssl();

}  // namespace dtls
