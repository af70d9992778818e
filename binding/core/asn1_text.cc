#include "core/asn1_text.h"

#include <openssl/err.h>
#include <openssl/objects.h>

namespace dtls {

namespace {

void append_hex(std::string& to, const ASN1_STRING* bytes, const char* digits) {
  const unsigned char* const data = ASN1_STRING_get0_data(bytes);
  for (int i = 0; i < ASN1_STRING_length(bytes); ++i) {
    to += digits[data[i] >> 4];
    to += digits[data[i] & 0xf];
  }
}

}  // namespace

std::string dotted(const ASN1_OBJECT* object) {
  const int length = OBJ_obj2txt(nullptr, 0, object, 1);
  if (length <= 0) {
    ERR_clear_error();
    return "?";
  }
  std::string text(static_cast<std::size_t>(length) + 1, '\0');
  OBJ_obj2txt(text.data(), static_cast<int>(text.size()), object, 1);
  text.pop_back();
  return text;
}

std::string text_of(const ASN1_STRING* value) {
  unsigned char* utf8 = nullptr;
  const int length = ASN1_STRING_to_UTF8(&utf8, value);
  if (length >= 0) {
    std::string text(utf8, utf8 + length);
    OPENSSL_free(utf8);
    return text;
  }
  ERR_clear_error();
  std::string text = "#";
  append_hex(text, value, "0123456789abcdef");
  return text;
}

std::string hex_of(const ASN1_INTEGER* number) {
  std::string text = ASN1_STRING_type(number) == V_ASN1_NEG_INTEGER ? "-" : "";
  append_hex(text, number, "0123456789ABCDEF");
  return text;
}

}  // namespace dtls
