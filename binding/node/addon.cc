// The addon's entry: what src/native.ts declares as NativeAddon.
#include <napi.h>
#include <openssl/crypto.h>

#include "core/alert.h"
#include "core/openssl_library.h"
#include "node/arguments.h"
#include "node/endpoint_object.h"
#include "node/environment.h"
#include "node/seam.h"
#include "node/security_context_object.h"
#include "node/store_functions.h"
#include "node/trust_store_object.h"

namespace dtls {

namespace {

Napi::Value openssl_version_function(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), openssl_version());
}

Napi::Value openssl_headers_version_function(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), openssl_headers_version());
}

Napi::Value alert_name_function(const Napi::CallbackInfo& info) {
  const double description =
      arguments::integer(info[0], "description", -arguments::max_int32, arguments::max_int32);
  return Napi::String::New(info.Env(), alert::name(static_cast<int>(description)));
}

// Patch releases are compatible, so that a shared library (macOS) may be newer than its headers were.
bool runs_its_own_openssl() {
  return OPENSSL_version_major() == OPENSSL_VERSION_MAJOR && OPENSSL_version_minor() == OPENSSL_VERSION_MINOR;
}

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  if (!runs_its_own_openssl()) {
    throw Napi::Error::New(env, "this build of openssl-dtls runs " + openssl_version() +
                                    " but was compiled for " + openssl_headers_version() +
                                    "; build it anew with OpenSSL's static libraries");
  }
  initialize_openssl();
  Environment::install(env);
  exports["seam"] = seam::tables(env);
  exports["opensslVersion"] = Napi::Function::New<openssl_version_function>(env, "opensslVersion");
  exports["opensslHeadersVersion"] =
      Napi::Function::New<openssl_headers_version_function>(env, "opensslHeadersVersion");
  exports["alertName"] = Napi::Function::New<alert_name_function>(env, "alertName");
  exports["Endpoint"] = EndpointObject::define(env);
  exports["SecurityContext"] = SecurityContextObject::define(env);
  exports["TrustStore"] = TrustStoreObject::define(env);
  exports["readPemCertificates"] = define_pem_reader(env);
  add_store_functions(env, exports);
  return exports;
}

NODE_API_MODULE(openssl_dtls, initialize)

}  // namespace

}  // namespace dtls
