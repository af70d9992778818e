#include "node/trust_store_object.h"

#include <cstring>
#include <utility>

#include "core/certificate.h"
#include "core/pem_certificates.h"
#include "node/arguments.h"

namespace dtls {

namespace {

// Tells our own objects from others with something wrapped in them: any two random numbers.
constexpr napi_type_tag type_tag{0x2f80d17ac45e9b63, 0xb4116ef3078da25c};

std::shared_ptr<const TrustStore> make_store(const Napi::CallbackInfo& info) {
  const auto bundles = arguments::list_of_bytes(info[0], "bundles");
  if (info[1].IsUndefined()) {
    return TrustStore::of_bundles({bundles.begin(), bundles.end()});
  }
  std::shared_ptr<const TrustStore> base = TrustStoreObject::from(info[1]);
  std::vector<X509Ptr> more;
  for (const std::vector<std::uint8_t>& bundle : bundles) {
    for (X509Ptr& certificate : read_pem_certificates(bundle).certificates) {
      more.push_back(std::move(certificate));
    }
  }
  return std::make_shared<const TrustStore>(std::move(base), std::move(more));
}

Napi::Value read_pem(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const PemCertificates read = read_pem_certificates(arguments::bytes(info[0], "text"));
  Napi::Array certificates = Napi::Array::New(env, read.certificates.size());
  for (std::uint32_t i = 0; i < read.certificates.size(); ++i) {
    const std::vector<std::uint8_t> der = certificate_der(read.certificates[i].get());
    Napi::Uint8Array bytes = Napi::Uint8Array::New(env, der.size());
    std::memcpy(bytes.Data(), der.data(), der.size());
    certificates[i] = bytes;
  }
  Napi::Object object = Napi::Object::New(env);
  object["certificates"] = certificates;
  object["unreadable"] = Napi::Number::New(env, static_cast<double>(read.unreadable));
  return object;
}

}  // namespace

Napi::Function TrustStoreObject::define(Napi::Env env) {
  return DefineClass(env, "TrustStore", {InstanceAccessor<&TrustStoreObject::size>("size")});
}

std::shared_ptr<const TrustStore> TrustStoreObject::from(const Napi::Value& value) {
  if (value.IsUndefined()) {
    return nullptr;
  }
  if (!value.IsObject() || !value.As<Napi::Object>().CheckTypeTag(&type_tag)) {
    throw Napi::TypeError::New(value.Env(), "trust must be a TrustStore");
  }
  return Unwrap(value.As<Napi::Object>())->store_;
}

TrustStoreObject::TrustStoreObject(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<TrustStoreObject>(info), store_(make_store(info)) {
  Value().TypeTag(&type_tag);
}

Napi::Value TrustStoreObject::size(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(store_->size()));
}

Napi::Function define_pem_reader(Napi::Env env) {
  return Napi::Function::New<read_pem>(env, "readPemCertificates");
}

}  // namespace dtls
