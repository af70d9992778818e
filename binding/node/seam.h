// The C++ side of src/native/numbers.ts: what crosses the seam as bare numbers.
#pragma once

#include <napi.h>

#include <cstddef>
#include <cstdint>

#include "core/endpoint.h"
#include "core/events.h"

namespace dtls::seam {

// Int32 fields of one event in the table, in their order. `EventField` in src/native/event-fields.ts.
#define DTLS_EVENT_FIELDS(X) X(kind) X(id_low) X(id_high) X(a) X(b) X(c) X(offset) X(length)

#define DTLS_FIELD(name) name,
enum Field : std::size_t { DTLS_EVENT_FIELDS(DTLS_FIELD) stride };
#undef DTLS_FIELD

// A slab holds the bytes of one call's events: this many at most, unless a single event has more.
constexpr std::size_t slab_size = std::size_t{32} * 1024;

// `SendResult` in src/native/numbers.ts: the core's, and the rim's own behind them.
constexpr std::uint32_t send_blocked = static_cast<std::uint32_t>(SendResult::failed) + 1;

// Ids are doubles in JavaScript; integers are exact up to here.
constexpr double max_id = 9007199254740991.0;

// The names behind the numbers that cross, in the order of the numbers: event kinds (from 1 on), the fields
// of an event, progress steps, faults, send results, certificate reasons, store formats, socket paths and
// counters. src/native/seam.ts compares them with its own when it loads the addon.
Napi::Object tables(Napi::Env env);

}  // namespace dtls::seam
