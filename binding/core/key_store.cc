#include "core/key_store.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <climits>
#include <utility>

#include "core/certificate.h"
#include "core/certificate_chain.h"
#include "core/distinguished_name.h"
#include "core/store_contents.h"

namespace dtls {

namespace {

bool is_text(ByteView bytes) {
  static constexpr char marker[] = "-----BEGIN";
  return std::search(bytes.begin(), bytes.end(), marker, marker + sizeof marker - 1) != bytes.end();
}

bool is_der_sequence(ByteView bytes) { return !bytes.empty() && bytes[0] == 0x30; }

StoreContents read_certificate_alone(ByteView bytes) {
  StoreContents contents;
  if (const X509Ptr certificate = read_certificate(bytes)) {
    contents.certificates.push_back(certificate_der(certificate.get()));
  }
  return contents;
}

StoreContents detect(ByteView bytes, ByteView password) {
  // DER first: a PFX may hold any bytes, "-----BEGIN" among them.
  if (is_der_sequence(bytes)) {
    if (std::optional<StoreContents> pfx = read_pfx(bytes, password)) {
      return std::move(*pfx);
    }
    StoreContents contents = read_certificate_alone(bytes);
    if (!contents.certificates.empty()) {
      return contents;
    }
    if (std::optional<StoreContents> message = read_pkcs7(bytes)) {
      return std::move(*message);
    }
    SecretBytes key = read_der_key(bytes, password);
    if (!key.empty()) {
      contents.private_keys.push_back(std::move(key));
    }
    return contents;
  }
  if (is_text(bytes)) {
    return read_pem(bytes, password, true);
  }
  return {};
}

StoreContents read_contents(ByteView bytes, ByteView password, StoreFormat format) {
  switch (format) {
    case StoreFormat::pfx: {
      std::optional<StoreContents> contents = read_pfx(bytes, password);
      if (!contents) {
        throw StoreError(StoreProblem::unreadable, "this is no PFX (PKCS#12) store");
      }
      if (contents->certificates.empty() && contents->private_keys.empty()) {
        throw StoreError(StoreProblem::unreadable, "the PFX holds neither a certificate nor a private key");
      }
      return std::move(*contents);
    }
    case StoreFormat::pem:
      return read_pem(bytes, password, true);
    case StoreFormat::certificate: {
      if (!is_der_sequence(bytes) && is_text(bytes)) {
        return read_pem(bytes, {}, false);
      }
      StoreContents contents = read_certificate_alone(bytes);
      if (contents.certificates.empty()) {
        throw StoreError(StoreProblem::unreadable, "this is no X.509 certificate, neither DER nor PEM");
      }
      return contents;
    }
    case StoreFormat::pkcs7: {
      if (!is_der_sequence(bytes) && is_text(bytes)) {
        return read_pem(bytes, {}, false);
      }
      std::optional<StoreContents> contents = read_pkcs7(bytes);
      if (!contents || contents->certificates.empty()) {
        throw StoreError(StoreProblem::unreadable, contents ? "the PKCS#7 holds no certificate"
                                                            : "this is no PKCS#7, neither DER nor PEM");
      }
      return std::move(*contents);
    }
    case StoreFormat::detect:
      break;
  }
  StoreContents contents = detect(bytes, password);
  if (contents.certificates.empty() && contents.private_keys.empty()) {
    throw StoreError(StoreProblem::unreadable,
                     "there is no certificate or private key in a format known here");
  }
  return contents;
}

// Sorts what a store contains into leaves with their keys and chains.
class Sorter {
 public:
  Sorter(const StoreContents& contents, const std::vector<std::vector<std::uint8_t>>& more) {
    for (const auto* const certificates : {&contents.certificates, &more}) {
      for (const std::vector<std::uint8_t>& der : *certificates) {
        add_certificate(der);
      }
    }
    for (const SecretBytes& der : contents.private_keys) {
      EvpPkeyPtr key = decode_key(der.view());
      if (!key) {
        throw StoreError(StoreProblem::unreadable,
                         "the store holds a private key of a kind that this OpenSSL does not know: " +
                             take_openssl_reason());
      }
      const auto same = [&](const EvpPkeyPtr& known) { return EVP_PKEY_eq(known.get(), key.get()) == 1; };
      if (std::none_of(keys_.begin(), keys_.end(), same)) {
        keys_.push_back(std::move(key));
      }
    }
    in_chain_.resize(certificates_.size());
    with_key_.resize(certificates_.size());
    listed_.resize(certificates_.size());
    key_used_.resize(keys_.size());
  }

  std::vector<StoreEntry> entries() {
    std::vector<StoreEntry> entries;
    for (std::size_t i = 0; i < certificates_.size(); ++i) {
      for (std::size_t k = 0; k < keys_.size() && !with_key_[i]; ++k) {
        if (X509_check_private_key(certificates_[i].get(), keys_[k].get()) != 1) {
          continue;
        }
        with_key_[i] = key_used_[k] = true;
        entries.push_back({subject_of(i), ders_[i], pkcs8_der(keys_[k].get()), chain_of(i)});
      }
    }
    add_bare_certificates(entries);
    for (std::size_t k = 0; k < keys_.size(); ++k) {
      if (!key_used_[k]) {
        entries.push_back({"", {}, pkcs8_der(keys_[k].get()), {}});
      }
    }
    ERR_clear_error();
    return entries;
  }

 private:
  void add_certificate(const std::vector<std::uint8_t>& der) {
    if (std::find(ders_.begin(), ders_.end(), der) != ders_.end()) {
      return;
    }
    X509Ptr certificate = read_certificate(der);
    if (!certificate) {
      throw StoreError(StoreProblem::unreadable, "a certificate is damaged");
    }
    ders_.push_back(der);
    certificates_.push_back(std::move(certificate));
  }

  std::string subject_of(std::size_t i) const {
    return distinguished_name(X509_get_subject_name(certificates_[i].get()));
  }

  std::vector<std::vector<std::uint8_t>> chain_of(std::size_t leaf) {
    std::vector<std::vector<std::uint8_t>> chain;
    for (const std::size_t issuer : chain_above(certificates_, leaf)) {
      in_chain_[issuer] = true;
      chain.push_back(ders_[issuer]);
    }
    return chain;
  }

  // Certificates without a key are entries of their own unless they serve in a chain. Those that issued
  // none of the others come first, so that two that issued each other don't hide behind each other.
  void add_bare_certificates(std::vector<StoreEntry>& entries) {
    for (const bool issuers : {false, true}) {
      for (std::size_t i = 0; i < certificates_.size(); ++i) {
        if (with_key_[i] || in_chain_[i] || listed_[i] || (!issuers && issued_another(i))) {
          continue;
        }
        listed_[i] = true;
        entries.push_back({subject_of(i), ders_[i], {}, chain_of(i)});
      }
    }
  }

  bool issued_another(std::size_t issuer) const {
    const auto* const name = X509_get_subject_name(certificates_[issuer].get());
    for (std::size_t i = 0; i < certificates_.size(); ++i) {
      if (i != issuer && X509_NAME_cmp(name, X509_get_issuer_name(certificates_[i].get())) == 0) {
        return true;
      }
    }
    return false;
  }

  std::vector<std::vector<std::uint8_t>> ders_;
  std::vector<X509Ptr> certificates_;
  std::vector<EvpPkeyPtr> keys_;
  std::vector<bool> in_chain_;
  std::vector<bool> with_key_;
  std::vector<bool> listed_;
  std::vector<bool> key_used_;
};

}  // namespace

std::vector<StoreEntry> open_store(ByteView bytes, ByteView password, StoreFormat format,
                                   const std::vector<std::vector<std::uint8_t>>& more) {
  if (bytes.size() > INT_MAX) {
    throw StoreError(StoreProblem::unreadable, "the store is too large");
  }
  if (bytes.empty()) {
    throw StoreError(StoreProblem::unreadable, "the store is empty");
  }
  ERR_clear_error();
  const StoreContents contents = read_contents(bytes, password, format);
  return Sorter(contents, more).entries();
}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  if (this != &other) {
    wipe();
    bytes_ = std::move(other.bytes_);
    other.bytes_.clear();
  }
  return *this;
}

void SecretBytes::wipe() {
  if (!bytes_.empty()) {
    OPENSSL_cleanse(bytes_.data(), bytes_.size());
  }
  bytes_.clear();
}

}  // namespace dtls
