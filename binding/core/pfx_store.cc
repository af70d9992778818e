#include <openssl/err.h>
#include <openssl/pkcs12.h>

#include <climits>
#include <string>

#include "core/certificate.h"
#include "core/store_contents.h"

namespace dtls {

namespace {

struct Password {
  const char* text;
  int size;
};

// How a bag was refused: by an algorithm that is missing, or by what the password made of it.
enum class Bags { read, unsupported, undecipherable };

Bags why_refused() { return take_unsupported_algorithm() ? Bags::unsupported : Bags::undecipherable; }

Pkcs12Ptr parse(ByteView bytes, OSSL_LIB_CTX* context) {
  PKCS12* pfx = PKCS12_init_ex(NID_pkcs7_data, context, nullptr);
  const unsigned char* at = bytes.data();
  // On failure d2i frees what it was given and sets `pfx` to null.
  d2i_PKCS12(&pfx, &at, static_cast<long>(bytes.size()));
  return Pkcs12Ptr(pfx);
}

Bags read_bags(const STACK_OF(PKCS12_SAFEBAG) * bags, Password password, OSSL_LIB_CTX* context,
               StoreContents& contents) {
  for (int i = 0; i < sk_PKCS12_SAFEBAG_num(bags); ++i) {
    const PKCS12_SAFEBAG* const bag = sk_PKCS12_SAFEBAG_value(bags, i);
    switch (PKCS12_SAFEBAG_get_nid(bag)) {
      case NID_keyBag:
        contents.private_keys.push_back(pkcs8_der(PKCS12_SAFEBAG_get0_p8inf(bag)));
        break;
      case NID_pkcs8ShroudedKeyBag: {
        const Pkcs8InfoPtr key(PKCS12_decrypt_skey_ex(bag, password.text, password.size, context, nullptr));
        if (!key) return why_refused();
        contents.private_keys.push_back(pkcs8_der(key.get()));
        break;
      }
      case NID_certBag: {
        if (PKCS12_SAFEBAG_get_bag_nid(bag) != NID_x509Certificate) break;
        const X509Ptr certificate(PKCS12_SAFEBAG_get1_cert(bag));
        if (!certificate) {
          throw StoreError(StoreProblem::unreadable, "the PFX holds a damaged certificate: " + take_openssl_reason());
        }
        contents.certificates.push_back(certificate_der(certificate.get()));
        break;
      }
      case NID_safeContentsBag: {
        const Bags inner = read_bags(PKCS12_SAFEBAG_get0_safes(bag), password, context, contents);
        if (inner != Bags::read) return inner;
        break;
      }
      default:
        break;
    }
  }
  return Bags::read;
}

using AuthSafesPtr = std::unique_ptr<STACK_OF(PKCS7), OpenSslDeleter<[](STACK_OF(PKCS7) * safes) {}>>;

}  // namespace
}  // namespace dtls
