#include "simulation/network.h"

#include <stdexcept>
#include <utility>

#include "core/record.h"

namespace simulation {

using dtls::Duration;
using dtls::EventKind;
using dtls::Instant;

namespace {

constexpr Duration transit = Duration::milliseconds(10);

std::vector<Delivery> as_is(const Packet& packet) { return {{packet.bytes, {}}}; }

}  // namespace

std::vector<Bytes> split_records(dtls::ByteView datagram) {
  std::vector<Bytes> records;
  dtls::RecordReader reader(datagram);
  while (const auto record = reader.next()) {
    records.push_back(record->whole.copy());
  }
  return records;
}

Interference no_interference() { return as_is; }

Interference drop_all() {
  return [](const Packet&) { return std::vector<Delivery>{}; };
}

Interference drop_datagram(bool to_server, std::size_t number) {
  return [=](const Packet& packet) {
    return packet.to_server == to_server && packet.number == number ? std::vector<Delivery>{} : as_is(packet);
  };
}

Interference drop_from(bool to_server, std::size_t number) {
  return [=](const Packet& packet) {
    return packet.to_server == to_server && packet.number >= number ? std::vector<Delivery>{} : as_is(packet);
  };
}

Interference drop_record(bool to_server, std::size_t number) {
  return [=](const Packet& packet) -> std::vector<Delivery> {
    const std::vector<Bytes> records = split_records(packet.bytes);
    if (packet.to_server != to_server || number < packet.first_record ||
        number >= packet.first_record + records.size()) {
      return as_is(packet);
    }
    Bytes left;
    for (std::size_t i = 0; i < records.size(); ++i) {
      if (packet.first_record + i != number) {
        dtls::append(left, records[i]);
      }
    }
    if (left.empty()) {
      return {};
    }
    return {{left, {}}};
  };
}

Interference duplicate_datagram(bool to_server, std::size_t number) {
  return [=](const Packet& packet) {
    std::vector<Delivery> deliveries = as_is(packet);
    if (packet.to_server == to_server && packet.number == number) {
      deliveries.push_back({packet.bytes, {}});
    }
    return deliveries;
  };
}

Interference delay_datagram(bool to_server, std::size_t number, Duration delay) {
  return [=](const Packet& packet) -> std::vector<Delivery> {
    const bool chosen = packet.to_server == to_server && packet.number == number;
    return {{packet.bytes, chosen ? delay : Duration{}}};
  };
}

Network::Network(const dtls::EndpointSettings& settings, std::shared_ptr<const dtls::SecurityContext> context)
    : endpoint_(std::make_unique<dtls::Endpoint>(settings, 1, VirtualClock::now())) {
  endpoint_->set_wall_time(VirtualClock::wall(), VirtualClock::now());
  endpoint_->set_security_context(std::move(context));
}

Client& Network::add(const dtls::Address& address, const ClientOptions& options) {
  clients_.push_back(std::make_unique<Client>(options));
  by_address_[address.text()] = clients_.back().get();
  Client* const client = clients_.back().get();
  addresses_[client] = address;
  return *client;
}

Client& Network::connect(const dtls::Address& address, const ClientOptions& options) {
  Client& client = add(address, options);
  client.start();
  flush();
  return client;
}

void Network::at(Instant instant, std::function<void()> action) {
  agenda_.emplace(instant.us, std::move(action));
}

void Network::run_until(Instant instant) {
  while (next_time() <= instant) {
    step_to(next_time());
  }
  VirtualClock::advance_to(instant);
}

bool Network::run_until(const std::function<bool()>& condition, Duration limit) {
  const Instant end = now() + limit;
  while (!condition()) {
    const Instant next = next_time();
    if (next > end) {
      VirtualClock::advance_to(end);
      return condition();
    }
    step_to(next);
  }
  return true;
}

bool Network::run_until_idle(Duration limit) {
  return run_until([this] { return next_time() == Instant::never(); }, limit);
}

void Network::inject(const dtls::Address& from, dtls::ByteView datagram) {
  const Bytes exact = datagram.copy();  // in a block of its own size, for AddressSanitizer
  endpoint_->receive(exact, from, now());
  flush();
}

void Network::inject_to_client(const dtls::Address& address, dtls::ByteView datagram) {
  const auto found = by_address_.find(address.text());
  if (found == by_address_.end()) {
    return;
  }
  found->second->receive(datagram);
  flush();
}

void Network::flush() {
  drain_endpoint();
  for (const auto& client : clients_) {
    const dtls::Address address = addresses_.at(client.get());
    for (Bytes& datagram : client->take_outgoing()) {
      if (by_address_.at(address.text()) == client.get()) {
        send(true, address, std::move(datagram));
      }
    }
  }
}

void Network::drain_endpoint() {
  // What the owner does in answer to an event may write again.
  while (!endpoint_->events().empty() || !endpoint_->outbox().empty()) {
    std::vector<Reported> batch;
    const dtls::ByteView bytes = endpoint_->events().bytes();
    for (const dtls::Event& event : endpoint_->events().list()) {
      batch.push_back({event.kind, event.id, event.a, event.b, event.c,
                       bytes.sub(event.offset, event.length).text(), now()});
    }
    endpoint_->events().clear();
    for (const dtls::OutgoingDatagram& datagram : endpoint_->outbox().list()) {
      const dtls::ByteView datagram_bytes = endpoint_->outbox().bytes_of(datagram);
      if (const char* const broken = used_numbers_.enter(datagram.id, datagram_bytes)) {
        throw std::runtime_error(broken);
      }
      send(false, datagram.peer, datagram_bytes.copy());
    }
    endpoint_->outbox().clear();

    for (const Reported& event : batch) {
      reported_.push_back(event);
      if (event.kind == EventKind::connection_request && accepts_requests) {
        endpoint_->answer_request(event.id, true, now());
      } else if (event.kind == EventKind::client_certificate && accepts_certificates) {
        endpoint_->answer_certificate(event.id, true, 0, now());
      } else if (event.kind == EventKind::disconnected) {
        endpoint_->end_told(event.id);
      } else if (event.kind == EventKind::data && echoes) {
        endpoint_->send(event.id,
                        {reinterpret_cast<const std::uint8_t*>(event.text.data()), event.text.size()}, now());
      }
    }
  }
}

void Network::send(bool to_server, const dtls::Address& client, Bytes bytes) {
  const std::size_t side = to_server ? 1 : 0;
  packets_.push_back({to_server, next_number_[side]++, next_record_[side], client, std::move(bytes), now()});
  const Packet& packet = packets_.back();
  next_record_[side] += split_records(packet.bytes).size();
  for (Delivery& delivery : interference(packet)) {
    const Instant arrival = now() + Duration{transit.us + delivery.delay.us};
    at(arrival, [this, to_server, client, arriving = std::move(delivery.bytes)] {
      to_server ? inject(client, arriving) : inject_to_client(client, arriving);
    });
  }
}

Instant Network::next_time() {
  Instant next = endpoint_->next_deadline();
  if (!agenda_.empty()) {
    next = dtls::earlier(next, Instant{agenda_.begin()->first});
  }
  for (const auto& client : clients_) {
    next = dtls::earlier(next, client->next_timeout());
  }
  return next;
}

// A deadline that is due but never runs would stop the time.
void Network::guard_progress(Instant instant) {
  steps_at_instant_ = instant <= last_step_ ? steps_at_instant_ + 1 : 0;
  last_step_ = instant;
  if (steps_at_instant_ > 10000) {
    throw std::runtime_error("the simulation makes no progress");
  }
}

void Network::step_to(Instant instant) {
  guard_progress(instant);
  VirtualClock::advance_to(instant);
  if (endpoint_->next_deadline() <= now()) {
    endpoint_->advance(now());
  }
  for (const auto& client : clients_) {
    if (client->next_timeout() <= now()) {
      client->handle_timeout();
    }
  }
  flush();
  while (!agenda_.empty() && agenda_.begin()->first <= now().us) {
    const auto action = std::move(agenda_.begin()->second);
    agenda_.erase(agenda_.begin());
    action();
    flush();
  }
}

bool Network::run_until_connected(const dtls::Address& address, Duration limit) {
  const Client* const client = by_address_.at(address.text());
  return run_until(
      [&] {
        const dtls::ConnectionId id = connection_of(address);
        return client->connected() && id != 0 && endpoint_->peer_of(id) == address;
      },
      limit);
}

bool Network::echo_works(Client& client, const Bytes& data) {
  const std::size_t before = client.received().size();
  if (!client.send(data)) {
    return false;
  }
  flush();
  run_for(Duration::milliseconds(100));
  return client.received().size() == before + 1 && client.received().back() == data;
}

std::vector<Reported> Network::reported(EventKind kind) const {
  std::vector<Reported> chosen;
  for (const Reported& event : reported_) {
    if (event.kind == kind) {
      chosen.push_back(event);
    }
  }
  return chosen;
}

std::vector<Packet> Network::packets(bool to_server) const {
  std::vector<Packet> chosen;
  for (const Packet& packet : packets_) {
    if (packet.to_server == to_server) {
      chosen.push_back(packet);
    }
  }
  return chosen;
}

dtls::ConnectionId Network::connection_of(const dtls::Address& client) const {
  dtls::ConnectionId id = 0;
  for (const Reported& event : reported_) {
    if (event.kind == EventKind::connected && event.text == client.host() && event.a == client.port) {
      id = event.id;
    }
  }
  return id;
}

}  // namespace simulation
