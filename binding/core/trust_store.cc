#include "core/trust_store.h"

#include <openssl/err.h>

#include <array>
#include <map>
#include <mutex>
#include <new>
#include <utility>

#include "core/pem_certificates.h"

namespace dtls {

namespace {

using Digest = std::array<std::uint8_t, 32>;

Digest digest_of(const std::vector<ByteView>& bundles) {
  const std::unique_ptr<EVP_MD_CTX, OpenSslDeleter<EVP_MD_CTX_free>> ctx(EVP_MD_CTX_new());
  Digest digest{};
  bool ok = ctx && EVP_DigestInit_ex(ctx.get(), EVP_sha256(), nullptr) == 1;
  for (const ByteView bundle : bundles) {
    ok = ok && EVP_DigestUpdate(ctx.get(), bundle.data(), bundle.size()) == 1;
  }
  if (!ok || EVP_DigestFinal_ex(ctx.get(), digest.data(), nullptr) != 1) {
    throw std::bad_alloc();
  }
  return digest;
}

}  // namespace

std::shared_ptr<const TrustStore> TrustStore::of_bundles(const std::vector<ByteView>& bundles) {
  // Never freed: a thread may outlive main().
  static std::mutex& mutex = *new std::mutex;
  static auto& known = *new std::map<Digest, std::weak_ptr<const TrustStore>>;
  const Digest digest = digest_of(bundles);
  const std::lock_guard<std::mutex> lock(mutex);
  std::weak_ptr<const TrustStore>& entry = known[digest];
  std::shared_ptr<const TrustStore> store = entry.lock();
  if (!store) {
    store.reset(new TrustStore(bundles));
    entry = store;
  }
  return store;
}

TrustStore::TrustStore(const std::vector<ByteView>& bundles) : store_(X509_STORE_new()) {
  for (const ByteView bundle : bundles) {
    for (X509Ptr& certificate : read_pem_certificates(bundle).certificates) {
      bundled_.push_back(std::move(certificate));
    }
  }
  add(bundled_);
}

TrustStore::TrustStore(std::shared_ptr<const TrustStore> base, std::vector<X509Ptr> more)
    : store_(X509_STORE_new()), base_(std::move(base)), named_(std::move(more)) {
  for (const TrustStore* below = base_.get(); below != nullptr; below = below->base_.get()) {
    add(below->bundled_);
    add(below->named_);
  }
  add(named_);
}

std::size_t TrustStore::size() const { return bundled_.size() + named_.size() + (base_ ? base_->size() : 0); }

// One that is there twice is no error.
void TrustStore::add(const std::vector<X509Ptr>& certificates) {
  if (!store_) {
    throw std::bad_alloc();
  }
  for (const X509Ptr& certificate : certificates) {
    if (X509_STORE_add_cert(store_.get(), certificate.get()) != 1) {
      ERR_clear_error();
      throw std::bad_alloc();
    }
  }
}

}  // namespace dtls
