// A protected record that is shorter than its nonce and tag is an internal error to OpenSSL, and so the end
// of the connection; anybody can send one.
#include <array>
#include <string>

#include "network_test.h"
#include "simulation/wire.h"

namespace {

constexpr Duration patience = Duration::seconds(4);
constexpr std::size_t longer_than_any_nonce_and_tag = 64;
constexpr std::array suites = {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
                               "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-ECDSA-AES128-CCM",
                               "ECDHE-ECDSA-AES128-SHA",        "ECDHE-ECDSA-AES256-SHA384"};

std::shared_ptr<const dtls::SecurityContext> context_with_ccm() {
  static const auto context = [] {
    simulation::ContextOptions options;
    options.cipher_list = "ECDHE+AES:ECDHE+CHACHA20";
    return simulation::server_context(simulation::plain_identity(), options);
  }();
  return context;
}

void inject_short_records(Network& network) {
  for (const ContentType type : simulation::content_types) {
    for (std::size_t size = 0; size < longer_than_any_nonce_and_tag; ++size) {
      network.inject(peer, simulation::record(type, 1, 40 + size, Bytes(size, 0x2a)));
    }
  }
}

}  // namespace

TEST_CASE("no forged record is too short for a connection to survive it") {
  for (const std::string suite : suites) {
    CAPTURE(suite);
    Network network({}, context_with_ccm());
    ClientOptions options;
    options.cipher_list = suite;
    Client& client = network.connect(peer, options);
    REQUIRE(network.run_until_connected(peer, patience));
    REQUIRE(SSL_get_cipher_name(client.ssl()) == suite);
    inject_short_records(network);
    CHECK(network.endpoint().connection_count() == 1);
    CHECK(network.echo_works(client));
    CHECK_FALSE(network.saw(EventKind::disconnected));
  }
}

TEST_CASE("no forged record is too short for a handshake to survive it, held or not") {
  for (const std::string suite : suites) {
    // Before the first hello, the second, the ClientKeyExchange, the ChangeCipherSpec and the Finished.
    for (std::size_t number = 0; number < 5; ++number) {
      CAPTURE(suite);
      CAPTURE(number);
      Network network({}, context_with_ccm());
      network.interference = [&](const Packet& packet) -> std::vector<Delivery> {
        if (!packet.to_server || packet.number < 2) {
          if (packet.to_server && packet.number == number) {
            inject_short_records(network);
          }
          return {{packet.bytes, {}}};
        }
        // Each record of the last flight comes for itself, and the forgeries between them.
        std::vector<Delivery> deliveries;
        for (const Bytes& record : simulation::split_records(packet.bytes)) {
          const auto position = static_cast<std::int64_t>(deliveries.size());
          deliveries.push_back({record, Duration::milliseconds(2 * position)});
          if (packet.number == 2 && number >= 2 && position == static_cast<std::int64_t>(number) - 2) {
            network.at(network.now() + Duration::milliseconds(10 + 2 * position - 1),
                       [&] { inject_short_records(network); });
          }
        }
        return deliveries;
      };
      ClientOptions options;
      options.cipher_list = suite;
      Client& client = network.connect(peer, options);
      REQUIRE(network.run_until_connected(peer, patience));
      CHECK_FALSE(network.saw(EventKind::handshake_failed));
      CHECK(network.echo_works(client));
    }
  }
}
