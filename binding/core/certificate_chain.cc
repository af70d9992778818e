#include "core/certificate_chain.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

namespace dtls {

namespace {

constexpr std::size_t none = static_cast<std::size_t>(-1);

// How sure it is that `issuer` has issued `subject`: 0 not at all, 3 by signature. Where OpenSSL does not
// know its algorithm, 1 by name, 2 as far as their extensions tell.
int likelihood(X509* issuer, X509* subject) {
  if (X509_NAME_cmp(X509_get_subject_name(issuer), X509_get_issuer_name(subject)) != 0) {
    return 0;
  }
  const int verified = X509_verify(subject, X509_get0_pubkey(issuer));
  if (verified >= 0) {
    return verified == 1 ? 3 : 0;
  }
  return X509_check_issued(issuer, subject) == X509_V_OK ? 2 : 1;
}

std::size_t issuer_of(X509* subject, const std::vector<X509Ptr>& certificates,
                      const std::vector<bool>& taken) {
  std::size_t best = none;
  int best_likelihood = 0;
  for (std::size_t i = 0; i < certificates.size(); ++i) {
    const int found = taken[i] ? 0 : likelihood(certificates[i].get(), subject);
    if (found > best_likelihood) {
      best = i;
      best_likelihood = found;
    }
  }
  return best;
}

}  // namespace

std::vector<std::size_t> chain_above(const std::vector<X509Ptr>& certificates, std::size_t leaf) {
  std::vector<std::size_t> chain;
  std::vector<bool> taken(certificates.size());
  for (std::size_t at = leaf; at != none;) {
    taken[at] = true;
    if (at != leaf) {
      chain.push_back(at);
    }
    X509* const certificate = certificates[at].get();
    at = X509_self_signed(certificate, 0) == 1 ? none : issuer_of(certificate, certificates, taken);
  }
  ERR_clear_error();
  return chain;
}

}  // namespace dtls
