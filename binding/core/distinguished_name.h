// Distinguished names as text.
#pragma once

#include <openssl/x509.h>

#include <string>

namespace dtls {

// Most specific first: "CN=www.example.com, OU=test, C=US, E=a@example.com". CN O OU L S C E are named,
// other attributes stand by dotted OID. The attributes of one RDN are joined by " + ". A value with a comma,
// a quote, such a plus or spaces around it is quoted, quotes doubled. UTF-8.
std::string distinguished_name(const X509_NAME* name);

}  // namespace dtls
