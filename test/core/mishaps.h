// What a network does to the parts of a flight.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "network_test.h"

// What happens to one piece of a flight while the others arrive.
struct Mishap {
  std::string name;
  std::size_t copies;
  Duration delay;
  Duration delay_of_others;
  std::size_t flights;  // this one, and repetitions of it
};

inline const std::vector<Mishap> mishaps = {
    {"lost", 0, {}, {}, 1},
    {"lost twice over", 0, {}, {}, 2},
    {"doubled", 2, {}, {}, 1},
    {"behind the others", 1, Duration::milliseconds(5), {}, 1},
    {"ahead of the others", 1, {}, Duration::milliseconds(5), 1},
    {"late", 1, Duration::milliseconds(300), {}, 1},
    {"behind the repetition", 1, Duration::milliseconds(1500), {}, 1},
    {"behind all", 1, Duration::milliseconds(4000), {}, 2},
};

// Lets it happen to the piece of this number, a record or a whole datagram, of the flights whose datagrams
// `concerns` picks; `*met` if there is one.
inline simulation::Interference befall(const Mishap& mishap, std::function<bool(const Packet&)> concerns,
                                       bool records, std::size_t number, bool* met) {
  std::size_t flight = 0;
  std::size_t next = 0;
  Instant sent_at = Instant::never();
  return [=](const Packet& packet) mutable -> std::vector<Delivery> {
    if (!concerns(packet)) {
      return {{packet.bytes, {}}};
    }
    if (packet.sent_at != sent_at) {
      sent_at = packet.sent_at;
      next = 0;
      ++flight;
    }
    if (flight > mishap.flights) {
      return {{packet.bytes, {}}};
    }
    std::vector<Delivery> deliveries;
    for (const Bytes& piece :
         records ? simulation::split_records(packet.bytes) : std::vector<Bytes>{packet.bytes}) {
      const bool chosen = next++ == number;
      *met = *met || chosen;
      const Delivery delivery = {piece, chosen ? mishap.delay : mishap.delay_of_others};
      deliveries.insert(deliveries.end(), chosen ? mishap.copies : 1, delivery);
    }
    return deliveries;
  };
}
