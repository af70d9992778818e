// The keys of session tickets (RFC 5077). They rotate, and all who share a secret derive the same ones from
// it and the wall clock: workers and machines of one service resume each other's sessions.
#pragma once

#include <openssl/ssl.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/bytes.h"
#include "core/clock.h"

namespace dtls {

// Of one context, and one thread.
class TicketKeys {
 public:
  static constexpr std::size_t secret_size = 80;
  // As long as a session may live: tickets of the last period are good, and renewed. So are those of the next
  // one: another machine's clock may be ahead.
  static constexpr Duration rotation_period = Duration::seconds(10 * 60 * 60);

  // An empty secret: one that nobody shares is drawn. Throws std::runtime_error if OpenSSL has no randomness.
  explicit TicketKeys(ByteView secret);
  ~TicketKeys();
  TicketKeys(const TicketKeys&) = delete;
  TicketKeys& operator=(const TicketKeys&) = delete;

  // The context owns them from here on. Throws std::bad_alloc.
  static void give_to(SSL_CTX* ctx, std::unique_ptr<TicketKeys> keys);
  // What the time is for a handshake; must outlive it.
  static void bind_time(SSL* ssl, const WallTime* now);
  // This handshake gets none.
  static void withhold(SSL* ssl);

 private:
  struct Keys {
    std::int64_t period = -1;
    std::array<std::uint8_t, 16> name{};
    std::array<std::uint8_t, 32> cipher_key{};
    std::array<std::uint8_t, 32> mac_key{};
  };

  static int on_ticket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                       EVP_MAC_CTX* mac, int encrypts) noexcept;
  // Null if OpenSSL fails.
  const Keys* keys_of(std::int64_t period);

  std::array<std::uint8_t, secret_size> secret_{};
  std::array<Keys, 3> known_;  // by the period: the last, this and the next one
};

}  // namespace dtls
