// A connection to look at, and a client that says in it what OpenSSL would not.
#pragma once

#include <string>
#include <vector>

#include "simulation/insider.h"
#include "suite_families.h"

// It has the id 1. Nothing is echoed.
struct Connected {
  explicit Connected(const dtls::EndpointSettings& settings = {},
                     const ClientOptions& options = client_of(aes_gcm))
      : network(settings, every_suite()), client(network.connect(peer, options)) {
    REQUIRE(network.run_until_connected(peer));
    network.echoes = false;
    sent_before = network.packets(false).size();
  }
  explicit Connected(const Family& family, const dtls::EndpointSettings& settings = {})
      : Connected(settings, client_of(family)) {}

  // The records of these messages, in the order of sending.
  std::vector<Bytes> sealed(const std::vector<Bytes>& messages) {
    for (const Bytes& message : messages) {
      REQUIRE(client.send(message));
    }
    return client.take_outgoing();
  }

  void inject_sealed(ContentType type, std::uint64_t sequence, const Bytes& plaintext) {
    network.inject(peer, simulation::seal_as_client(client, type, sequence, plaintext));
  }
  // Under the insider's next number.
  void inject_sealed(ContentType type, const Bytes& plaintext) { inject_sealed(type, number++, plaintext); }

  dtls::SendResult send(std::size_t size) {
    return network.endpoint().send(1, Bytes(size, 0x61), network.now());
  }

  // What has come for the owner.
  std::vector<std::string> data() const {
    std::vector<std::string> texts;
    for (const auto& event : network.reported(EventKind::data)) {
      texts.push_back(event.text);
    }
    return texts;
  }

  // What the server has sent since it was connected.
  std::vector<Packet> sent() {
    network.flush();
    std::vector<Packet> packets = network.packets(false);
    packets.erase(packets.begin(), packets.begin() + static_cast<std::ptrdiff_t>(sent_before));
    return packets;
  }

  Network network;
  Client& client;
  std::uint64_t number = 100;
  std::size_t sent_before = 0;
};
