// The words of the tests over the simulated network.
#pragma once

#include <doctest/doctest.h>

#include "core/record.h"
#include "simulation/network.h"

using dtls::Address;
using dtls::ContentType;
using dtls::Counter;
using dtls::Duration;
using dtls::EventKind;
using dtls::Fault;
using dtls::HandshakeType;
using dtls::Instant;
using simulation::Bytes;
using simulation::Client;
using simulation::ClientOptions;
using simulation::Delivery;
using simulation::Network;
using simulation::Packet;

inline const Address peer = Network::address(1);
constexpr Duration second = Duration::seconds(1);
