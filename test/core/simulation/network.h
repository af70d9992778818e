// A network between one endpoint and many clients, in virtual time. Each datagram takes 10 ms; an
// interference, which sees every datagram on its way, decides what becomes of it.
//
// Whatever a test is about, a record number or nonce that the endpoint uses twice under a key is thrown as a
// std::runtime_error.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/endpoint.h"
#include "simulation/client.h"
#include "simulation/used_numbers.h"
#include "simulation/virtual_clock.h"

namespace simulation {

// One datagram as it is sent.
struct Packet {
  bool to_server = false;
  std::size_t number = 0;        // of its direction, in the order of sending
  std::size_t first_record = 0;  // number of its first record among those of its direction
  dtls::Address client;
  Bytes bytes;
  dtls::Instant sent_at;
};

// What arrives of it, and how much later than the network's own delay.
struct Delivery {
  Bytes bytes;
  dtls::Duration delay;
};
using Interference = std::function<std::vector<Delivery>(const Packet&)>;

std::vector<Bytes> split_records(dtls::ByteView datagram);

Interference no_interference();
Interference drop_all();
Interference drop_datagram(bool to_server, std::size_t number);
Interference drop_from(bool to_server, std::size_t number);  // this datagram and all later ones
Interference drop_record(bool to_server, std::size_t number);
Interference duplicate_datagram(bool to_server, std::size_t number);
Interference delay_datagram(bool to_server, std::size_t number, dtls::Duration delay);

// One event of the endpoint with its bytes.
struct Reported {
  dtls::EventKind kind;
  dtls::ConnectionId id;
  int a, b, c;
  std::string text;
  dtls::Instant at;

  dtls::Fault fault() const { return static_cast<dtls::Fault>(b); }
};

class Network {
 public:
  explicit Network(const dtls::EndpointSettings& settings = {},
                   std::shared_ptr<const dtls::SecurityContext> context = plain_context());
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  // --- what the endpoint's owner does
  bool accepts_requests = true;      // false: requests stay unanswered
  bool accepts_certificates = true;  // false: certificates stay undecided
  bool echoes = true;

  // --- set-up
  Interference interference = no_interference();
  static dtls::Address address(unsigned number) {
    return dtls::Address::ipv4(192, 0, 2, static_cast<std::uint8_t>(number), 40000);
  }
  // The client lives as long as the network; one that has the address already is cut off.
  Client& add(const dtls::Address& address, const ClientOptions& options = {});
  Client& connect(const dtls::Address& address, const ClientOptions& options = {});  // add and start

  // --- time
  dtls::Instant now() const { return VirtualClock::now(); }
  void at(dtls::Instant instant, std::function<void()> action);
  void run_until(dtls::Instant instant);
  void run_for(dtls::Duration duration) { run_until(now() + duration); }
  // Until `condition` holds or `limit` has passed; whether it holds.
  bool run_until(const std::function<bool()>& condition, dtls::Duration limit);
  // Until nothing is on its way and no timer runs; false if that is not so after `limit`.
  bool run_until_idle(dtls::Duration limit);

  // Puts a datagram before the endpoint now, as if `from` had sent it.
  void inject(const dtls::Address& from, dtls::ByteView datagram);
  void inject_to_client(const dtls::Address& client, dtls::ByteView datagram);
  // Sends what clients and endpoint have written. Calls on either need it; time steps do it themselves.
  void flush();

  // Until both sides have the connection.
  bool run_until_connected(const dtls::Address& client, dtls::Duration limit = dtls::Duration::seconds(1));
  // Whether data comes back to the client within 100 ms.
  bool echo_works(Client& client, const Bytes& data = {'e', 'c', 'h', 'o'});

  // --- what was seen
  dtls::Endpoint& endpoint() { return *endpoint_; }
  const std::vector<Reported>& reported() const { return reported_; }
  std::vector<Reported> reported(dtls::EventKind kind) const;
  bool saw(dtls::EventKind kind) const { return !reported(kind).empty(); }
  std::uint64_t counted(dtls::Counter counter) const { return endpoint_->counters()[counter]; }
  const std::vector<Packet>& packets() const { return packets_; }
  std::vector<Packet> packets(bool to_server) const;
  std::size_t record_count(bool to_server) const { return next_record_[to_server ? 1 : 0]; }
  // The id of the last connection that was announced for this client; 0 if there was none.
  dtls::ConnectionId connection_of(const dtls::Address& client) const;

 private:
  void send(bool to_server, const dtls::Address& client, Bytes bytes);
  void drain_endpoint();
  dtls::Instant next_time();
  void step_to(dtls::Instant instant);
  void guard_progress(dtls::Instant instant);

  std::unique_ptr<dtls::Endpoint> endpoint_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::map<std::string, Client*> by_address_;
  std::map<const Client*, dtls::Address> addresses_;
  std::multimap<std::int64_t, std::function<void()>> agenda_;  // equal times in the order of insertion
  std::vector<Reported> reported_;
  std::vector<Packet> packets_;
  UsedNumbers used_numbers_;
  dtls::Instant last_step_{};
  std::size_t steps_at_instant_ = 0;
  std::size_t next_number_[2] = {0, 0};
  std::size_t next_record_[2] = {0, 0};
};

}  // namespace simulation
