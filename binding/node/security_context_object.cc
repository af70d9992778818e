#include "node/security_context_object.h"

#include "core/ticket_keys.h"
#include "node/arguments.h"
#include "node/errors.h"
#include "node/trust_store_object.h"

namespace dtls {

namespace {

// Tells our own objects from others with something wrapped in them: any two random numbers.
constexpr napi_type_tag type_tag{0x6b1f3a52c9d04e87, 0x91e7c05bd4a2f63c};

std::shared_ptr<const SecurityContext> make_context(const Napi::CallbackInfo& info) {
  const Napi::Object given = arguments::object(info[0], "settings");
  SecuritySettings settings;
  settings.certificates = arguments::list_of_bytes(given.Get("certificates"), "settings.certificates");
  settings.request_client_certificate =
      arguments::boolean(given.Get("requestClientCertificate"), "settings.requestClientCertificate");
  settings.dtls_1_2 = arguments::boolean(given.Get("dtls12"), "settings.dtls12");
  settings.dtls_1_0 = arguments::boolean(given.Get("dtls10"), "settings.dtls10");
  settings.cipher_list = arguments::text(given.Get("cipherList"), "settings.cipherList");
  settings.minimum_strength = static_cast<int>(
      arguments::integer(given.Get("minimumStrength"), "settings.minimumStrength", 0, arguments::max_int32));
  settings.groups = arguments::text(given.Get("groups"), "settings.groups");
  settings.signature_algorithms =
      arguments::text(given.Get("signatureAlgorithms"), "settings.signatureAlgorithms");
  settings.renegotiation_info =
      arguments::boolean(given.Get("renegotiationInfo"), "settings.renegotiationInfo");
  settings.client_trust = TrustStoreObject::from(given.Get("clientTrust"));
  settings.ignored_reasons = static_cast<std::uint32_t>(
      arguments::integer(given.Get("ignoredReasons"), "settings.ignoredReasons", 0, arguments::max_int32));
  settings.resumption = arguments::boolean(given.Get("resumption"), "settings.resumption");
  settings.key_log = arguments::boolean(given.Get("keyLog"), "settings.keyLog");
  // Last: no getter may run, and detach them, between here and their use.
  const Napi::Value ticket_secret = given.Get("ticketSecret");
  settings.private_key = arguments::bytes(given.Get("privateKey"), "settings.privateKey");
  settings.ticket_secret = arguments::bytes(ticket_secret, "settings.ticketSecret");
  if (!settings.ticket_secret.empty() && settings.ticket_secret.size() != TicketKeys::secret_size) {
    throw Napi::RangeError::New(info.Env(), "settings.ticketSecret must have 80 bytes, or none");
  }
  try {
    return std::make_shared<const SecurityContext>(settings);
  } catch (const SecurityError& error) {
    const bool certificate = error.problem == SecurityProblem::certificate;
    throw problem(info.Env(), certificate ? "certificate" : "unsupported", error.what());
  }
}

}  // namespace

Napi::Function SecurityContextObject::define(Napi::Env env) {
  return DefineClass(env, "SecurityContext", {});
}

std::shared_ptr<const SecurityContext> SecurityContextObject::from(const Napi::Value& value) {
  if (!value.IsObject() || !value.As<Napi::Object>().CheckTypeTag(&type_tag)) {
    throw Napi::TypeError::New(value.Env(), "context must be a SecurityContext");
  }
  return Unwrap(value.As<Napi::Object>())->context_;
}

SecurityContextObject::SecurityContextObject(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<SecurityContextObject>(info), context_(make_context(info)) {
  Value().TypeTag(&type_tag);
}

}  // namespace dtls
