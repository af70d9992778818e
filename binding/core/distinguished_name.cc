#include "core/distinguished_name.h"

#include <openssl/objects.h>

#include "core/asn1_text.h"

namespace dtls {

namespace {

constexpr const char* attribute_separator = " + ";

std::string attribute_name(const ASN1_OBJECT* object) {
  switch (OBJ_obj2nid(object)) {
    case NID_commonName:
      return "CN";
    case NID_organizationName:
      return "O";
    case NID_organizationalUnitName:
      return "OU";
    case NID_localityName:
      return "L";
    case NID_stateOrProvinceName:
      return "S";
    case NID_countryName:
      return "C";
    case NID_pkcs9_emailAddress:
      return "E";
    default:
      return dotted(object);
  }
}

std::string quoted_if_needed(const std::string& value) {
  const bool is_plain = value.find_first_of(",\"") == std::string::npos &&
                        value.find(attribute_separator) == std::string::npos &&
                        (value.empty() || (value.front() != ' ' && value.back() != ' '));
  if (is_plain) {
    return value;
  }
  std::string quoted = "\"";
  for (const char c : value) {
    if (c == '"') {
      quoted += '"';
    }
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace

std::string distinguished_name(const X509_NAME* name) {
  std::string text;
  // The encoding goes from the country to the common name, the text the other way. The attributes of one RDN
  // have the same number and keep their order.
  int last = X509_NAME_entry_count(name) - 1;
  while (last >= 0) {
    int first = last;
    const int rdn = X509_NAME_ENTRY_set(X509_NAME_get_entry(name, last));
    while (first > 0 && X509_NAME_ENTRY_set(X509_NAME_get_entry(name, first - 1)) == rdn) {
      --first;
    }
    if (!text.empty()) {
      text += ", ";
    }
    for (int i = first; i <= last; ++i) {
      const auto* const entry = X509_NAME_get_entry(name, i);
      if (i > first) {
        text += attribute_separator;
      }
      text += attribute_name(X509_NAME_ENTRY_get_object(entry)) + '=' +
              quoted_if_needed(text_of(X509_NAME_ENTRY_get_data(entry)));
    }
    last = first - 1;
  }
  return text;
}

}  // namespace dtls
