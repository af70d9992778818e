// The same input always runs the same way: OpenSSL's randomness is a counter's hash, and its calendar stands
// still, so that certificates made at the start are the same in each run.
//
// Each target is one translation unit and includes this once, for it defines time(): the static libcrypto
// takes the definition it finds here, and the one of the simulation is not linked. Of gettimeofday it is.
#pragma once

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <openssl/rand.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <utility>

#include "core/openssl_library.h"
#include "core/security_context.h"
#include "support/promise.h"

namespace fuzz {

inline std::uint64_t random_counter = 0;

// splitmix64: passes for random wherever nobody predicts it on purpose.
inline std::uint64_t next_random() {
  random_counter += 0x9e3779b97f4a7c15U;
  std::uint64_t mixed = random_counter;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
  return mixed ^ (mixed >> 31);
}

namespace random_provider {

// One static object serves as every context: the state is the counter above.
inline int anything = 0;

inline void* new_context(void*, void*, const OSSL_DISPATCH*) { return &anything; }
inline void free_context(void*) {}
inline int instantiate(void*, unsigned, int, const unsigned char*, std::size_t, const OSSL_PARAM*) {
  return 1;
}
inline int uninstantiate(void*) { return 1; }
inline int enable_locking(void*) { return 1; }

inline int generate(void*, unsigned char* out, std::size_t size, unsigned, int, const unsigned char*,
                    std::size_t) {
  for (std::size_t i = 0; i < size; ++i) {
    out[i] = static_cast<unsigned char>(next_random());
  }
  return 1;
}

inline int get_context_params(void*, OSSL_PARAM params[]) {
  OSSL_PARAM* state = OSSL_PARAM_locate(params, OSSL_RAND_PARAM_STATE);
  OSSL_PARAM* strength = OSSL_PARAM_locate(params, OSSL_RAND_PARAM_STRENGTH);
  OSSL_PARAM* most = OSSL_PARAM_locate(params, OSSL_RAND_PARAM_MAX_REQUEST);
  return (state == nullptr || OSSL_PARAM_set_int(state, EVP_RAND_STATE_READY) == 1) &&
         (strength == nullptr || OSSL_PARAM_set_uint(strength, 256) == 1) &&
         (most == nullptr || OSSL_PARAM_set_size_t(most, 1U << 16) == 1);
}

template <typename Function>
void (*erased(Function* function))() {
  return reinterpret_cast<void (*)()>(function);
}

inline const OSSL_ALGORITHM* algorithms(void*, int operation, int* no_cache) {
  static const std::array<OSSL_DISPATCH, 8> functions = {{
      {OSSL_FUNC_RAND_NEWCTX, erased(new_context)},
      {OSSL_FUNC_RAND_FREECTX, erased(free_context)},
      {OSSL_FUNC_RAND_INSTANTIATE, erased(instantiate)},
      {OSSL_FUNC_RAND_UNINSTANTIATE, erased(uninstantiate)},
      {OSSL_FUNC_RAND_GENERATE, erased(generate)},
      {OSSL_FUNC_RAND_ENABLE_LOCKING, erased(enable_locking)},
      {OSSL_FUNC_RAND_GET_CTX_PARAMS, erased(get_context_params)},
      {0, nullptr},
  }};
  static const std::array<OSSL_ALGORITHM, 2> random = {{
      {"COUNTER", "provider=deterministic", functions.data(), nullptr},
      {nullptr, nullptr, nullptr, nullptr},
  }};
  *no_cache = 0;
  return operation == OSSL_OP_RAND ? random.data() : nullptr;
}

inline int initialize(const OSSL_CORE_HANDLE*, const OSSL_DISPATCH*, const OSSL_DISPATCH** out,
                      void** context) {
  static const std::array<OSSL_DISPATCH, 2> functions = {{
      {OSSL_FUNC_PROVIDER_QUERY_OPERATION, erased(algorithms)},
      {0, nullptr},
  }};
  *out = functions.data();
  *context = &anything;
  return 1;
}

}  // namespace random_provider

// Once, before anything else asks OpenSSL for randomness.
inline void make_openssl_deterministic() {
  dtls::initialize_openssl();
  promise(OSSL_PROVIDER_add_builtin(nullptr, "deterministic", &random_provider::initialize) == 1 &&
              OSSL_PROVIDER_load(nullptr, "deterministic") != nullptr &&
              OSSL_PROVIDER_load(nullptr, "default") != nullptr &&
              RAND_set_DRBG_type(nullptr, "COUNTER", nullptr, nullptr, nullptr) == 1,
          "OpenSSL takes our source of randomness");
}

// At the start of each execution.
inline void restart_randomness() { random_counter = 0; }

// While it lives, randomness is that of another stream, so that what one side takes does not show in what the
// other one gets.
class RandomStream {
 public:
  explicit RandomStream(std::uint64_t& position) : position_(position) {
    std::swap(random_counter, position_);
  }
  ~RandomStream() { std::swap(random_counter, position_); }
  RandomStream(const RandomStream&) = delete;
  RandomStream& operator=(const RandomStream&) = delete;

 private:
  std::uint64_t& position_;
};

}  // namespace fuzz

extern "C" std::time_t time(std::time_t* to) noexcept {
  constexpr std::time_t start_of_2026 = 1767225600;
  if (to != nullptr) {
    *to = start_of_2026;
  }
  return start_of_2026;
}
