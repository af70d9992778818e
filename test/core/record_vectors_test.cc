// Known answers: the PRF's, and whole records.
#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

#include "core/key_block.h"
#include "core/record_protection.h"
#include "protection_suites.h"
#include "suite_families.h"

using dtls::KeyBlock;
using dtls::ProtectionSuite;
using dtls::Writer;

namespace {

Bytes from_hex(const std::string& digits) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoi(digits.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

// 0, 1, 2 and so on, so that each key tells where in the block it stood.
KeyBlock counting_block(const ProtectionSuite& suite) {
  KeyBlock block(suite.key_block_size());
  for (std::size_t i = 0; i < suite.key_block_size(); ++i) {
    block.data()[i] = static_cast<std::uint8_t>(i);
  }
  return block;
}

// What the server has sealed with its keys of a counting block: this text as application data of epoch 1
// under this number; GCM and CCM with this explicit nonce, CBC with encrypt-then-MAC and the IV b0, b1 and so
// on. Computed with the primitives of Python's cryptography (ARIA: of Node's crypto), put together as RFC
// 5246 6.2.3, 5288, 6655, 7366 and 7905 say.
const std::string text = "In a hole in the ground there lived a record.";
constexpr std::uint64_t sequence = 0x010203040506;
constexpr std::uint64_t explicit_nonce = 0xa0a1a2a3a4a5a6a7;

struct Vector {
  std::string suite;
  std::string record;
};

const std::vector<Vector> aead_vectors = {
    {"ECDHE-ECDSA-AES128-GCM-SHA256",
     "17fefd00010102030405060045a0a1a2a3a4a5a6a7f8309ebfdf89c222376135ee0e38878892a51038485bba037a"
     "126f33a96879bde7fd51f5768455cee097c4387b738042907914e9f77167bcdc62ff495c"},
    {"ECDHE-ECDSA-AES256-GCM-SHA384",
     "17fefd00010102030405060045a0a1a2a3a4a5a6a7e018d0307300b6b2e9f9f8b1cc2af67cc9c4a0dfe65e2a591d"
     "56c9aacdacc28463d6e5b733326a9dd54d4fe3f4b6b4104548000ec04f9ea45cf1c076a8"},
    {"ECDHE-ECDSA-ARIA128-GCM-SHA256",
     "17fefd00010102030405060045a0a1a2a3a4a5a6a72371712e27fa2486f534234f4ce94d85191c9b1de5669d2fb7"
     "25eff940022542f44b86db8e9b33f55995ac2c27b23568d9fbc27fb59f545af32293a371"},
    {"ECDHE-ECDSA-AES128-CCM",
     "17fefd00010102030405060045a0a1a2a3a4a5a6a781b20273aeca995f3730600ca00f2b861ab739f890fdd59f33"
     "e01de5e73b301392f0cd7362d4bd5ac124dab51133a8c3a4a6780a6f07359974862bef7e"},
    {"ECDHE-ECDSA-AES256-CCM",
     "17fefd00010102030405060045a0a1a2a3a4a5a6a703a2a966016f5c5a6a623c22207b3fe29c59156c6c45088e4e"
     "40d138df30dad0391aa33d0a54e157408f68163f7525e902d2a6a3950b0e3eebffdcddb8"},
    {"ECDHE-ECDSA-AES128-CCM8",
     "17fefd0001010203040506003da0a1a2a3a4a5a6a781b20273aeca995f3730600ca00f2b861ab739f890fdd59f33"
     "e01de5e73b301392f0cd7362d4bd5ac124dab51190334aeb70e56238"},
    {"ECDHE-ECDSA-CHACHA20-POLY1305",
     "17fefd0001010203040506003d11147e8abe484dd8fe55a16b1df356b4ec180fa590040c424f5a4e6671544f7d15"
     "5566691e08e4b2797d43bee91578ee046f0207ea7f105f9465be859d"},
};

const std::vector<Vector> encrypt_then_mac_vectors = {
    {"ECDHE-ECDSA-AES128-SHA",
     "17fefd00010102030405060054b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc569765d2580e7d62294572aebb13b785d"
     "9941697f319ec352a8ee98ed4f3f03ad6c412a0ce7527428b365e25151e754162e091deacc80aef17538c8b8c81f"
     "9726d7252d"},
    {"ECDHE-ECDSA-AES128-SHA256",
     "17fefd00010102030405060060b0b1b2b3b4b5b6b7b8b9babbbcbdbebf543494c002e2d4c4bd05bc0161d75ca064"
     "0fbc5bde117194ce5eab52b8d6b82df392c6e3ea4f6d24605f5979c3ccf7957724f8b106272863bfd614ace73f6b"
     "87a88c8d714884c51242734e855e193e27"},
    {"ECDHE-ECDSA-AES256-SHA384",
     "17fefd00010102030405060070b0b1b2b3b4b5b6b7b8b9babbbcbdbebf6d12daabd88e208752fa51cfff50c6e563"
     "9cf378a9bc647df9a47ab491e43ef17270409ac758a8fb911fd705900ebe789837f401ce02888b1feeb20fa4a6ed"
     "bba96c13e3e11587c3c41d3809fb293a3609fddcb0224f524b539cc959188321c6"},
    {"ECDHE-ECDSA-CAMELLIA128-SHA256",
     "17fefd00010102030405060060b0b1b2b3b4b5b6b7b8b9babbbcbdbebf16a3e0eff9d6b06786286712d27fab9f02"
     "5f631222d1fb1ae0414dddc051b2041ab5769af6e1f2308b7345346bbea5d01ca475e2678d8651428da0e607a2b5"
     "690e05cdeb06d19036596e83184de53050"},
};

std::optional<Bytes> opened(const Vector& vector) {
  const ProtectionSuite& suite = suite_of(vector.suite, true);
  const KeyBlock block = counting_block(suite);
  const Bytes bytes = from_hex(vector.record);
  dtls::RecordReader reader(bytes);
  dtls::RecordContexts contexts(1);
  Bytes plaintext(dtls::max_plaintext);
  const auto size = contexts.open({suite, block, Writer::server, 1}, reader.next().value(), plaintext.data());
  if (!size) {
    return std::nullopt;
  }
  plaintext.resize(*size);
  return plaintext;
}

bool has(const Vector& vector) { return is_available({vector.suite, true, true, true}); }

}  // namespace

// Posted to the TLS working group's list while RFC 5246 was new, and used by many since.
TEST_CASE("the PRF gives the published answers") {
  struct Answer {
    const char* digest;
    std::string secret;
    std::string seed;
    std::string output;
  };
  const std::vector<Answer> answers = {
      {"SHA256", "9bbe436ba940f017b17652849a71db35", "a0ba9f936cda311827a6f796ffd5198c",
       "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14ba"
       "f9af0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a51"
       "10fff70187347b66"},
      {"SHA384", "b80b733d6ceefcdc71566ea48e5567df", "cd665cf6a8447dd6ff8b27555edb7465",
       "7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cde9ca0faa60be9fe34f82b1233c91"
       "46a0e534cb400fed2700884f9dc236f80edd8bfa961144c9e8d792eca722a7b32fc3d416d473ebc2c5fd4abfdad0"
       "5d9184259b5bf8cd4d90fa0d31e2dec479e4f1a26066f2eea9a69236a3e52655c9e9aee691c8f3a26854308d5eaa"
       "3be85e0990703d73e56f"},
  };
  for (const Answer& answer : answers) {
    const std::string label = "test label";
    Bytes seed(label.begin(), label.end());
    dtls::append(seed, from_hex(answer.seed));
    const Bytes expected = from_hex(answer.output);
    Bytes output(expected.size());
    REQUIRE(dtls::tls_prf(answer.digest, from_hex(answer.secret), seed, output.data(), output.size()));
    CHECK(output == expected);
  }
}

TEST_CASE("AEAD records are sealed to the byte as computed apart, and opened") {
  const Bytes plaintext(text.begin(), text.end());
  for (const Vector& vector : aead_vectors) {
    if (!has(vector)) {
      continue;
    }
    CAPTURE(vector.suite);
    const ProtectionSuite& suite = suite_of(vector.suite);
    const KeyBlock block = counting_block(suite);
    dtls::RecordContexts contexts(1);
    Bytes sealed(suite.sealed_size(plaintext.size()));
    REQUIRE(contexts.seal({suite, block, Writer::server, 1}, ContentType::application_data, 1, sequence,
                          explicit_nonce, plaintext, sealed.data()));
    CHECK(sealed == from_hex(vector.record));
    CHECK(opened(vector) == plaintext);
  }
}

TEST_CASE("encrypt-then-MAC records are opened as computed apart") {
  for (const Vector& vector : encrypt_then_mac_vectors) {
    if (!has(vector)) {
      continue;
    }
    CAPTURE(vector.suite);
    CHECK(opened(vector) == Bytes(text.begin(), text.end()));
  }
}

TEST_CASE("a key block has the client's key of each kind before the server's (RFC 5246 6.3)") {
  const ProtectionSuite& gcm = suite_of("ECDHE-ECDSA-AES256-GCM-SHA384");
  const KeyBlock aead = counting_block(gcm);
  CHECK(gcm.key_block_size() == 2 * (32 + 4));
  CHECK(aead.mac_key(gcm, Writer::client).empty());
  CHECK(aead.key(gcm, Writer::client)[0] == 0);
  CHECK(aead.key(gcm, Writer::server)[0] == 32);
  CHECK(aead.fixed_iv(gcm, Writer::client)[0] == 64);
  CHECK(aead.fixed_iv(gcm, Writer::server)[0] == 68);

  const ProtectionSuite& cbc = suite_of("ECDHE-ECDSA-AES128-SHA256", true);
  const KeyBlock block = counting_block(cbc);
  CHECK(cbc.key_block_size() == 2 * (32 + 16));
  CHECK(block.mac_key(cbc, Writer::client)[0] == 0);
  CHECK(block.mac_key(cbc, Writer::server)[0] == 32);
  CHECK(block.key(cbc, Writer::client)[0] == 64);
  CHECK(block.key(cbc, Writer::server)[0] == 80);
  CHECK(block.fixed_iv(cbc, Writer::server).empty());
}
