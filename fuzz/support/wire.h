// Hellos as a client would write them, and as it would not.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/bytes.h"
#include "core/record.h"
#include "simulation/wire.h"
#include "support/script.h"

namespace fuzz {

using simulation::Bytes;

// A ClientHello that an OpenSSL server with an ECDSA certificate answers, for handshakes that get no further
// than their second flight.
struct HelloShape {
  std::uint8_t random = 0;
  std::size_t session_id = 0;
  std::size_t padding = 0;  // bytes of RFC 7685's extension
  std::uint64_t record_sequence = 0;

  static HelloShape choose(Script& script) {
    static constexpr std::array<std::size_t, 3> session_ids = {0, 8, 32};
    static constexpr std::array<std::size_t, 3> paddings = {0, 300, 1500};
    static constexpr std::array<std::uint64_t, 4> sequences = {0, 1, 70, dtls::max_sequence};
    HelloShape shape;
    shape.random = script.byte();
    shape.session_id = script.choice(session_ids);
    shape.padding = script.choice(paddings);
    shape.record_sequence = script.choice(sequences);
    return shape;
  }

  Bytes body(dtls::ByteView cookie) const {
    static constexpr std::array<std::uint8_t, 12> suites = {0x00, 0x0a, 0xc0, 0x2b, 0xcc, 0xa9,
                                                            0xc0, 0x09, 0xc0, 0x0a, 0x00, 0xff};
    static constexpr std::array<std::uint8_t, 34> extensions = {
        0x00, 0x0a, 0x00, 0x06, 0x00, 0x04, 0x00, 0x1d, 0x00, 0x17,  // supported_groups: X25519, P-256
        0x00, 0x0b, 0x00, 0x02, 0x01, 0x00,                          // ec_point_formats: uncompressed
        0x00, 0x0d, 0x00, 0x06, 0x00, 0x04, 0x04, 0x03, 0x05, 0x03,  // signature_algorithms: ECDSA
        0x00, 0x16, 0x00, 0x00,                                      // encrypt_then_mac
        0x00, 0x17, 0x00, 0x00,                                      // extended_master_secret
    };
    Bytes bytes;
    dtls::append_number(bytes, dtls::dtls_1_2, 2);
    bytes.insert(bytes.end(), 32, random);
    dtls::append_number(bytes, session_id, 1);
    bytes.insert(bytes.end(), session_id, 0x51);
    dtls::append_number(bytes, cookie.size(), 1);
    dtls::append(bytes, cookie);
    bytes.insert(bytes.end(), suites.begin(), suites.end());
    dtls::append_number(bytes, 0x0100, 2);  // no compression
    dtls::append_number(bytes, extensions.size() + (padding > 0 ? 4 + padding : 0), 2);
    bytes.insert(bytes.end(), extensions.begin(), extensions.end());
    if (padding > 0) {
      dtls::append_number(bytes, 21, 2);
      dtls::append_number(bytes, padding, 2);
      bytes.insert(bytes.end(), padding, 0);
    }
    return bytes;
  }

  // The datagrams of the hello: one, or two if it is cut at `cut` (0: it is not).
  std::vector<Bytes> datagrams(dtls::ByteView cookie, std::uint16_t message_seq, std::size_t cut) const {
    const Bytes message = body(cookie);
    const dtls::ByteView view(message);
    const auto send = [&](std::size_t offset, std::size_t count, std::uint64_t sequence) {
      return simulation::record(dtls::ContentType::handshake, 0, sequence,
                                simulation::fragment(dtls::HandshakeType::client_hello, message.size(),
                                                     message_seq, offset, view.sub(offset, count)));
    };
    if (cut == 0 || cut >= message.size()) {
      return {send(0, message.size(), record_sequence)};
    }
    return {send(0, cut, record_sequence), send(cut, message.size() - cut, record_sequence + 1)};
  }
};

}  // namespace fuzz
