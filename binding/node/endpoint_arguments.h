// NativeEndpointSettings and NativeBindOptions of src/native/endpoint.ts, read and checked.
#pragma once

#include <napi.h>

#include "core/endpoint_settings.h"
#include "net/udp_socket.h"

namespace dtls::arguments {

EndpointSettings endpoint_settings(const Napi::Value& value);
BindOptions bind_options(const Napi::Value& value);

}  // namespace dtls::arguments
