#include "stores.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

namespace stores {

namespace {

ByteView view(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

std::string pem(X509* certificate) {
  return written([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate); });
}

std::string pkcs8_pem(EVP_PKEY* key, const EVP_CIPHER* cipher, const std::string& password) {
  return written([&](BIO* bio) {
    return PEM_write_bio_PKCS8PrivateKey(bio, key, cipher, password.data(), static_cast<int>(password.size()),
                                         nullptr, nullptr);
  });
}

std::string traditional_pem(EVP_PKEY* key, const EVP_CIPHER* cipher, const std::string& password) {
  return written([&](BIO* bio) {
    return PEM_write_bio_PrivateKey_traditional(bio, key, cipher,
                                                reinterpret_cast<const unsigned char*>(password.data()),
                                                static_cast<int>(password.size()), nullptr, nullptr);
  });
}

std::string pfx(const Identity& identity, const PfxShape& shape, bool with_key) {
  STACK_OF(X509)* const chain = sk_X509_new_null();
  for (const dtls::X509Ptr& link : identity.chain) {
    sk_X509_push(chain, link.get());
  }
  const dtls::Pkcs12Ptr made(PKCS12_create_ex(
      shape.password, "name", with_key ? identity.key.get() : nullptr, identity.certificate.get(), chain,
      shape.key_algorithm, shape.certificate_algorithm, 0, shape.mac_iterations, 0, nullptr, nullptr));
  sk_X509_free(chain);
  REQUIRE(made);
  return written([&](BIO* bio) { return i2d_PKCS12_bio(bio, made.get()); });
}

const Identity& rsa_identity() {
  static const Identity identity = [] {
    Identity made;
    made.key = simulation::rsa_key();
    made.certificate = simulation::make_certificate(made.key.get(), "rsa.example");
    return made;
  }();
  return identity;
}

const Identity& chained() {
  static const Identity identity = simulation::long_chain(2, 0);
  return identity;
}

std::vector<StoreEntry> open(const std::string& bytes, const std::string& password, StoreFormat format) {
  return dtls::open_store(view(bytes), view(password), format);
}

StoreProblem problem_of(const std::string& bytes, const std::string& password, StoreFormat format,
                        std::string* text) {
  try {
    open(bytes, password, format);
  } catch (const StoreError& error) {
    CHECK(std::string(error.what()).size() > 10);
    if (text != nullptr) {
      *text = error.what();
    }
    return error.problem;
  }
  FAIL("the store was opened");
  return StoreProblem::unreadable;
}

void check_is(const std::vector<StoreEntry>& entries, const Identity& identity) {
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].certificate == identity.certificate_der());
  CHECK(entries[0].private_key.view() == ByteView(identity.key_der()));
  CHECK(entries[0].chain == identity.chain_ders());
  CHECK(ERR_peek_error() == 0);
}

}  // namespace stores
