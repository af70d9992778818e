#include "node/endpoint_arguments.h"

#include <string>

#include "node/arguments.h"

namespace dtls::arguments {

namespace {

// RFC 6347 asks for flights that fit the path; below this a flight would be dust.
constexpr double least_handshake_mtu = 256;
constexpr double most_datagram = 65535;
// Microseconds in an int64 have room for far more; no deadline needs more than this, 31 years.
constexpr double most_milliseconds = 1e12;

class Reader {
 public:
  Reader(const Napi::Object& from, const char* prefix) : from_(from), prefix_(prefix) {}

  std::size_t count(const char* name, double least = 0, double most = max_int32) const {
    return static_cast<std::size_t>(integer(from_.Get(name), (prefix_ + name).c_str(), least, most));
  }
  Duration milliseconds(const char* name, double least = 0) const {
    return Duration::milliseconds(static_cast<std::int64_t>(
        integer(from_.Get(name), (prefix_ + name).c_str(), least, most_milliseconds)));
  }
  bool flag(const char* name) const { return boolean(from_.Get(name), (prefix_ + name).c_str()); }
  std::string text(const char* name) const {
    return arguments::text(from_.Get(name), (prefix_ + name).c_str());
  }

 private:
  const Napi::Object from_;
  const std::string prefix_;
};

}  // namespace

EndpointSettings endpoint_settings(const Napi::Value& value) {
  const Reader from(object(value, "settings"), "settings.");
  EndpointSettings settings;
  settings.max_connections = from.count("maxConnections");
  settings.max_handshakes = from.count("maxHandshakes");
  settings.max_handshakes_per_host = from.count("maxHandshakesPerHost");
  settings.max_connections_per_host = from.count("maxConnectionsPerHost");
  settings.max_packet_size = from.count("maxPacketSize", 0, most_datagram);
  settings.handshake_mtu = from.count("handshakeMtu", least_handshake_mtu, most_datagram);
  settings.handshake_timeout = from.milliseconds("handshakeTimeout");
  settings.idle_timeout = from.milliseconds("idleTimeout");
  settings.heartbeat_mode = static_cast<int>(from.count("heartbeatMode", 0, 2));
  settings.keep_alive_time = from.milliseconds("keepAliveTime", 1);
  settings.keep_alive_interval = from.milliseconds("keepAliveInterval", 1);
  settings.keep_alive_max_retries = from.count("keepAliveMaxRetries");
  settings.pause_bound = from.count("pauseBound");
  settings.ask_requests = from.flag("askRequests");
  settings.report_requests = from.flag("reportRequests");
  settings.report_progress = from.flag("reportProgress");
  settings.report_losses = from.flag("reportLosses");
  settings.report_drops = from.flag("reportDrops");
  settings.report_records = from.flag("reportRecords");
  return settings;
}

BindOptions bind_options(const Napi::Value& value) {
  const Reader from(object(value, "options"), "options.");
  BindOptions options;
  options.host = from.text("host");
  options.port = static_cast<std::uint16_t>(from.count("port", 0, 65535));
  options.ipv6 = from.flag("ipv6");
  options.receive_buffer = static_cast<int>(from.count("receiveBuffer"));
  options.send_buffer = static_cast<int>(from.count("sendBuffer"));
  options.share_port = from.flag("sharePort");
  options.dont_fragment = from.flag("dontFragment");
  options.traffic_class = static_cast<int>(from.count("trafficClass", 0, 255));
  options.connect_peers = from.flag("connectPeers");
  options.capture_destination = from.flag("captureDestination");
  options.path = static_cast<SocketPath>(from.count("path", 0, 2));
  return options;
}

}  // namespace dtls::arguments
