#include "core/asn1_text.h"

#include <openssl/err.h>
#include <openssl/objects.h>

namespace dtls {

std::string dotted(const ASN1_OBJECT* object) {
  const int length = OBJ_obj2txt(nullptr, 0, object, 1);
  if (length <= 0) {
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
  const unsigned char* const data = ASN1_STRING_get0_data(value);
  for (int i = 0; i < ASN1_STRING_length(value); ++i) {
    text += "0123456789abcdef"[data[i] >> 4];
    text += "0123456789abcdef"[data[i] & 0xf];
  }
  return text;
}

}  // namespace dtls
