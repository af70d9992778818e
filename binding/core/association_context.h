// The endpoint's parts that its associations read and write.
#pragma once

#include "core/clock.h"
#include "core/counters.h"
#include "core/drops.h"
#include "core/endpoint_settings.h"
#include "core/events.h"
#include "core/notices.h"
#include "core/outbox.h"
#include "core/record_protection.h"

namespace dtls {

struct AssociationContext {
  const EndpointSettings& settings;
  Counters& counters;
  Events& events;
  Outbox& outbox;
  Notices& notices;
  Drops& drops;
  RecordContexts& contexts;
  const WallClock& wall_clock;
};

}  // namespace dtls
