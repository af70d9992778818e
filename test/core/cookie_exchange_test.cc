// Nothing is kept of an address until its cookie has come back (RFC 6347 4.2.1).
#include "allocations.h"
#include "core/cookie.h"
#include "core/hello.h"
#include "network_test.h"
#include "simulation/wire.h"

using dtls::HelloProblem;

namespace {

// The two hellos of a handshake, recorded; the endpoint that answered the first must see the second.
struct Hellos {
  Bytes first;
  Bytes second;
};

// Stops before the second hello is delivered.
Hellos record_hellos(Network& network, const ClientOptions& options = {}) {
  network.interference = simulation::drop_from(true, 1);
  network.connect(peer, options);
  network.run_for(Duration::milliseconds(100));
  const auto sent = network.packets(true);
  REQUIRE(sent.size() == 2);
  network.interference = simulation::drop_all();
  return {sent[0].bytes, sent[1].bytes};
}

}  // namespace

TEST_CASE("a first hello is answered and forgotten") {
  Network network;
  network.interference = simulation::drop_all();
  Client& client = network.add(peer);
  client.start();
  const Bytes hello = client.take_outgoing().at(0);
  for (int i = 0; i < 10; ++i) {
    network.inject(peer, hello);
  }
  CHECK(network.packets(false).size() == 10);
  for (const auto& packet : network.packets(false)) {
    CHECK(packet.bytes.size() == 13 + 12 + 3 + 17);
  }
  // Never an amplifier.
  CHECK(network.packets(false)[0].bytes.size() < hello.size());
  CHECK(network.endpoint().association_count() == 0);
  CHECK(network.endpoint().next_deadline() == Instant::never());
  CHECK(network.reported().empty());
  CHECK(network.counted(Counter::hello_verify_requests) == 10);
}

TEST_CASE("strangers cost no memory, whatever they send") {
  Network network;
  Hellos hellos = record_hellos(network);
  dtls::Endpoint& endpoint = network.endpoint();
  std::vector<Bytes> datagrams = {hellos.first, Bytes{22}, Bytes(1000, 0xff), Bytes{'h', 'i'},
                                  Bytes(70000, 22)};
  Bytes wrong_cookie = hellos.second;
  wrong_cookie[13 + 12 + 2 + 32 + 1 + 5] ^= 1;
  datagrams.push_back(wrong_cookie);
  Bytes later_fragment = hellos.first;
  later_fragment[13 + 8] = 1;
  datagrams.push_back(later_fragment);

  // The outbox and the cookie's contexts take their room at the first use.
  for (const Bytes& datagram : datagrams) {
    endpoint.receive(datagram, peer, network.now());
  }
  endpoint.outbox().clear();

  for (std::size_t i = 0; i < datagrams.size(); ++i) {
    CAPTURE(i);
    const AllocationCount before = count_allocations();
    for (unsigned k = 0; k < 50; ++k) {
      Address from = peer;
      from.port = static_cast<std::uint16_t>(2000 + k);
      endpoint.receive(datagrams[i], from, network.now());
      endpoint.outbox().clear();
    }
    const AllocationCount after = count_allocations();
    CHECK(after.ours == before.ours);
    CHECK(after.openssl_live == before.openssl_live);
  }
  CHECK(endpoint.association_count() == 0);
  CHECK(endpoint.events().empty());
}

TEST_CASE("a stranger's datagram is counted, and dropped for its reason") {
  const Bytes body(32, 0x5a);
  const auto hello = [&](std::size_t offset) {
    const Bytes fragment = simulation::fragment(HandshakeType::client_hello, 100, 0, offset, body);
    return simulation::record(ContentType::handshake, 0, 0, fragment);
  };
  const std::vector<std::pair<Counter, Bytes>> reasons = {
      {Counter::drop_empty, {}},
      {Counter::drop_unknown_peer, {'h', 'i'}},
      {Counter::drop_unknown_peer, simulation::record(ContentType::application_data, 1, 0, body)},
      {Counter::drop_malformed_hello, hello(0)},
      {Counter::drop_hello_fragment, hello(40)},
  };
  for (const auto& [counter, datagram] : reasons) {
    CAPTURE(dtls::counter_names[static_cast<std::size_t>(counter)]);
    Network network;
    network.inject(peer, datagram);
    CHECK(network.counted(counter) == 1);
    CHECK(network.counted(Counter::datagrams_received) == 1);
    CHECK(network.counted(Counter::bytes_received) == datagram.size());
    CHECK(network.packets(false).empty());
  }
}

TEST_CASE("a second hello with a good cookie, and only that, is offered to the owner") {
  Network network;
  network.accepts_requests = false;
  const Hellos hellos = record_hellos(network);
  const std::size_t cookie_at = 13 + 12 + 2 + 32 + 1 + 1;

  for (std::size_t byte = 0; byte < 17; ++byte) {
    Bytes wrong = hellos.second;
    wrong[cookie_at + byte] ^= 0x10;
    network.inject(peer, wrong);
  }
  CHECK(network.counted(Counter::drop_bad_cookie) == 17);
  CHECK(network.counted(Counter::hello_verify_requests) == 18);  // each is answered like a first hello

  Address elsewhere = peer;
  elsewhere.port = 40001;
  network.inject(elsewhere, hellos.second);
  network.inject(Network::address(2), hellos.second);
  Bytes other_random = hellos.second;
  other_random[13 + 12 + 2] ^= 1;
  network.inject(peer, other_random);
  Bytes first_numbered = hellos.second;
  first_numbered[13 + 5] = 0;  // message_seq 0 with a good cookie would stall in OpenSSL
  network.inject(peer, first_numbered);
  CHECK(network.endpoint().association_count() == 0);
  CHECK(network.reported().empty());

  network.inject(peer, hellos.second);
  CHECK(network.endpoint().association_count() == 1);
  CHECK(network.reported(EventKind::connection_request).size() == 1);
  network.inject(peer, hellos.second);
  CHECK(network.reported(EventKind::connection_request).size() == 1);
}

TEST_CASE("a cookie of the previous period is accepted, one of two periods ago is not") {
  const Duration period = dtls::CookieJar::rotation_period;
  for (const bool expected : {true, false}) {
    CAPTURE(expected);
    Network network;
    network.accepts_requests = false;
    // To the beginning of a period, so that the next one ends 240 s later.
    const std::int64_t into_period = network.now().us % period.us;
    network.run_for(Duration{period.us - into_period});
    const Hellos hellos = record_hellos(network);
    network.run_for(expected ? second * 239 : second * 240);
    network.inject(peer, hellos.second);
    CHECK(network.saw(EventKind::connection_request) == expected);
    CHECK(network.endpoint().association_count() == (expected ? 1 : 0));
  }
}

TEST_CASE("a stopped endpoint answers no hello, and keeps its connections") {
  Network network;
  Client& client = network.connect(peer);
  REQUIRE(network.run_until_connected(peer));
  network.endpoint().set_accepting(false);
  Client& late = network.connect(Network::address(2));
  network.run_for(second * 2);
  CHECK_FALSE(late.connected());
  CHECK(network.counted(Counter::drop_not_accepting) == 2);
  CHECK(network.echo_works(client));
  network.endpoint().set_accepting(true);
  CHECK(network.run_until_connected(Network::address(2), second * 5));
}

TEST_CASE("without a security context hellos are dropped") {
  Network network({}, nullptr);
  network.connect(peer);
  network.run_for(second);
  CHECK(network.packets(false).empty());
  CHECK(network.counted(Counter::drop_not_accepting) > 0);
}

TEST_CASE("datagrams beyond the largest packet are dropped unread") {
  dtls::EndpointSettings settings;
  settings.max_packet_size = 200;
  Network network(settings);
  ClientOptions options;
  options.hello_padding = 300;
  network.connect(peer, options);
  network.run_for(Duration::milliseconds(500));
  CHECK(network.packets(false).empty());
  CHECK(network.counted(Counter::drop_oversized) == 1);
}

TEST_CASE("endpoints that share a secret answer each other's clients, whatever their monotonic clocks say") {
  const Bytes secret(32, 9);
  const auto make_endpoint = [&](Instant now) {
    auto endpoint = std::make_unique<dtls::Endpoint>(dtls::EndpointSettings{}, 1, now);
    endpoint->set_security_context(simulation::plain_context());
    endpoint->set_wall_time(simulation::VirtualClock::wall(), now);
    return endpoint;
  };
  const Instant early{5};
  const Instant late{1'000'000'000'000};
  const auto one = make_endpoint(early);
  const auto other = make_endpoint(late);
  const auto admits = [&] {
    Client client;
    client.start();
    one->receive(client.take_outgoing().at(0), peer, early);
    client.receive(one->outbox().bytes_of(one->outbox().list().at(0)));
    one->outbox().clear();
    other->receive(client.take_outgoing().at(0), peer, late);
    other->outbox().clear();
    return other->association_count() == 1;
  };
  CHECK_FALSE(admits());
  one->set_cookie_secret(secret);
  other->set_cookie_secret(secret);
  CHECK(admits());
}
