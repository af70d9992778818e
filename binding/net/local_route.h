// Which local address the system's routes choose towards a peer.
#pragma once

#include "core/address.h"
#include "net/loop_context.h"

namespace dtls {

// `bound` itself, or, where that is a wildcard, what the routes choose. Several system calls. Stays `bound`
// where there is no route to the peer any more.
Address route_towards(LoopContext& context, const Address& bound, const Address& peer, int family);

}  // namespace dtls
