// A connection on which heartbeats (RFC 6520) may flow, and a client that sends and reads them: OpenSSL's has
// none.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "core/heartbeat.h"
#include "simulation/insider.h"
#include "suite_families.h"

struct Heartbeating {
  struct Options {
    int ours = 1;  // modes
    int theirs = 1;
    Family family = aes_gcm;
    bool resumed = false;
    int max_fragment_length = 0;
  };

  Heartbeating() : Heartbeating(Options{}) {}
  explicit Heartbeating(const Options& options)
      : settings(settings_of(options.ours)),
        network(settings, every_suite(options.resumed)),
        client(connect(network, options)),
        id(network.connection_of(peer)) {
    // OpenSSL's client would end the connection at the first one: only the insider reads them.
    network.interference = [](const Packet& packet) -> std::vector<Delivery> {
      const bool is_heartbeat = !packet.to_server && packet.bytes[0] == 24;
      return is_heartbeat ? std::vector<Delivery>{} : std::vector<Delivery>{{packet.bytes, {}}};
    };
  }

  static dtls::EndpointSettings settings_of(int mode) {
    dtls::EndpointSettings settings;
    settings.heartbeat_mode = mode;
    settings.keep_alive_time = second * 60;
    settings.keep_alive_interval = second * 2;
    return settings;
  }

  void configure(const std::function<void(dtls::EndpointSettings&)>& change) {
    change(settings);
    network.endpoint().configure(settings, network.now());
    network.flush();
  }

  void inject(const Bytes& message) {
    network.inject(peer, simulation::seal_as_client(client, ContentType::heartbeat, number++, message));
  }
  // Turns a request of the server's into its answer.
  void answer(Bytes request) {
    request[0] = static_cast<std::uint8_t>(dtls::HeartbeatType::response);
    inject(request);
  }

  // The heartbeats that the server has sent since the last call.
  std::vector<Bytes> sent() {
    network.flush();
    std::vector<Bytes> messages;
    const std::vector<Packet> packets = network.packets(false);
    for (; seen_ < packets.size(); ++seen_) {
      const bool is_heartbeat = packets[seen_].client == peer && packets[seen_].bytes[0] == 24;
      if (const auto message =
              is_heartbeat ? simulation::open_as_client(client, packets[seen_].bytes) : std::nullopt) {
        messages.push_back(*message);
      }
    }
    return messages;
  }
  std::vector<Bytes> answers_to(const Bytes& message) {
    sent();
    inject(message);
    return sent();
  }

  std::size_t times_told_inert() const {
    std::size_t times = 0;
    for (const auto& event : network.reported(EventKind::keep_alive_inert)) {
      times += event.id == id ? 1U : 0U;
    }
    return times;
  }

  dtls::EndpointSettings settings;
  Network network;
  Client& client;
  dtls::ConnectionId id;
  // Behind those that OpenSSL's client takes, and near enough for the replay window to leave it some.
  std::uint64_t number = 10;

 private:
  static Client& connect(Network& network, const Options& options) {
    ClientOptions client_options = client_of(options.family);
    client_options.heartbeat_mode = options.theirs;
    client_options.max_fragment_length = options.max_fragment_length;
    dtls::SslSessionPtr session;
    if (options.resumed) {
      Client& first = network.connect(Network::address(9), client_options);
      REQUIRE(network.run_until_connected(Network::address(9)));
      session.reset(SSL_get1_session(first.ssl()));
      first.close();
      network.run_for(second);
      client_options.session = session.get();
    }
    Client& client = network.connect(peer, client_options);
    REQUIRE(network.run_until_connected(peer));
    REQUIRE(SSL_session_reused(client.ssl()) == (options.resumed ? 1 : 0));
    return client;
  }

  std::size_t seen_ = 0;
};

// `told_payload` is what the message says of its payload, which has `payload` bytes.
inline Bytes heartbeat_message(std::size_t told_payload, std::size_t payload, std::size_t padding,
                               std::uint8_t type = 1) {
  Bytes message = {type};
  dtls::append_number(message, told_payload, 2);
  for (std::size_t i = 0; i < payload; ++i) {
    message.push_back(static_cast<std::uint8_t>(i));
  }
  message.insert(message.end(), padding, 0xee);
  return message;
}
