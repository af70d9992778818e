// Keys and stores that stand in a test.
#pragma once

#include <string>

#include "simulation/identity.h"

namespace simulation {

Bytes from_base64(const std::string& text);

}  // namespace simulation
