// The owner hears of a connection's last data and of its end later than they happen. Until it has been told
// it may ask for the connection and send to it, as if it were there.
#include "connected.h"
#include "core/alert.h"

TEST_CASE("a connection that has ended is there for its owner until the end has been told") {
  Connected scene;
  dtls::Endpoint& endpoint = scene.network.endpoint();
  REQUIRE(endpoint.is_open(1));
  const std::uint16_t suite = endpoint.negotiated_of(1)->suite;
  REQUIRE(endpoint.disconnect(1, scene.network.now()));
  CHECK_FALSE(endpoint.is_open(1));
  CHECK(endpoint.peer_of(1) == peer);
  REQUIRE(endpoint.negotiated_of(1));
  CHECK(endpoint.negotiated_of(1)->suite == suite);
  CHECK(endpoint.connection_ids() == std::vector<dtls::ConnectionId>{1});
  CHECK(endpoint.connection_count() == 1);
  CHECK(endpoint.association_count() == 1);

  endpoint.end_told(1);
  CHECK_FALSE(endpoint.peer_of(1));
  CHECK_FALSE(endpoint.negotiated_of(1));
  CHECK(endpoint.connection_ids().empty());
  CHECK(endpoint.connection_count() == 0);
  CHECK(endpoint.association_count() == 0);
}

TEST_CASE("calls on a connection whose end has not been told succeed and do nothing") {
  Connected scene;
  dtls::Endpoint& endpoint = scene.network.endpoint();
  REQUIRE(endpoint.disconnect(1, scene.network.now()));
  const std::size_t events = endpoint.events().list().size();
  const std::size_t datagrams = endpoint.outbox().list().size();
  const auto counters = endpoint.counters().values();
  CHECK(scene.send(5) == dtls::SendResult::sent);
  CHECK(endpoint.pause(1));
  CHECK(endpoint.resume(1));
  CHECK(endpoint.disconnect(1, scene.network.now()));
  CHECK(endpoint.events().list().size() == events);
  CHECK(endpoint.outbox().list().size() == datagrams);
  CHECK(endpoint.counters().values() == counters);

  endpoint.end_told(1);
  CHECK(scene.send(5) == dtls::SendResult::unknown_connection);
  CHECK_FALSE(endpoint.pause(1));
  CHECK_FALSE(endpoint.resume(1));
  CHECK_FALSE(endpoint.disconnect(1, scene.network.now()));
}

TEST_CASE("an answer to the last data of a client that has closed behind it is lost, and is no error") {
  Connected scene;
  const Bytes close_notify = {dtls::alert::warning, dtls::alert::close_notify};
  const Bytes bye = {'b', 'y', 'e'};
  Bytes datagram = simulation::seal_as_client(scene.client, ContentType::application_data, 100, bye);
  dtls::append(datagram, simulation::seal_as_client(scene.client, ContentType::alert, 101, close_notify));
  scene.network.endpoint().receive(datagram, peer, scene.network.now());
  CHECK(scene.send(5) == dtls::SendResult::sent);
  CHECK(scene.sent().size() == 1);  // close_notify
  CHECK(scene.data() == std::vector<std::string>{"bye"});
  CHECK(scene.network.reported(EventKind::disconnected).size() == 1);
  CHECK(scene.send(5) == dtls::SendResult::unknown_connection);
}

TEST_CASE("an end that has not been told takes nobody's place") {
  dtls::EndpointSettings settings;
  settings.max_connections = 1;
  Connected scene(settings);
  dtls::Endpoint& endpoint = scene.network.endpoint();
  REQUIRE(endpoint.disconnect(1, scene.network.now()));
  Client other;
  other.start();
  endpoint.receive(other.take_outgoing().at(0), Network::address(2), scene.network.now());
  CHECK(scene.network.counted(Counter::drop_max_connections) == 0);
}
