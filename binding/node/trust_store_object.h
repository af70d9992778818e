// NativeTrustStore of src/native/security.ts, and the certificates that come as PEM.
#pragma once

#include <napi.h>

#include <memory>

#include "core/trust_store.h"

namespace dtls {

class TrustStoreObject final : public Napi::ObjectWrap<TrustStoreObject> {
 public:
  static Napi::Function define(Napi::Env env);
  // Throws a TypeError for anything but an instance of the class; null for undefined.
  static std::shared_ptr<const TrustStore> from(const Napi::Value& value);

  explicit TrustStoreObject(const Napi::CallbackInfo& info);

 private:
  Napi::Value size(const Napi::CallbackInfo& info);

  std::shared_ptr<const TrustStore> store_;
};

// readPemCertificates.
Napi::Function define_pem_reader(Napi::Env env);

}  // namespace dtls
