#include "node/arguments.h"

#include <cmath>

#include "node/seam.h"

namespace dtls::arguments {

namespace {

[[noreturn]] void refuse(const Napi::Value& value, const char* name, const char* wanted) {
  throw Napi::TypeError::New(value.Env(), std::string(name) + " must be " + wanted);
}

bool is_bytes(const Napi::Value& value) {
  return value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == napi_uint8_array;
}

ByteView view_of(const Napi::Value& value) {
  const auto array = value.As<Napi::Uint8Array>();
  return {array.Data(), array.ByteLength()};
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
  if (!is_bytes(value)) {
    refuse(value, name, "a Uint8Array");
  }
  return view_of(value);
}

std::vector<std::vector<std::uint8_t>> list_of_bytes(const Napi::Value& value, const char* name) {
  if (!value.IsArray()) {
    refuse(value, name, "an array of Uint8Arrays");
  }
  const auto array = value.As<Napi::Array>();
  std::vector<std::vector<std::uint8_t>> list;
  for (std::uint32_t i = 0; i < array.Length(); ++i) {
    const Napi::Value item = array[i];
    if (!is_bytes(item)) {
      refuse(value, name, "an array of Uint8Arrays");
    }
    list.push_back(view_of(item).copy());
  }
  return list;
}

ConnectionId id(const Napi::Value& value) {
  return static_cast<ConnectionId>(integer(value, "id", 0, seam::max_id));
}

}  // namespace dtls::arguments
