// Arguments of native calls, checked. Each function throws a TypeError that names what is wrong with which
// argument; numbers out of their range are RangeErrors.
#pragma once

#include <napi.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/events.h"

namespace dtls::arguments {

Napi::Object object(const Napi::Value& value, const char* name);
bool boolean(const Napi::Value& value, const char* name);
std::string text(const Napi::Value& value, const char* name);
// An integer of [least, most].
double integer(const Napi::Value& value, const char* name, double least, double most);
// A Uint8Array, Buffer included. The view is valid during the call, as long as no JavaScript runs.
ByteView bytes(const Napi::Value& value, const char* name);
// An array of Uint8Arrays, copied.
std::vector<std::vector<std::uint8_t>> list_of_bytes(const Napi::Value& value, const char* name);
// A connection id: a safe integer. Whether there is such a connection is the endpoint's to say.
ConnectionId id(const Napi::Value& value);

constexpr double max_int32 = std::numeric_limits<std::int32_t>::max();

}  // namespace dtls::arguments
