#include "node/seam.h"

#include <array>
#include <string>

#include "core/client_verification.h"
#include "core/counters.h"
#include "core/fault.h"
#include "core/key_store.h"
#include "net/udp_socket.h"

namespace dtls::seam {

namespace {

#define DTLS_NAME(name) #name,
constexpr std::array event_kind_names{DTLS_EVENT_KINDS(DTLS_NAME)};
constexpr std::array event_field_names{DTLS_EVENT_FIELDS(DTLS_NAME)};
constexpr std::array progress_step_names{DTLS_PROGRESS_STEPS(DTLS_NAME)};
constexpr std::array fault_names{DTLS_FAULTS(DTLS_NAME)};
constexpr std::array certificate_reason_names{DTLS_CERTIFICATE_REASONS(DTLS_NAME)};
constexpr std::array store_format_names{DTLS_STORE_FORMATS(DTLS_NAME)};
// The core's, and the rim's own behind them: send_blocked.
constexpr std::array send_result_names{DTLS_SEND_RESULTS(DTLS_NAME) "blocked"};
#undef DTLS_NAME

static_assert(event_field_names.size() == Field::stride);
static_assert(send_result_names.size() == send_blocked + 1);

constexpr std::array socket_path_names{"auto", "uv", "linux"};

constexpr bool is_socket_path(std::size_t index, SocketPath path) {
  return static_cast<std::size_t>(path) == index;
}
static_assert(is_socket_path(0, SocketPath::automatic) && is_socket_path(1, SocketPath::uv) &&
              is_socket_path(2, SocketPath::linux_messages));

template <std::size_t Count>
Napi::Array array_of(Napi::Env env, const std::array<const char*, Count>& names) {
  Napi::Array array = Napi::Array::New(env, Count);
  for (std::uint32_t i = 0; i < Count; ++i) {
    array[i] = Napi::String::New(env, names[i]);
  }
  return array;
}

}  // namespace

Napi::Object tables(Napi::Env env) {
  Napi::Object object = Napi::Object::New(env);
  object["eventKinds"] = array_of(env, event_kind_names);
  object["eventFields"] = array_of(env, event_field_names);
  object["progressSteps"] = array_of(env, progress_step_names);
  object["faults"] = array_of(env, fault_names);
  object["sendResults"] = array_of(env, send_result_names);
  object["certificateReasons"] = array_of(env, certificate_reason_names);
  object["storeFormats"] = array_of(env, store_format_names);
  object["socketPaths"] = array_of(env, socket_path_names);
  object["counters"] = array_of(env, counter_names);
  return object;
}

}  // namespace dtls::seam
