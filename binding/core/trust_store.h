// The authorities that clients' certificates may lead to. Parsed once: a bundle has 150 of them, which take
// milliseconds and a megabyte.
#pragma once

#include <openssl/x509_vfy.h>

#include <memory>
#include <vector>

#include "core/bytes.h"
#include "core/openssl_ptr.h"

namespace dtls {

class TrustStore {
 public:
  // From bundles of PEM blocks; what can't be read in them is passed over. Equal bundles have one store in
  // the process, as long as anybody has it. Thread-safe.
  static std::shared_ptr<const TrustStore> of_bundles(const std::vector<ByteView>& bundles);

  // `more` beside those of `base`, which may be null. Certificates are shared, not copied.
  TrustStore(std::shared_ptr<const TrustStore> base, std::vector<X509Ptr> more);

  X509_STORE* get() const { return store_.get(); }
  // Those that are named to clients (CertificateRequest): `more`, but none of a bundle, which is too long.
  const std::vector<X509Ptr>& named() const { return named_; }
  std::size_t size() const;

 private:
  using StorePtr = std::unique_ptr<X509_STORE, OpenSslDeleter<X509_STORE_free>>;

  explicit TrustStore(const std::vector<ByteView>& bundles);
  void add(const std::vector<X509Ptr>& certificates);

  StorePtr store_;
  std::vector<X509Ptr> bundled_;
  std::shared_ptr<const TrustStore> base_;
  std::vector<X509Ptr> named_;
};

}  // namespace dtls
