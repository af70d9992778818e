// NativeEndpoint of src/native/endpoint.ts.
//
// From bind() until its last events have been delivered the object keeps itself alive; before and after that
// it is garbage like any other.
#pragma once

#include <napi.h>

#include <memory>

#include "net/endpoint_driver.h"
#include "net/loop_context.h"
#include "node/event_dispatch.h"

namespace dtls {

class EndpointObject final : public Napi::ObjectWrap<EndpointObject>, private EndpointDriver::Owner {
 public:
  static Napi::Function define(Napi::Env env);

  explicit EndpointObject(const Napi::CallbackInfo& info);

 private:
  void bind(const Napi::CallbackInfo& info);
  Napi::Value local_address(const Napi::CallbackInfo& info);
  Napi::Value buffer_sizes(const Napi::CallbackInfo& info);
  void set_buffer_sizes(const Napi::CallbackInfo& info);
  void set_security_context(const Napi::CallbackInfo& info);
  void set_cookie_secret(const Napi::CallbackInfo& info);
  void set_accepting(const Napi::CallbackInfo& info);
  void configure(const Napi::CallbackInfo& info);
  Napi::Value answer_request(const Napi::CallbackInfo& info);
  Napi::Value answer_certificate(const Napi::CallbackInfo& info);
  Napi::Value send(const Napi::CallbackInfo& info);
  Napi::Value disconnect(const Napi::CallbackInfo& info);
  Napi::Value pause(const Napi::CallbackInfo& info);
  Napi::Value resume(const Napi::CallbackInfo& info);
  void end_told(const Napi::CallbackInfo& info);
  Napi::Value connection(const Napi::CallbackInfo& info);
  Napi::Value connection_local_address(const Napi::CallbackInfo& info);
  Napi::Value negotiated(const Napi::CallbackInfo& info);
  Napi::Value connection_ids(const Napi::CallbackInfo& info);
  Napi::Value connection_count(const Napi::CallbackInfo& info);
  Napi::Value association_count(const Napi::CallbackInfo& info);
  Napi::Value next_id(const Napi::CallbackInfo& info);
  Napi::Value counters(const Napi::CallbackInfo& info);
  void close(const Napi::CallbackInfo& info);

  void deliver(const Events& events) override { dispatch_.deliver(events); }
  void finished() override { dispatch_.finish(); }

  UdpSocket& bound_socket(Napi::Env env);

  const std::shared_ptr<LoopContext> context_;  // the driver refers to it
  EventDispatch dispatch_;
  EndpointDriver driver_;
};

}  // namespace dtls
