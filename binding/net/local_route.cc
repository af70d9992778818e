#include "net/local_route.h"

#include "net/socket_address.h"
#include "net/uv_handle.h"

namespace dtls {

Address route_towards(LoopContext& context, const Address& bound, const Address& peer, int family) {
  if (!bound.is_wildcard()) {
    return bound;
  }
  // Connecting a UDP socket sends nothing; it makes the system choose the route.
  const UvHandle<uv_udp_t> probe(context.open_handles(), "socket", nullptr, [&](uv_udp_t* handle) {
    return uv_udp_init_ex(context.loop(), handle, static_cast<unsigned int>(family));
  });
  const SocketAddress to = to_socket_address(peer, family);
  SocketAddress chosen{};
  int size = sizeof chosen;
  if (uv_udp_connect(probe.get(), &to.any) < 0 || uv_udp_getsockname(probe.get(), &chosen.any, &size) < 0) {
    return bound;
  }
  Address local = from_socket_address(&chosen.any);
  local.port = bound.port;
  return local;
}

}  // namespace dtls
