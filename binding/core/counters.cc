#include "core/counters.h"

namespace dtls {

const std::array<const char*, counter_count> counter_names = {
#define DTLS_COUNTER_NAME(name) #name,
    DTLS_COUNTERS(DTLS_COUNTER_NAME)
#undef DTLS_COUNTER_NAME
};

}  // namespace dtls
