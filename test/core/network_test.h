// The words of the tests over the simulated network.
#pragma once

#include <doctest/doctest.h>
#include <openssl/opensslv.h>

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

// Those of its client, and of connections that stay attached to it: 3.0 hands them on, 3.5 and 4.0 drop them.
constexpr bool openssl_reads_empty_records = OPENSSL_VERSION_NUMBER < 0x30200000L;
