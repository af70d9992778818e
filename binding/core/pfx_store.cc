#include <openssl/err.h>
#include <openssl/pkcs12.h>

#include <climits>
#include <string>

#include "core/certificate.h"
#include "core/legacy_context.h"
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
        if (!key) {
          return why_refused();
        }
        contents.private_keys.push_back(pkcs8_der(key.get()));
        break;
      }
      case NID_certBag: {
        if (PKCS12_SAFEBAG_get_bag_nid(bag) != NID_x509Certificate) {
          break;
        }
        const X509Ptr certificate(PKCS12_SAFEBAG_get1_cert(bag));
        if (!certificate) {
          throw StoreError(StoreProblem::unreadable,
                           "the PFX holds a damaged certificate: " + take_openssl_reason());
        }
        contents.certificates.push_back(certificate_der(certificate.get()));
        break;
      }
      case NID_safeContentsBag: {
        const Bags inner = read_bags(PKCS12_SAFEBAG_get0_safes(bag), password, context, contents);
        if (inner != Bags::read) {
          return inner;
        }
        break;
      }
      default:
        break;
    }
  }
  return Bags::read;
}

struct FreeSafes {
  void operator()(STACK_OF(PKCS7) * safes) const { sk_PKCS7_pop_free(safes, PKCS7_free); }
};
struct FreeBags {
  void operator()(STACK_OF(PKCS12_SAFEBAG) * bags) const {
    sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
  }
};

Bags read_safes(const PKCS12* pfx, Password password, OSSL_LIB_CTX* context, StoreContents& contents) {
  const std::unique_ptr<STACK_OF(PKCS7), FreeSafes> safes(PKCS12_unpack_authsafes(pfx));
  if (!safes) {
    throw StoreError(StoreProblem::unreadable, "the PFX is damaged: " + take_openssl_reason());
  }
  for (int i = 0; i < sk_PKCS7_num(safes.get()); ++i) {
    PKCS7* const safe = sk_PKCS7_value(safes.get(), i);
    std::unique_ptr<STACK_OF(PKCS12_SAFEBAG), FreeBags> bags;
    if (PKCS7_type_is_data(safe)) {
      bags.reset(PKCS12_unpack_p7data(safe));
      if (!bags) {
        throw StoreError(StoreProblem::unreadable, "the PFX is damaged: " + take_openssl_reason());
      }
    } else if (PKCS7_type_is_encrypted(safe)) {
      bags.reset(PKCS12_unpack_p7encdata(safe, password.text, password.size));
      if (!bags) {
        return why_refused();
      }
    } else {
      continue;  // encrypted to a public key: not for a password
    }
    const Bags result = read_bags(bags.get(), password, context, contents);
    if (result != Bags::read) {
      return result;
    }
  }
  return Bags::read;
}

StoreError wrong_password(ByteView password) {
  return {StoreProblem::wrong_password,
          password.empty() ? "the PFX is protected and no password is given, or it is damaged"
                           : "the password of the PFX is wrong, or it is damaged"};
}

// An empty password is written in two ways, as no bytes and as an empty string with its two zero bytes
// (RFC 7292 B.1).
Password verified(PKCS12* pfx, ByteView password) {
  const Password given = {reinterpret_cast<const char*>(password.data()), static_cast<int>(password.size())};
  const Password none = {nullptr, 0};
  const Password blank = {"", 0};
  if (PKCS12_mac_present(pfx) == 0) {
    return password.empty() ? blank : given;
  }
  ERR_clear_error();
  if (!password.empty()) {
    if (PKCS12_verify_mac(pfx, given.text, given.size) == 1) {
      return given;
    }
  } else {
    if (PKCS12_verify_mac(pfx, none.text, none.size) == 1) {
      return none;
    }
    if (PKCS12_verify_mac(pfx, blank.text, blank.size) == 1) {
      return blank;
    }
  }
  // A MAC that merely differs leaves no error behind.
  if (ERR_peek_error() == 0) {
    throw wrong_password(password);
  }
  throw StoreError(StoreProblem::unreadable,
                   "the integrity of the PFX cannot be checked: " + take_openssl_reason());
}

}  // namespace

std::optional<StoreContents> read_pfx(ByteView bytes, ByteView password) {
  if (bytes.size() > INT_MAX) {
    throw StoreError(StoreProblem::unreadable, "the store is too large");
  }
  const Pkcs12Ptr pfx = parse(bytes, nullptr);
  if (!pfx) {
    ERR_clear_error();
    return std::nullopt;
  }
  const Password used = verified(pfx.get(), password);
  StoreContents contents;
  Bags result = read_safes(pfx.get(), used, nullptr, contents);
  if (result == Bags::unsupported) {
    const LegacyContext legacy;
    if (!legacy.available()) {
      throw StoreError(
          StoreProblem::unreadable,
          "the PFX is encrypted with an old algorithm (RC2 or single DES) that needs OpenSSL's legacy "
          "provider, which is not installed; export it anew with AES");
    }
    contents = {};
    const Pkcs12Ptr old = parse(bytes, legacy.get());
    result = old ? read_safes(old.get(), used, legacy.get(), contents) : Bags::unsupported;
    if (result == Bags::unsupported) {
      throw StoreError(StoreProblem::unreadable,
                       "the PFX is encrypted with an algorithm that this OpenSSL does not have");
    }
  }
  if (result == Bags::undecipherable) {
    throw wrong_password(password);
  }
  return contents;
}

}  // namespace dtls
