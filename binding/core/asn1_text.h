// ASN.1 values as text.
#pragma once

#include <openssl/asn1.h>

#include <string>

namespace dtls {

// "1.2.840.113549.1.1.1", also for those that have a name; "?" for what is no object identifier.
std::string dotted(const ASN1_OBJECT* object);

// Any type of string in UTF-8. What is no text (a BIT STRING, ill-formed UTF-8) is shown as RFC 4514 2.4
// shows it: "#" and hex digits.
std::string text_of(const ASN1_STRING* value);

// Upper-case hex, two digits a byte, "-" in front of a negative number.
std::string hex_of(const ASN1_INTEGER* number);

}  // namespace dtls
