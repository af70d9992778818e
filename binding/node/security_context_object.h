// NativeSecurityContext of src/native/security.ts.
#pragma once

#include <napi.h>

#include <memory>

#include "core/security_context.h"

namespace dtls {

class SecurityContextObject final : public Napi::ObjectWrap<SecurityContextObject> {
 public:
  static Napi::Function define(Napi::Env env);
  // Throws a TypeError for anything but an instance of the class.
  static std::shared_ptr<const SecurityContext> from(const Napi::Value& value);

  explicit SecurityContextObject(const Napi::CallbackInfo& info);

 private:
  std::shared_ptr<const SecurityContext> context_;
};

}  // namespace dtls
