#include "node/endpoint_object.h"

#include <utility>

#include "core/cipher_suites.h"
#include "core/record.h"
#include "node/arguments.h"
#include "node/endpoint_arguments.h"
#include "node/environment.h"
#include "node/errors.h"
#include "node/seam.h"
#include "node/security_context_object.h"

namespace dtls {

namespace {

Napi::Number number(Napi::Env env, std::uint64_t value) {
  return Napi::Number::New(env, static_cast<double>(value));
}

Napi::Boolean boolean(Napi::Env env, bool value) { return Napi::Boolean::New(env, value); }

Napi::Value to_object(Napi::Env env, const Address& address) {
  Napi::Object object = Napi::Object::New(env);
  object["address"] = Napi::String::New(env, address.host());
  object["port"] = number(env, address.port);
  return object;
}

ConnectionId first_id(const Napi::Value& value) {
  // 0 is the socket's own, in events.
  return static_cast<ConnectionId>(arguments::integer(value, "firstId", 1, seam::max_id));
}

constexpr double most_alert = 255;

}  // namespace

Napi::Function EndpointObject::define(Napi::Env env) {
  using Self = EndpointObject;
  return DefineClass(env, "Endpoint",
                     {InstanceMethod<&Self::bind>("bind"),
                      InstanceMethod<&Self::local_address>("localAddress"),
                      InstanceMethod<&Self::buffer_sizes>("bufferSizes"),
                      InstanceMethod<&Self::set_buffer_sizes>("setBufferSizes"),
                      InstanceMethod<&Self::set_security_context>("setSecurityContext"),
                      InstanceMethod<&Self::set_cookie_secret>("setCookieSecret"),
                      InstanceMethod<&Self::set_accepting>("setAccepting"),
                      InstanceMethod<&Self::configure>("configure"),
                      InstanceMethod<&Self::answer_request>("answerRequest"),
                      InstanceMethod<&Self::answer_certificate>("answerCertificate"),
                      InstanceMethod<&Self::send>("send"),
                      InstanceMethod<&Self::disconnect>("disconnect"),
                      InstanceMethod<&Self::pause>("pause"),
                      InstanceMethod<&Self::resume>("resume"),
                      InstanceMethod<&Self::end_told>("endTold"),
                      InstanceMethod<&Self::connection>("connection"),
                      InstanceMethod<&Self::connection_local_address>("connectionLocalAddress"),
                      InstanceMethod<&Self::negotiated>("negotiated"),
                      InstanceMethod<&Self::connection_ids>("connectionIds"),
                      InstanceMethod<&Self::connection_count>("connectionCount"),
                      InstanceMethod<&Self::association_count>("associationCount"),
                      InstanceMethod<&Self::next_id>("nextId"),
                      InstanceMethod<&Self::counters>("counters"),
                      InstanceMethod<&Self::close>("close")});
}

EndpointObject::EndpointObject(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<EndpointObject>(info),
      context_(Environment::of(info.Env()).loop_context()),
      dispatch_(Value(), info[2], info[3]),
      driver_(*context_, arguments::endpoint_settings(info[0]), first_id(info[1]), *this) {}

// --- the socket

void EndpointObject::bind(const Napi::CallbackInfo& info) {
  const BindOptions options = arguments::bind_options(info[0]);
  if (driver_.was_bound()) {
    throw Napi::Error::New(info.Env(), "this endpoint has been bound or closed before");
  }
  try {
    driver_.bind(options);
  } catch (const SystemError& error) {
    throw to_error(info.Env(), error);
  }
  dispatch_.open();
}

UdpSocket& EndpointObject::bound_socket(Napi::Env env) {
  UdpSocket* socket = driver_.socket();
  if (socket == nullptr) {
    throw to_error(env, SystemError(UV_EBADF, "getsockname"));
  }
  return *socket;
}

Napi::Value EndpointObject::local_address(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return to_object(env, bound_socket(env).local_address());
}

Napi::Value EndpointObject::buffer_sizes(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const BufferSizes sizes = bound_socket(env).buffer_sizes();
  Napi::Object object = Napi::Object::New(env);
  object["receive"] = Napi::Number::New(env, sizes.receive);
  object["send"] = Napi::Number::New(env, sizes.send);
  return object;
}

void EndpointObject::set_buffer_sizes(const Napi::CallbackInfo& info) {
  const double receive = arguments::integer(info[0], "receive", 0, arguments::max_int32);
  const double send = arguments::integer(info[1], "send", 0, arguments::max_int32);
  bound_socket(info.Env()).set_buffer_sizes(static_cast<int>(receive), static_cast<int>(send));
}

void EndpointObject::close(const Napi::CallbackInfo& /*info*/) { driver_.close(); }

// --- settings

void EndpointObject::set_security_context(const Napi::CallbackInfo& info) {
  driver_.change([context = SecurityContextObject::from(info[0])](Endpoint& endpoint, Instant) {
    endpoint.set_security_context(context);
  });
}

void EndpointObject::set_cookie_secret(const Napi::CallbackInfo& info) {
  const ByteView secret = arguments::bytes(info[0], "secret");
  if (!secret.empty() && secret.size() != CookieJar::secret_size) {
    throw Napi::RangeError::New(info.Env(), "secret must have 32 bytes, or none");
  }
  driver_.change([secret](Endpoint& endpoint, Instant) { endpoint.set_cookie_secret(secret); });
}

void EndpointObject::set_accepting(const Napi::CallbackInfo& info) {
  const bool accepting = arguments::boolean(info[0], "accepting");
  driver_.change([accepting](Endpoint& endpoint, Instant) { endpoint.set_accepting(accepting); });
}

void EndpointObject::configure(const Napi::CallbackInfo& info) {
  const EndpointSettings settings = arguments::endpoint_settings(info[0]);
  driver_.change([&settings](Endpoint& endpoint, Instant now) { endpoint.configure(settings, now); });
}

// --- connections

Napi::Value EndpointObject::answer_request(const Napi::CallbackInfo& info) {
  const ConnectionId id = arguments::id(info[0]);
  const bool accept = arguments::boolean(info[1], "accept");
  return boolean(info.Env(), driver_.change([id, accept](Endpoint& endpoint, Instant now) {
    return endpoint.answer_request(id, accept, now);
  }));
}

Napi::Value EndpointObject::answer_certificate(const Napi::CallbackInfo& info) {
  const ConnectionId id = arguments::id(info[0]);
  const bool accept = arguments::boolean(info[1], "accept");
  const auto alert = static_cast<int>(arguments::integer(info[2], "refusalAlert", 0, most_alert));
  return boolean(info.Env(), driver_.change([id, accept, alert](Endpoint& endpoint, Instant now) {
    return endpoint.answer_certificate(id, accept, alert, now);
  }));
}

Napi::Value EndpointObject::send(const Napi::CallbackInfo& info) {
  const ConnectionId id = arguments::id(info[0]);
  const ByteView data = arguments::bytes(info[1], "data");
  if (driver_.refuses_send(id)) {
    return number(info.Env(), seam::send_blocked);
  }
  const SendResult result =
      driver_.change([id, data](Endpoint& endpoint, Instant now) { return endpoint.send(id, data, now); });
  return number(info.Env(), static_cast<std::uint64_t>(result));
}

Napi::Value EndpointObject::disconnect(const Napi::CallbackInfo& info) {
  const ConnectionId id = arguments::id(info[0]);
  const bool found =
      driver_.change([id](Endpoint& endpoint, Instant now) { return endpoint.disconnect(id, now); });
  return boolean(info.Env(), found);
}

Napi::Value EndpointObject::pause(const Napi::CallbackInfo& info) {
  const ConnectionId id = arguments::id(info[0]);
  const bool found = driver_.change([id](Endpoint& endpoint, Instant) { return endpoint.pause(id); });
  return boolean(info.Env(), found);
}

Napi::Value EndpointObject::resume(const Napi::CallbackInfo& info) {
  const ConnectionId id = arguments::id(info[0]);
  const bool found = driver_.change([id](Endpoint& endpoint, Instant) { return endpoint.resume(id); });
  return boolean(info.Env(), found);
}

void EndpointObject::end_told(const Napi::CallbackInfo& info) {
  const ConnectionId id = arguments::id(info[0]);
  driver_.change([id](Endpoint& endpoint, Instant) { endpoint.end_told(id); });
}

Napi::Value EndpointObject::connection(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::optional<Address> peer = driver_.endpoint().peer_of(arguments::id(info[0]));
  return peer ? to_object(env, *peer) : env.Undefined();
}

Napi::Value EndpointObject::connection_local_address(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::optional<Address> peer = driver_.endpoint().peer_of(arguments::id(info[0]));
  if (!peer || driver_.socket() == nullptr) {
    return env.Undefined();
  }
  try {
    return to_object(env, driver_.socket()->local_address_towards(*peer));
  } catch (const SystemError& error) {
    throw to_error(env, error);
  }
}

Napi::Value EndpointObject::negotiated(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const ConnectionId id = arguments::id(info[0]);
  const std::optional<Negotiated> negotiated = driver_.endpoint().negotiated_of(id);
  const SSL_CIPHER* const suite = negotiated ? cipher_suite(negotiated->suite) : nullptr;
  if (suite == nullptr) {
    return env.Undefined();
  }
  Napi::Object object = Napi::Object::New(env);
  object["version"] = Napi::String::New(env, version_name(negotiated->version));
  object["cipherSuite"] = Napi::String::New(env, SSL_CIPHER_standard_name(suite));
  object["strength"] = Napi::Number::New(env, SSL_CIPHER_get_bits(suite, nullptr));
  object["keyExchangeBits"] = number(env, negotiated->key_exchange_bits);
  return object;
}

Napi::Value EndpointObject::connection_ids(const Napi::CallbackInfo& info) {
  const std::vector<ConnectionId> ids = driver_.endpoint().connection_ids();
  Napi::Array array = Napi::Array::New(info.Env(), ids.size());
  for (std::uint32_t i = 0; i < ids.size(); ++i) {
    array[i] = number(info.Env(), ids[i]);
  }
  return array;
}

Napi::Value EndpointObject::connection_count(const Napi::CallbackInfo& info) {
  return number(info.Env(), driver_.endpoint().connection_count());
}

Napi::Value EndpointObject::association_count(const Napi::CallbackInfo& info) {
  return number(info.Env(), driver_.endpoint().association_count());
}

Napi::Value EndpointObject::next_id(const Napi::CallbackInfo& info) {
  return number(info.Env(), driver_.endpoint().next_id());
}

Napi::Value EndpointObject::counters(const Napi::CallbackInfo& info) {
  Napi::Array array = Napi::Array::New(info.Env(), counter_count);
  std::uint32_t index = 0;
  for (const std::uint64_t value : driver_.endpoint().counters().values()) {
    array[index++] = number(info.Env(), value);
  }
  return array;
}

}  // namespace dtls
