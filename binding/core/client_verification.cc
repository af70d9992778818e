#include "core/client_verification.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "core/openssl_ptr.h"

namespace dtls {

namespace {

using Reason = CertificateReason;

// No authority that is trusted was found.
constexpr std::uint32_t untrusted =
    bit_of(Reason::untrusted_issuer) | bit_of(Reason::self_signed) | bit_of(Reason::incomplete_chain);

// Certificates between a client's and the authority that is trusted. OpenSSL's default is 100.
constexpr int most_intermediates = 10;

using StoreCtxPtr = std::unique_ptr<X509_STORE_CTX, OpenSslDeleter<X509_STORE_CTX_free>>;

// What is wrong with an issuer makes it none that vouches: that must not pass for a wrong usage, which people
// can choose to ignore. So does what has no name of its own here.
Reason reason_of(int error, int depth) {
  switch (error) {
    case X509_V_ERR_CERT_NOT_YET_VALID:
    case X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD:
      return Reason::not_yet_valid;
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD:
      return Reason::expired;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return Reason::self_signed;
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
    case X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE:
    case X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY:
    case X509_V_ERR_SIGNATURE_ALGORITHM_MISMATCH:
    case X509_V_ERR_SIGNATURE_ALGORITHM_INCONSISTENCY:
      return Reason::invalid_signature;
    case X509_V_ERR_INVALID_PURPOSE:
      return depth == 0 ? Reason::wrong_usage : Reason::untrusted_issuer;
    case X509_V_ERR_CERT_REVOKED:
      return Reason::revoked;
    case X509_V_ERR_UNABLE_TO_GET_CRL:
    case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
    case X509_V_ERR_CRL_NOT_YET_VALID:
    case X509_V_ERR_CRL_HAS_EXPIRED:
      return Reason::unknown_revocation;
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
    case X509_V_ERR_CA_MD_TOO_WEAK:
      return Reason::forbidden_algorithm;
    default:
      return Reason::untrusted_issuer;
  }
}

// What one verification is about, for OpenSSL's callbacks.
struct Findings {
  const ClientVerification& wanted;
  X509_STORE_CTX_verify_fn check = nullptr;  // OpenSSL's own
  std::uint32_t reasons = 0;

  bool leads_nowhere() const { return (reasons & ~wanted.ignored_reasons & untrusted) != 0; }
  bool is_trusted() const { return (reasons & untrusted) == 0; }
};

Findings& findings_of(X509_STORE_CTX* ctx) {
  return *static_cast<Findings*>(X509_STORE_CTX_get_app_data(ctx));
}

// Goes on after each error, so that all are seen.
int collect(int good, X509_STORE_CTX* ctx) {
  if (good == 0) {
    std::uint32_t& reasons = findings_of(ctx).reasons;
    const int error = X509_STORE_CTX_get_error(ctx);
    const int depth = X509_STORE_CTX_get_error_depth(ctx);
    reasons |= bit_of(reason_of(error, depth));
    // It may be the issuer's authority that is trusted, had the client sent the issuer's certificate.
    if (error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY && depth == 0) {
      reasons |= bit_of(Reason::incomplete_chain);
    }
  }
  return 1;
}

bool is_self_signed(X509* certificate) { return X509_self_signed(certificate, 0) == 1; }

bool chain_is_allowed(X509_STORE_CTX* ctx, const Findings& findings) {
  STACK_OF(X509)* const chain = X509_STORE_CTX_get0_chain(ctx);
  const int length = chain != nullptr ? sk_X509_num(chain) : 0;
  for (int i = 0; i < length; ++i) {
    X509* const link = sk_X509_value(chain, i);
    const bool is_end = i == length - 1 && (findings.is_trusted() || is_self_signed(link));
    if (!is_end && !findings.wanted.signatures.allow(link)) {
      return false;
    }
  }
  return true;
}

void check_times(X509_STORE_CTX* ctx, std::uint32_t& reasons) {
  STACK_OF(X509)* const chain = X509_STORE_CTX_get0_chain(ctx);
  time_t now = X509_VERIFY_PARAM_get_time(X509_STORE_CTX_get0_param(ctx));
  for (int i = 0; chain != nullptr && i < sk_X509_num(chain); ++i) {
    const X509* const link = sk_X509_value(chain, i);
    // 0 for what is no time; a time that is `now` itself counts as past.
    reasons |= X509_cmp_time(X509_get0_notBefore(link), &now) < 0 ? 0 : bit_of(Reason::not_yet_valid);
    reasons |= X509_cmp_time(X509_get0_notAfter(link), &now) > 0 ? 0 : bit_of(Reason::expired);
  }
}

// In place of OpenSSL's own, which checks every signature of a chain, whatever has been found before: a
// stranger could keep the loop busy with a long one of his own making. So what leads nowhere, or was signed
// in a way that is not allowed, is looked at no further.
int check_signatures(X509_STORE_CTX* ctx) {
  Findings& findings = findings_of(ctx);
  const bool allowed = chain_is_allowed(ctx, findings);
  if (!allowed) {
    findings.reasons |= bit_of(Reason::forbidden_algorithm);
  }
  const bool counts = allowed || (findings.wanted.ignored_reasons & bit_of(Reason::forbidden_algorithm)) != 0;
  if (counts && !findings.leads_nowhere()) {
    return findings.check(ctx);
  }
  check_times(ctx, findings.reasons);
  return 1;
}

}  // namespace

std::uint32_t ClientVerification::verify(X509* certificate, STACK_OF(X509) * others, WallTime now) const {
  const StoreCtxPtr ctx(X509_STORE_CTX_new());
  if (!ctx || X509_STORE_CTX_init(ctx.get(), trust->get(), certificate, others) != 1 ||
      X509_STORE_CTX_set_default(ctx.get(), "ssl_client") != 1) {
    ERR_clear_error();
    return bit_of(Reason::untrusted_issuer);
  }
  X509_VERIFY_PARAM* const parameters = X509_STORE_CTX_get0_param(ctx.get());
  X509_VERIFY_PARAM_set_time(parameters, static_cast<time_t>(now.seconds()));
  X509_VERIFY_PARAM_set_auth_level(parameters, security_level);
  X509_VERIFY_PARAM_set_depth(parameters, most_intermediates);
  // An authority that was named is trusted as it is, whoever stands above it.
  X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN);
  Findings findings{*this, X509_STORE_CTX_get_verify(ctx.get())};
  X509_STORE_CTX_set_app_data(ctx.get(), &findings);
  X509_STORE_CTX_set_verify_cb(ctx.get(), collect);
  X509_STORE_CTX_set_verify(ctx.get(), check_signatures);
  if (X509_verify_cert(ctx.get()) != 1) {
    findings.reasons |= bit_of(Reason::untrusted_issuer);
  }
  ERR_clear_error();
  return findings.reasons & ~ignored_reasons;
}

}  // namespace dtls
