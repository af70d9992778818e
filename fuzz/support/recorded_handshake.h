// Real handshakes at the price of their server's half. What a client says is recorded once for each kind of
// connection. The server draws the same randomness for a handshake in every execution, so it answers the
// same, and what the client has said is good again, and so are its keys.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "core/endpoint.h"
#include "simulation/client.h"
#include "simulation/identity.h"
#include "simulation/insider.h"
#include "support/determinism.h"
#include "support/promise.h"

namespace fuzz {

using simulation::Bytes;

struct SuiteKind {
  const char* name;
  bool encrypt_then_mac;
};
// Stands in corpora as a number: append only.
inline constexpr std::array<SuiteKind, 7> suite_kinds = {{
    {"ECDHE-ECDSA-AES128-GCM-SHA256", true},
    {"ECDHE-ECDSA-CHACHA20-POLY1305", true},
    {"ECDHE-ECDSA-AES128-CCM8", true},
    {"ECDHE-ECDSA-AES128-SHA", true},
    {"ECDHE-ECDSA-AES256-SHA384", true},
    {"ECDHE-ECDSA-AES128-SHA256", false},
    {"ECDHE-ECDSA-AES256-CCM", true},
}};

struct HandshakeKind {
  std::size_t suite = 0;     // of suite_kinds
  int server_heartbeat = 0;  // as EndpointSettings::heartbeat_mode has it
  int client_heartbeat = 0;
  bool resumes = false;
  bool short_records = false;  // max_fragment_length of 512 (RFC 6066)

  bool operator<(const HandshakeKind& other) const { return parts() < other.parts(); }

 private:
  std::tuple<std::size_t, int, int, bool, bool> parts() const {
    return {suite, server_heartbeat, client_heartbeat, resumes, short_records};
  }
};

struct RecordedClient {
  // The hello, the hello with the cookie, and what ends the client's part, Finished included.
  static constexpr std::size_t datagram_count = 3;
  std::vector<Bytes> datagrams;
  simulation::ClientKeys keys;
};

struct RecordedHandshake {
  std::shared_ptr<const dtls::SecurityContext> context;
  RecordedClient first;
  RecordedClient restart;  // at the address of the first, whose connection is there
};

// Where all of them take place.
inline const dtls::Address recorded_peer = dtls::Address::ipv4(192, 0, 2, 1, 4001);
constexpr dtls::Instant recorded_start{1'000'000'000};
constexpr dtls::ConnectionId recorded_first_id = 100;

// Accepts a request, with the randomness that each handshake draws.
inline bool accept_recorded(dtls::Endpoint& endpoint, dtls::ConnectionId id, dtls::Instant now) {
  std::uint64_t position = std::uint64_t{1} << 40;
  const RandomStream stream(position);
  return endpoint.answer_request(id, true, now);
}

class HandshakeRecorder {
 public:
  explicit HandshakeRecorder(const HandshakeKind& kind) : kind_(kind), context_(context_of(kind)) {}

  RecordedHandshake record() {
    dtls::SslSessionPtr session;
    if (kind_.resumes) {
      const std::unique_ptr<dtls::Endpoint> endpoint = new_endpoint();
      session = connect(*endpoint, nullptr).second;
    }
    const std::unique_ptr<dtls::Endpoint> endpoint = new_endpoint();
    RecordedClient first = connect(*endpoint, session.get()).first;
    RecordedClient restart = connect(*endpoint, session.get()).first;
    return {context_, std::move(first), std::move(restart)};
  }

 private:
  static std::shared_ptr<const dtls::SecurityContext> context_of(const HandshakeKind& kind) {
    static std::map<bool, std::shared_ptr<const dtls::SecurityContext>> contexts;
    std::shared_ptr<const dtls::SecurityContext>& context = contexts[kind.resumes];
    if (!context) {
      const simulation::Identity& identity = simulation::plain_identity();
      const Bytes key = identity.key_der();
      dtls::SecuritySettings settings;
      settings.certificates.push_back(identity.certificate_der());
      settings.private_key = key;
      settings.cipher_list = "ECDHE+AES:ECDHE+CHACHA20:@SECLEVEL=0";
      settings.groups = "X25519";
      settings.resumption = kind.resumes;
      context = std::make_shared<dtls::SecurityContext>(settings);
    }
    return context;
  }

  std::unique_ptr<dtls::Endpoint> new_endpoint() const {
    restart_randomness();
    dtls::EndpointSettings settings;
    settings.heartbeat_mode = kind_.server_heartbeat;
    auto endpoint = std::make_unique<dtls::Endpoint>(settings, recorded_first_id, recorded_start);
    endpoint->set_security_context(context_);
    return endpoint;
  }

  std::pair<RecordedClient, dtls::SslSessionPtr> connect(dtls::Endpoint& endpoint, SSL_SESSION* session) {
    simulation::ClientOptions options;
    options.cipher_list = std::string(suite_kinds.at(kind_.suite).name) + ":@SECLEVEL=0";
    options.encrypt_then_mac = suite_kinds.at(kind_.suite).encrypt_then_mac;
    options.heartbeat_mode = kind_.client_heartbeat;
    options.max_fragment_length = kind_.short_records ? 1 : 0;
    options.session = session;
    std::unique_ptr<simulation::Client> client;
    as_client([&] {
      client = std::make_unique<simulation::Client>(options);
      client->start();
    });
    std::vector<Bytes> datagrams;
    while (datagrams.size() < RecordedClient::datagram_count) {
      std::vector<Bytes> flight = client->take_outgoing();
      promise(flight.size() == 1, "a flight of a recorded client is one datagram");
      endpoint.receive(flight[0], recorded_peer, recorded_start);
      datagrams.push_back(std::move(flight[0]));
      take_answers(endpoint, *client);
    }
    promise(client->connected() && (SSL_session_reused(client->ssl()) == 1) == (session != nullptr),
            "a recorded handshake is what it should be");
    simulation::ClientKeys keys = simulation::ClientKeys::of(*client);
    dtls::SslSessionPtr made(SSL_get1_session(client->ssl()));
    as_client([&] {
      client->close();  // or OpenSSL takes the session for a bad one
      client.reset();
    });
    return {RecordedClient{std::move(datagrams), std::move(keys)}, std::move(made)};
  }

  void take_answers(dtls::Endpoint& endpoint, simulation::Client& client) {
    for (const dtls::Event& event : std::vector<dtls::Event>(endpoint.events().list())) {
      if (event.kind == dtls::EventKind::connection_request) {
        accept_recorded(endpoint, event.id, recorded_start);
      }
    }
    as_client([&] {
      for (const dtls::OutgoingDatagram& datagram : endpoint.outbox().list()) {
        client.receive(endpoint.outbox().bytes_of(datagram));
      }
    });
    endpoint.events().clear();
    endpoint.outbox().clear();
  }

  template <typename Action>
  void as_client(Action action) {
    const RandomStream stream(client_position_);
    action();
  }

  const HandshakeKind kind_;
  std::shared_ptr<const dtls::SecurityContext> context_;
  std::uint64_t client_position_ = std::uint64_t{1} << 50;
};

// Made when it is first asked for; leaves the randomness at its start.
inline RecordedHandshake& recorded_handshake(const HandshakeKind& kind) {
  static std::map<HandshakeKind, RecordedHandshake> made;
  auto found = made.find(kind);
  if (found == made.end()) {
    restart_randomness();
    static const simulation::Client first_client;  // makes what all share, at one place in the randomness
    restart_randomness();
    found = made.emplace(kind, HandshakeRecorder(kind).record()).first;
  }
  restart_randomness();
  return found->second;
}

}  // namespace fuzz
