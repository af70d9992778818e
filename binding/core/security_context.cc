#include "core/security_context.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <new>
#include <set>
#include <vector>

#include "core/cipher_suites.h"
#include "core/hello_extensions.h"
#include "core/openssl_library.h"
#include "core/ssl_conduit.h"
#include "core/ticket_keys.h"

namespace dtls {

namespace {

[[noreturn]] void fail(SecurityProblem problem, const std::string& what) {
  const std::string reason = take_openssl_reason();
  throw SecurityError(problem, reason.empty() ? what : what + " (" + reason + ")");
}

X509Ptr parse_certificate(const std::vector<std::uint8_t>& der) {
  const unsigned char* from = der.data();
  return X509Ptr(d2i_X509(nullptr, &from, static_cast<long>(der.size())));
}

EvpPkeyPtr parse_private_key(ByteView der) {
  const unsigned char* from = der.data();
  return EvpPkeyPtr(d2i_AutoPrivateKey(nullptr, &from, static_cast<long>(der.size())));
}

// Accepts: the owner of the endpoint decides, after CertificateVerify has been checked and before our final
// flight leaves (Association::Phase::deciding).
int accept_chain(X509_STORE_CTX* /*store*/, void* /*unused*/) { return 1; }

// The cookie has been checked before OpenSSL sees the hello; it asks twice (DTLSv1_listen, then accept).
int cookie_is_good(SSL* /*ssl*/, const unsigned char* /*cookie*/, unsigned int /*length*/) { return 1; }
int make_no_cookie(SSL* /*ssl*/, unsigned char* /*cookie*/, unsigned int* /*length*/) { return 0; }

void set_certificates(SSL_CTX* ctx, const SecuritySettings& settings) {
  if (settings.certificates.empty()) {
    fail(SecurityProblem::certificate, "no certificate was given");
  }
  const X509Ptr leaf = parse_certificate(settings.certificates.front());
  if (!leaf) {
    fail(SecurityProblem::certificate, "the certificate can't be read");
  }
  if (settings.private_key.empty()) {
    fail(SecurityProblem::certificate, "the certificate has no private key");
  }
  const EvpPkeyPtr key = parse_private_key(settings.private_key);
  if (!key) {
    fail(SecurityProblem::certificate, "the private key can't be read");
  }
  if (SSL_CTX_use_certificate(ctx, leaf.get()) != 1) {
    fail(SecurityProblem::certificate, "OpenSSL refuses the certificate");
  }
  if (SSL_CTX_use_PrivateKey(ctx, key.get()) != 1 || SSL_CTX_check_private_key(ctx) != 1) {
    fail(SecurityProblem::certificate, "the private key does not belong to the certificate");
  }
  for (std::size_t i = 1; i < settings.certificates.size(); ++i) {
    const X509Ptr link = parse_certificate(settings.certificates[i]);
    if (!link || SSL_CTX_add1_chain_cert(ctx, link.get()) != 1) {
      fail(SecurityProblem::certificate, "a certificate of the chain can't be used");
    }
  }
}

void set_versions(SSL_CTX* ctx, const SecuritySettings& settings) {
  if (!settings.dtls_1_2 && !settings.dtls_1_0) {
    fail(SecurityProblem::unsupported, "no protocol version is allowed that this OpenSSL has");
  }
  if (settings.dtls_1_0) {
    SSL_CTX_set_security_level(ctx, 0);  // OpenSSL has SHA-1 and MD5, and so this version, at no other
  }
  if (SSL_CTX_set_min_proto_version(ctx, settings.dtls_1_0 ? DTLS1_VERSION : DTLS1_2_VERSION) != 1 ||
      SSL_CTX_set_max_proto_version(ctx, settings.dtls_1_2 ? DTLS1_2_VERSION : DTLS1_VERSION) != 1) {
    fail(SecurityProblem::unsupported, "this OpenSSL lacks a protocol version that is allowed");
  }
}

void set_algorithms(SSL_CTX* ctx, const SecuritySettings& settings, const SignatureAlgorithms& signatures) {
  const bool ecdhe = !settings.groups.empty();
  if (ecdhe && SSL_CTX_set1_groups_list(ctx, settings.groups.c_str()) != 1) {
    fail(SecurityProblem::unsupported, "a group is not available");
  }
  if (!offer_cipher_suites(ctx, {settings.cipher_list, settings.minimum_strength, ecdhe})) {
    fail(SecurityProblem::unsupported, "none of the cipher suites is available");
  }
  SSL_CTX_set_dh_auto(ctx, 1);
  if (!signatures.restrict(ctx)) {
    fail(SecurityProblem::unsupported, "a signature algorithm is not available");
  }
  const EVP_PKEY* const key = SSL_CTX_get0_privatekey(ctx);
  if (!any_suite_serves(ctx, key, signatures)) {
    fail(SecurityProblem::unsupported,
         std::string("none of the cipher suites works with the certificate's key, which is of type ") +
             EVP_PKEY_get0_type_name(key) +
             ", and the signature algorithms allowed; most work with an EC or an RSA key");
  }
}

// A client may resume for as long as the reference's own limit.
constexpr long session_lifetime_seconds = 10 * 60 * 60;
constexpr long most_cached_sessions = 1024;  // about a kilobyte each; clients with tickets need none

// What a session was made under. A handshake under anything else is a full one: a client that has not shown a
// certificate, say, can't get in by a ticket where one is asked for, whoever shares the secret of the
// tickets.
std::array<unsigned char, 32> policy_of(const SecuritySettings& settings) {
  const auto flag = [](bool value) { return std::string(value ? "1" : "0"); };
  const std::string policy = flag(settings.request_client_certificate) + flag(settings.dtls_1_0) +
                             flag(settings.dtls_1_2) + '|' + settings.cipher_list + '|' +
                             std::to_string(settings.minimum_strength) + '|' + settings.groups + '|' +
                             settings.signature_algorithms;
  std::array<unsigned char, 32> digest{};
  if (EVP_Digest(policy.data(), policy.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1) {
    throw std::bad_alloc();
  }
  return digest;
}

void set_resumption(SSL_CTX* ctx, const SecuritySettings& settings) {
  if (!settings.resumption) {
    SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    return;
  }
  const std::array<unsigned char, 32> policy = policy_of(settings);
  SSL_CTX_set_session_id_context(ctx, policy.data(), static_cast<unsigned int>(policy.size()));
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_SERVER);
  SSL_CTX_sess_set_cache_size(ctx, most_cached_sessions);
  SSL_CTX_set_timeout(ctx, session_lifetime_seconds);
  TicketKeys::give_to(ctx, std::make_unique<TicketKeys>(settings.ticket_secret));
}

// Names the authorities that were given one by one.
void ask_for_certificates(SSL_CTX* ctx, const TrustStore& trust) {
  SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_cert_verify_callback(ctx, accept_chain, nullptr);
  SSL_CTX_set_max_cert_list(ctx, SecurityContext::longest_certificate_message);
  constexpr std::size_t longest_list = 65535;  // of the names in a CertificateRequest (RFC 5246 7.4.4)
  std::set<std::vector<std::uint8_t>> names;
  std::size_t size = 0;
  for (const X509Ptr& authority : trust.named()) {
    const unsigned char* bytes = nullptr;
    std::size_t length = 0;
    if (X509_NAME_get0_der(X509_get_subject_name(authority.get()), &bytes, &length) != 1) {
      throw std::bad_alloc();
    }
    if (!names.emplace(bytes, bytes + length).second) {
      continue;
    }
    size += 2 + length;
    if (size > longest_list) {
      fail(SecurityProblem::certificate,
           "the names of the clients' authorities do not fit a CertificateRequest");
    }
    if (SSL_CTX_add_client_CA(ctx, authority.get()) != 1) {
      throw std::bad_alloc();
    }
  }
}

}  // namespace

SecurityContext::SecurityContext(const SecuritySettings& settings)
    : renegotiation_info_(settings.renegotiation_info), caches_sessions_(settings.resumption) {
  initialize_openssl();
  ERR_clear_error();
  ctx_.reset(SSL_CTX_new(DTLS_server_method()));
  if (!ctx_) {
    fail(SecurityProblem::unsupported, "OpenSSL can't make a DTLS server context");
  }
  SSL_CTX* ctx = ctx_.get();
  set_versions(ctx, settings);
  // NO_QUERY_MTU: the MTU is set for each SSL.
  SSL_CTX_set_options(ctx, SSL_OP_NO_QUERY_MTU | SSL_OP_COOKIE_EXCHANGE | SSL_OP_NO_RENEGOTIATION |
                               SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
  set_resumption(ctx, settings);
  register_hello_extensions(ctx);
  SSL_CTX_set_read_ahead(ctx, 1);  // DTLS reads whole datagrams
  SSL_CTX_set_cookie_verify_cb(ctx, cookie_is_good);
  SSL_CTX_set_cookie_generate_cb(ctx, make_no_cookie);
  set_certificates(ctx, settings);
  const SignatureAlgorithms signatures(settings.signature_algorithms);
  set_algorithms(ctx, settings, signatures);
  if (settings.request_client_certificate) {
    const auto trust = settings.client_trust ? settings.client_trust : TrustStore::of_bundles({});
    ask_for_certificates(ctx, *trust);
    client_verification_ = std::make_unique<const ClientVerification>(
        ClientVerification{trust, settings.ignored_reasons, signatures, SSL_CTX_get_security_level(ctx)});
  }
  if (settings.key_log) {
    SSL_CTX_set_keylog_callback(ctx, SslConduit::on_key_log);
  }
}

}  // namespace dtls
