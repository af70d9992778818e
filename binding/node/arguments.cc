#include "node/arguments.h"

#include <cmath>
#include <optional>

#include "node/seam.h"

namespace dtls::arguments {

namespace {

[[noreturn]] void refuse(const Napi::Value& value, const char* name, const char* wanted) {
  throw Napi::TypeError::New(value.Env(), std::string(name) + " must be " + wanted);
}

// One call for type, address and size: `send` comes here for each datagram.
std::optional<ByteView> view_of(const Napi::Value& value) {
  napi_typedarray_type type = napi_int8_array;
  std::size_t length = 0;
  void* data = nullptr;
  const napi_status status =
      napi_get_typedarray_info(value.Env(), value, &type, &length, &data, nullptr, nullptr);
  if (status != napi_ok || type != napi_uint8_array) {
    return std::nullopt;
  }
  return ByteView(static_cast<const std::uint8_t*>(data), length);
}

}  // namespace

Napi::Object object(const Napi::Value& value, const char* name) {
  if (!value.IsObject()) {
    refuse(value, name, "an object");
  }
  return value.As<Napi::Object>();
}

bool boolean(const Napi::Value& value, const char* name) {
  if (!value.IsBoolean()) {
    refuse(value, name, "a boolean");
  }
  return value.As<Napi::Boolean>().Value();
}

std::string text(const Napi::Value& value, const char* name) {
  if (!value.IsString()) {
    refuse(value, name, "a string");
  }
  return value.As<Napi::String>().Utf8Value();
}

double integer(const Napi::Value& value, const char* name, double least, double most) {
  if (!value.IsNumber()) {
    refuse(value, name, "a number");
  }
  const double number = value.As<Napi::Number>().DoubleValue();
  // NaN fails the comparisons.
  if (!(number >= least && number <= most) || std::trunc(number) != number) {
    throw Napi::RangeError::New(value.Env(), std::string(name) + " must be an integer from " +
                                                 std::to_string(static_cast<std::int64_t>(least)) + " to " +
                                                 std::to_string(static_cast<std::int64_t>(most)));
  }
  return number;
}

ByteView bytes(const Napi::Value& value, const char* name) {
  const std::optional<ByteView> view = view_of(value);
  if (!view) {
    refuse(value, name, "a Uint8Array");
  }
  return *view;
}

std::vector<std::vector<std::uint8_t>> list_of_bytes(const Napi::Value& value, const char* name) {
  if (!value.IsArray()) {
    refuse(value, name, "an array of Uint8Arrays");
  }
  const auto array = value.As<Napi::Array>();
  std::vector<std::vector<std::uint8_t>> list;
  for (std::uint32_t i = 0; i < array.Length(); ++i) {
    const Napi::Value item = array[i];
    const std::optional<ByteView> view = view_of(item);
    if (!view) {
      refuse(value, name, "an array of Uint8Arrays");
    }
    list.push_back(view->copy());
  }
  return list;
}

ConnectionId id(const Napi::Value& value) {
  return static_cast<ConnectionId>(integer(value, "id", 0, seam::max_id));
}

}  // namespace dtls::arguments
