#include "core/session_data.h"

#include <openssl/err.h>

#include <vector>

#include "core/bytes.h"
#include "core/certificate.h"

namespace dtls {

namespace {

// As kept: the bits, the chain in DER.
constexpr std::size_t header_size = 2;

ByteView kept_in(SSL_SESSION* session) {
  void* bytes = nullptr;
  std::size_t size = 0;
  if (session == nullptr || SSL_SESSION_get0_ticket_appdata(session, &bytes, &size) != 1) {
    return {};
  }
  const ByteView kept(static_cast<const std::uint8_t*>(bytes), size);
  return kept.size() >= header_size ? kept : ByteView();
}

std::vector<std::uint8_t> chain_in_der(SSL* ssl) {
  std::vector<std::uint8_t> bytes;
  const STACK_OF(X509)* const chain = SSL_get_peer_cert_chain(ssl);  // of a client: without its own
  for (int i = 0; chain != nullptr && i < sk_X509_num(chain); ++i) {
    append(bytes, certificate_der(sk_X509_value(chain, i)));
  }
  return bytes;
}

}  // namespace

bool SessionData::keep(SSL* ssl, std::uint16_t key_exchange_bits) {
  std::vector<std::uint8_t> bytes(header_size);
  put_number(bytes.data(), key_exchange_bits, 2);
  append(bytes, chain_in_der(ssl));
  X509* const own = SSL_get0_peer_certificate(ssl);
  const std::size_t size = bytes.size() + (own != nullptr ? certificate_der(own).size() : 0);
  if (size > most_certificate_bytes ||
      SSL_SESSION_set1_ticket_appdata(SSL_get_session(ssl), bytes.data(), bytes.size()) != 1) {
    ERR_clear_error();
    return false;
  }
  return true;
}

SessionData SessionData::of(SSL* ssl) {
  SessionData data;
  const ByteView kept = kept_in(SSL_get_session(ssl));
  if (kept.empty()) {
    return data;
  }
  data.key_exchange_bits = static_cast<std::uint16_t>(number_at(kept.data(), 2));
  const unsigned char* at = kept.data() + header_size;
  if (at < kept.end()) {
    data.chain.reset(sk_X509_new_null());
  }
  while (data.chain && at < kept.end()) {
    X509Ptr link(d2i_X509(nullptr, &at, static_cast<long>(kept.end() - at)));
    if (!link || sk_X509_push(data.chain.get(), link.get()) == 0) {
      break;
    }
    link.release();
  }
  ERR_clear_error();
  return data;
}

}  // namespace dtls
