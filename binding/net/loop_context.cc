#include "net/loop_context.h"

#include <vector>

#include "net/endpoint_driver.h"

namespace dtls {

void LoopContext::close_all() {
  // Closing takes drivers out of the set.
  const std::vector<EndpointDriver*> drivers(drivers_.begin(), drivers_.end());
  for (EndpointDriver* driver : drivers) {
    driver->close();
  }
}

void LoopContext::abandon_all(std::function<void()> when_done) {
  const std::vector<EndpointDriver*> drivers(drivers_.begin(), drivers_.end());
  for (EndpointDriver* driver : drivers) {
    driver->abandon();
  }
  open_handles_->when_none(std::move(when_done));
}

}  // namespace dtls
